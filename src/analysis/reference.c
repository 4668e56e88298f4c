/* SPDX-License-Identifier: MIT
 * reference.c - a small network computed exactly: plain loops in double, forward and backward.
 * Copyright (c) 2026 the wavenet authors */
#include "analysis/reference.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/reference_pointwise.h"
#include "analysis/reference_window.h"
#include "base/error.h"
#include "kinds/activation_kinks.h"

/* Plain loops take about a nanosecond per product. */
#define MAX_VALUES ((int64_t)1 << 24)
#define MAX_PRODUCTS 1e10

bool wn_reference_has_weights(const wn_reference_layer *l)
{
    return l->spec.kind == WN_SPEC_CONV || l->spec.kind == WN_SPEC_TRANSPOSED || l->spec.kind == WN_SPEC_DENSE;
}

/* ---- shapes ------------------------------------------------------------------------------------------------------ */

/* Where a message about a layer comes from. */
typedef struct place {
    const char *where;
    wn_error *error;
    char name[WN_SPEC_NAME];
    int number;
} place;

#define FAIL(place, status, format, ...) \
    wn_fail((place)->error, status, (place)->where, "layer %d, '%s': " format, (place)->number, (place)->name, \
            __VA_ARGS__)

/* Weights of one filter: channels it reads times taps. */
static int64_t weights_per_output(const wn_reference_layer *l)
{
    if (l->spec.kind == WN_SPEC_DENSE) return wn_shape_count(&l->in);
    wn_spec_axis r = wn_reference_axis(&l->spec, 0), c = wn_reference_axis(&l->spec, 1);
    return l->in.channels / l->spec.groups * r.kernel * c.kernel;
}

/* Filters that the list does not state follow from the number of weights. */
static wn_status infer_outputs(wn_reference_layer *l, const wn_reference_given *given, const place *at)
{
    int64_t each = weights_per_output(l), groups = l->spec.groups;
    if (!given->weights) return FAIL(at, WN_ERROR_ARGUMENT, "no weights; %lld per filter needed", (long long)each);
    if (given->n_weights % each || given->n_weights / each > MAX_VALUES || given->n_weights / each % groups)
        return FAIL(at, WN_ERROR_ARGUMENT, "%lld weights; a multiple of %lld needed: %lld channels x kernel",
                    (long long)given->n_weights, (long long)(each * groups), (long long)(l->in.channels / groups));
    l->outputs = (int)(given->n_weights / each);
    return WN_OK;
}

static wn_status check_weights(wn_reference_layer *l, const wn_reference_given *given, const place *at)
{
    int64_t each = weights_per_output(l), wanted = each * l->outputs;
    if (!given->weights)
        return FAIL(at, WN_ERROR_ARGUMENT, "no weights; %lld needed, %d filters of %lld", (long long)wanted, l->outputs,
                    (long long)each);
    if (given->n_weights != wanted)
        return FAIL(at, WN_ERROR_ARGUMENT, "%lld weights; %lld needed, %d filters of %lld", (long long)given->n_weights,
                    (long long)wanted, l->outputs, (long long)each);
    if (given->bias && given->n_bias != l->outputs)
        return FAIL(at, WN_ERROR_ARGUMENT, "%lld biases; %d needed, one per filter", (long long)given->n_bias,
                    l->outputs);
    l->n_weights = wanted;
    l->n_bias = l->outputs;
    return WN_OK;
}

static wn_status shape_parameters(wn_reference_layer *l, const wn_reference_given *given, const place *at)
{
    if (!wn_reference_has_weights(l)) {
        if (!given->weights && !given->bias) return WN_OK;
        return FAIL(at, WN_ERROR_ARGUMENT, "it has no weights; %lld given",
                    (long long)(given->n_weights + given->n_bias));
    }
    if (l->in.channels % l->spec.groups)
        return FAIL(at, WN_ERROR_ARGUMENT, "%lld channels; a multiple of its %d groups needed",
                    (long long)l->in.channels, l->spec.groups);
    if (weights_per_output(l) > MAX_VALUES)
        return FAIL(at, WN_ERROR_UNSUPPORTED, "%lld weights per filter; %lld are the limit",
                    (long long)weights_per_output(l), (long long)MAX_VALUES);
    wn_status status = l->outputs ? WN_OK : infer_outputs(l, given, at);
    return status ? status : check_weights(l, given, at);
}

/* A window of a pool must hold an input, not zeros of the padding alone. */
static wn_status check_pool_padding(const wn_spec_axis *a, const place *at)
{
    int most = a->padding > a->padding_end ? a->padding : a->padding_end;
    if (most < a->kernel) return WN_OK;
    return FAIL(at, WN_ERROR_ARGUMENT, "a padding of %d; less than its kernel of %d needed", most, a->kernel);
}

/* The output size along one axis: rows (0) or columns (1). */
static wn_status shape_axis(wn_reference_layer *l, int a, const place *at)
{
    static const char *const names[] = {"rows", "columns"};
    if (l->spec.rank == 1 && a == 0) {
        l->out.size[0] = 1;
        return WN_OK;
    }
    int axis = l->spec.rank == 2 ? a : 0;
    const wn_spec_axis *x = &l->spec.axis[axis];
    const char *what = l->spec.rank == 2 ? names[a] : "positions";
    wn_spec_fit(&l->spec, axis, l->in.size[a]);
    l->out.size[a] = wn_spec_size(&l->spec, axis, l->in.size[a]);
    if (l->out.size[a] > MAX_VALUES)
        return FAIL(at, WN_ERROR_UNSUPPORTED, "%lld %s of output; %lld are the limit", (long long)l->out.size[a], what,
                    (long long)MAX_VALUES);
    if (l->out.size[a] > 0) return WN_OK;
    if (l->spec.kind == WN_SPEC_TRANSPOSED)
        return FAIL(at, WN_ERROR_ARGUMENT, "an input of %lld %s gives no output; its padding cuts off %lld",
                    (long long)l->in.size[a], what, (long long)x->padding + x->padding_end);
    return FAIL(at, WN_ERROR_ARGUMENT, "an input of %lld %s; at least %lld needed", (long long)l->in.size[a], what,
                (long long)(wn_spec_effective(&l->spec, axis) - x->padding - x->padding_end));
}

static wn_status shape_window(wn_reference_layer *l, const place *at)
{
    if (l->spec.rank != l->in.rank)
        return FAIL(at, WN_ERROR_ARGUMENT, "an input of %d %s; a kernel such as %s needed", l->in.rank,
                    l->in.rank == 2 ? "axes, rows and columns" : "axis", l->in.rank == 2 ? "3x3" : "3");
    bool pool = l->spec.kind == WN_SPEC_POOL || l->spec.kind == WN_SPEC_AVERAGE;
    l->out.channels = pool ? l->in.channels : l->outputs;
    wn_status status = WN_OK;
    for (int a = 0; !status && a < 2; a++) status = shape_axis(l, a, at);
    for (int a = 0; !status && pool && a < l->spec.rank; a++) status = check_pool_padding(&l->spec.axis[a], at);
    return status;
}

static double layer_products(const wn_reference_layer *l)
{
    if (!wn_spec_has_window(&l->spec)) return (double)(l->n_weights > 0 ? l->n_weights : wn_shape_count(&l->out));
    const wn_shape *small = l->spec.kind == WN_SPEC_TRANSPOSED ? &l->in : &l->out;
    double positions = (double)small->size[0] * (double)small->size[1];
    if (l->n_weights > 0) return (double)l->n_weights * positions;
    return (double)wn_reference_axis(&l->spec, 0).kernel * wn_reference_axis(&l->spec, 1).kernel * positions *
           (double)small->channels;
}

double wn_reference_products(const wn_reference *r)
{
    double sum = 0;
    for (int i = 0; i < r->n; i++) sum += layer_products(&r->layers[i]);
    return sum;
}

static wn_status shape_layer(wn_reference_layer *l, const wn_reference_given *given, const place *at)
{
    if (l->spec.kind >= WN_SPEC_OPEN)
        return wn_fail(at->error, WN_ERROR_UNSUPPORTED, at->where,
                       "branches are for receptive fields (wavenet rf); layers in series expected");
    wn_status status = shape_parameters(l, given, at);
    if (status) return status;
    l->out = l->in;
    if (wn_spec_has_window(&l->spec)) status = shape_window(l, at);
    if (l->spec.kind == WN_SPEC_DENSE) l->out = (wn_shape){1, l->outputs, {1, 1}};
    if (status) return status;
    if ((double)l->out.channels * (double)l->out.size[0] * (double)l->out.size[1] > (double)MAX_VALUES)
        return FAIL(at, WN_ERROR_UNSUPPORTED, "%lld x %lld x %lld outputs; %lld are the limit",
                    (long long)l->out.channels, (long long)l->out.size[0], (long long)l->out.size[1],
                    (long long)MAX_VALUES);
    if (layer_products(l) > MAX_PRODUCTS)
        return FAIL(at, WN_ERROR_UNSUPPORTED, "%.3g products; %.3g are the limit", layer_products(l), MAX_PRODUCTS);
    return WN_OK;
}

/* ---- memory ------------------------------------------------------------------------------------------------------ */

static bool is_routed(const wn_reference_layer *l)
{
    double p[WN_ACT_PARAMETERS], kinks[WN_ACT_MAX_KINKS];
    if (l->spec.kind == WN_SPEC_POOL) return true;
    wn_reference_act_defaults(l->spec.act, p);
    return l->spec.kind == WN_SPEC_ACTIVATION && wn_act_kinks(l->spec.act, p, kinks) > 0;
}

static bool new_doubles(double **out, int64_t n)
{
    *out = calloc((size_t)(n > 0 ? n : 1), sizeof **out);
    return *out != NULL;
}

static bool layer_allocate(wn_reference_layer *l)
{
    int64_t outputs = wn_shape_count(&l->out);
    bool ok = new_doubles(&l->y, outputs) && new_doubles(&l->dy, outputs) && new_doubles(&l->weights, l->n_weights) &&
              new_doubles(&l->bias, l->n_bias) && new_doubles(&l->dweights, l->n_weights) &&
              new_doubles(&l->dbias, l->n_bias);
    if (!ok || !is_routed(l)) return ok;
    l->route = calloc((size_t)outputs, sizeof *l->route);
    return l->route != NULL;
}

static wn_status add_layer(wn_reference *r, const wn_spec *spec, const wn_reference_given *given, bool flip, place *at)
{
    wn_reference_layer *l = &r->layers[r->n];
    *l = (wn_reference_layer){.spec = *spec, .number = r->n + 1, .outputs = spec->outputs, .flip = flip};
    l->in = r->n ? l[-1].out : r->in;
    at->number = l->number;
    wn_spec_name(at->name, spec);
    wn_status status = shape_layer(l, given, at);
    if (status) return status;
    r->n++;
    if (!layer_allocate(l)) return wn_fail_memory(at->error, at->where);
    if (l->n_weights) memcpy(l->weights, given->weights, (size_t)l->n_weights * sizeof *l->weights);
    if (l->n_bias && given->bias) memcpy(l->bias, given->bias, (size_t)l->n_bias * sizeof *l->bias);
    return WN_OK;
}

wn_status wn_reference_new(wn_reference **out, const wn_spec *specs, int n, const wn_shape *in, const double *x,
                           const wn_reference_given *given, bool flip, const char *where, wn_error *error)
{
    *out = NULL;
    wn_reference *r = calloc(1, sizeof *r);
    if (!r) return wn_fail_memory(error, where);
    place at = {.where = where, .error = error};
    int64_t inputs = wn_shape_count(in);
    r->in = *in;
    r->layers = calloc((size_t)n, sizeof *r->layers);
    bool ok = r->layers && new_doubles(&r->x, inputs) && new_doubles(&r->dx, inputs);
    if (ok) memcpy(r->x, x, (size_t)inputs * sizeof *x);
    wn_status status = ok ? WN_OK : wn_fail_memory(error, where);
    for (int i = 0; !status && i < n; i++) status = add_layer(r, &specs[i], &given[i], flip, &at);
    if (status)
        wn_reference_free(r);
    else
        *out = r;
    return status;
}

void wn_reference_free(wn_reference *r)
{
    if (!r) return;
    for (int i = 0; r->layers && i < r->n; i++) {
        wn_reference_layer *l = &r->layers[i];
        free(l->weights);
        free(l->bias);
        free(l->y);
        free(l->route);
        free(l->dy);
        free(l->dweights);
        free(l->dbias);
    }
    free(r->layers);
    free(r->target);
    free(r->x);
    free(r->dx);
    free(r);
}

/* ---- loss -------------------------------------------------------------------------------------------------------- */

static const wn_reference_layer *last_layer(const wn_reference *r) { return &r->layers[r->n - 1]; }

wn_status wn_reference_set_target(wn_reference *r, const double *values, int64_t n, wn_error *error)
{
    int64_t outputs = wn_shape_count(&last_layer(r)->out);
    if (n != outputs)
        return wn_fail(error, WN_ERROR_ARGUMENT, "--target", "%lld values; %lld needed, one per output", (long long)n,
                       (long long)outputs);
    free(r->target);
    if (!new_doubles(&r->target, n)) return wn_fail_memory(error, "--target");
    memcpy(r->target, values, (size_t)n * sizeof *values);
    r->loss_kind = WN_LOSS_SQUARED;
    return WN_OK;
}

wn_status wn_reference_set_label(wn_reference *r, int64_t label, wn_error *error)
{
    const wn_reference_layer *last = last_layer(r);
    if (last->spec.kind != WN_SPEC_SOFTMAX || wn_shape_count(&last->out) != last->out.channels)
        return wn_fail(error, WN_ERROR_ARGUMENT, "--label",
                       "cross-entropy needs softmax as the last layer, over one position; layer %d has %lld positions",
                       last->number, (long long)(last->out.size[0] * last->out.size[1]));
    if (label < 0 || label >= last->out.channels)
        return wn_fail(error, WN_ERROR_ARGUMENT, "--label", "%lld; a class of 0 to %lld expected", (long long)label,
                       (long long)last->out.channels - 1);
    r->label = label;
    r->loss_kind = WN_LOSS_CROSS_ENTROPY;
    return WN_OK;
}

/* -log of the softmax of class `label`, from the logits, so that a probability of 0 in double still has a loss. */
static double cross_entropy(const wn_reference *r)
{
    const double *x = wn_reference_input(r, r->n - 1);
    double highest = -INFINITY, sum = 0;
    for (int64_t c = 0; c < last_layer(r)->out.channels; c++) highest = fmax(highest, x[c]);
    for (int64_t c = 0; c < last_layer(r)->out.channels; c++) sum += exp(x[c] - highest);
    return highest + log(sum) - x[r->label];
}

static double reference_loss(const wn_reference *r)
{
    const wn_reference_layer *l = last_layer(r);
    double sum = 0;
    if (r->loss_kind == WN_LOSS_CROSS_ENTROPY) return cross_entropy(r);
    for (int64_t i = 0; i < wn_shape_count(&l->out); i++)
        sum += r->loss_kind == WN_LOSS_SUM ? l->y[i] : 0.5 * (l->y[i] - r->target[i]) * (l->y[i] - r->target[i]);
    return sum;
}

double wn_reference_loss_size(const wn_reference *r)
{
    const wn_reference_layer *l = last_layer(r);
    double sum = 0;
    if (r->loss_kind == WN_LOSS_SQUARED) return r->loss;
    if (r->loss_kind == WN_LOSS_CROSS_ENTROPY) return r->loss + fabs(wn_reference_input(r, r->n - 1)[r->label]);
    for (int64_t i = 0; i < wn_shape_count(&l->out); i++) sum += fabs(l->y[i]);
    return sum;
}

static void loss_backward(wn_reference *r)
{
    wn_reference_layer *l = &r->layers[r->n - 1];
    for (int64_t i = 0; i < wn_shape_count(&l->out); i++)
        l->dy[i] = r->loss_kind == WN_LOSS_SUM       ? 1
                   : r->loss_kind == WN_LOSS_SQUARED ? l->y[i] - r->target[i]
                   : i == r->label                   ? -1 / l->y[i]
                                                     : 0;
}

/* ---- forward ----------------------------------------------------------------------------------------------------- */

/* A layer with its input and the gradient of it, as the visitors see them. */
typedef struct pass {
    wn_reference_layer *l;
    const double *x;
    double *dx;
} pass;

static void add_product(void *user, int64_t weight, int64_t in, int64_t out)
{
    pass *p = user;
    p->l->y[out] += p->l->weights[weight] * p->x[in];
}

static void add_input(void *user, int64_t weight, int64_t in, int64_t out)
{
    pass *p = user;
    (void)weight;
    p->l->y[out] += p->x[in];
}

/* The first input of a window, then every larger one: the first maximum stays. */
static void choose_largest(void *user, int64_t weight, int64_t in, int64_t out)
{
    pass *p = user;
    (void)weight;
    if (p->l->route[out] >= 0 && !(p->x[in] > p->l->y[out])) return;
    p->l->route[out] = in;
    p->l->y[out] = p->x[in];
}

static double window_size(const wn_reference_layer *l)
{
    return (double)wn_reference_axis(&l->spec, 0).kernel * wn_reference_axis(&l->spec, 1).kernel;
}

static void activation_forward(pass *p)
{
    double parameters[WN_ACT_PARAMETERS];
    wn_reference_act_defaults(p->l->spec.act, parameters);
    for (int64_t i = 0; i < wn_shape_count(&p->l->out); i++) {
        p->l->y[i] = wn_reference_act(p->l->spec.act, parameters, p->x[i]);
        if (p->l->route) p->l->route[i] = wn_reference_piece(p->l->spec.act, parameters, p->x[i]);
    }
}

static void layer_forward(pass *p)
{
    wn_reference_layer *l = p->l;
    int64_t n = wn_shape_count(&l->out), positions = n / l->out.channels;
    for (int64_t i = 0; i < n; i++) l->y[i] = l->n_bias ? l->bias[i / positions] : 0;
    switch (l->spec.kind) {
    case WN_SPEC_POOL:
        for (int64_t i = 0; i < n; i++) l->route[i] = -1;
        wn_reference_visit(l, choose_largest, p);
        break;
    case WN_SPEC_AVERAGE:
        wn_reference_visit(l, add_input, p);
        for (int64_t i = 0; i < n; i++) l->y[i] /= window_size(l);
        break;
    case WN_SPEC_ACTIVATION: activation_forward(p); break;
    case WN_SPEC_SOFTMAX: wn_reference_softmax(&l->out, p->x, l->y); break;
    default: wn_reference_visit(l, add_product, p); break;
    }
}

const double *wn_reference_input(const wn_reference *r, int i) { return i ? r->layers[i - 1].y : r->x; }

double *wn_reference_input_gradient(wn_reference *r, int i) { return i ? r->layers[i - 1].dy : r->dx; }

void wn_reference_forward(wn_reference *r)
{
    for (int i = 0; i < r->n; i++) layer_forward(&(pass){.l = &r->layers[i], .x = wn_reference_input(r, i)});
    r->loss = reference_loss(r);
}

/* ---- backward ---------------------------------------------------------------------------------------------------- */

static void add_gradients(void *user, int64_t weight, int64_t in, int64_t out)
{
    pass *p = user;
    p->dx[in] += p->l->weights[weight] * p->l->dy[out];
    p->l->dweights[weight] += p->x[in] * p->l->dy[out];
}

static void add_mean_gradient(void *user, int64_t weight, int64_t in, int64_t out)
{
    pass *p = user;
    (void)weight;
    p->dx[in] += p->l->dy[out] / window_size(p->l);
}

static void activation_backward(pass *p)
{
    double parameters[WN_ACT_PARAMETERS];
    wn_reference_act_defaults(p->l->spec.act, parameters);
    for (int64_t i = 0; i < wn_shape_count(&p->l->out); i++)
        p->dx[i] = p->l->dy[i] * wn_reference_slope(p->l->spec.act, parameters, p->x[i], p->l->y[i]);
}

static void parameters_backward(pass *p)
{
    wn_reference_layer *l = p->l;
    int64_t n = wn_shape_count(&l->out), positions = n / l->out.channels;
    memset(l->dweights, 0, (size_t)l->n_weights * sizeof *l->dweights);
    memset(l->dbias, 0, (size_t)l->n_bias * sizeof *l->dbias);
    for (int64_t i = 0; i < n; i++) l->dbias[i / positions] += l->dy[i];
    wn_reference_visit(l, add_gradients, p);
}

static void layer_backward(pass *p)
{
    wn_reference_layer *l = p->l;
    memset(p->dx, 0, (size_t)wn_shape_count(&l->in) * sizeof *p->dx);
    switch (l->spec.kind) {
    case WN_SPEC_POOL:
        for (int64_t i = 0; i < wn_shape_count(&l->out); i++) p->dx[l->route[i]] += l->dy[i];
        break;
    case WN_SPEC_AVERAGE: wn_reference_visit(l, add_mean_gradient, p); break;
    case WN_SPEC_ACTIVATION: activation_backward(p); break;
    case WN_SPEC_SOFTMAX: wn_reference_softmax_backward(&l->out, l->y, l->dy, p->dx); break;
    default: parameters_backward(p); break;
    }
}

void wn_reference_backward(wn_reference *r)
{
    loss_backward(r);
    for (int i = r->n - 1; i >= 0; i--) {
        pass p = {.l = &r->layers[i], .x = wn_reference_input(r, i), .dx = wn_reference_input_gradient(r, i)};
        bool logits = i == r->n - 1 && r->loss_kind == WN_LOSS_CROSS_ENTROPY;
        for (int64_t c = 0; logits && c < p.l->out.channels; c++) p.dx[c] = p.l->y[c] - (c == r->label ? 1 : 0);
        if (!logits) layer_backward(&p);
    }
}
