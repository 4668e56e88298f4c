/* SPDX-License-Identifier: MIT
 * reference.c - a small network in double precision: plain loops, forward and backward.
 * Copyright (c) 2026 the wavenet authors */
#include "analysis/reference.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/reference_pointwise.h"
#include "analysis/reference_shape.h"
#include "analysis/reference_window.h"
#include "base/error.h"
#include "base/text.h"

/* Limits over all layers: a few gigabytes of outputs, and some ten seconds of products. */
#define MAX_ALL_VALUES ((int64_t)1 << 26)
#define MAX_ALL_PRODUCTS 1e10

/* ---- memory ------------------------------------------------------------------------------------------------------ */

static bool needs_route(const wn_reference_layer *l)
{
    if (l->spec.kind == WN_SPEC_POOL) return true;
    return l->spec.kind == WN_SPEC_ACTIVATION && wn_reference_act_has_kinks(l->spec.act);
}

static bool new_doubles(double **out, int64_t n)
{
    *out = calloc((size_t)(n > 0 ? n : 1), sizeof **out);
    return *out != NULL;
}

static bool layer_allocate(wn_reference_layer *l)
{
    int64_t outputs = wn_shape_count(&l->out);
    bool ok = new_doubles(&l->y, outputs) && new_doubles(&l->dy, outputs) &&
              new_doubles(&l->dx, wn_shape_count(&l->in)) && new_doubles(&l->weights, l->n_weights) &&
              new_doubles(&l->bias, l->n_bias) && new_doubles(&l->dweights, l->n_weights) &&
              new_doubles(&l->dbias, l->n_bias);
    if (!ok || !needs_route(l)) return ok;
    l->route = calloc((size_t)outputs, sizeof *l->route);
    return l->route != NULL;
}

/* The state while a list of layers becomes a network. */
typedef struct builder {
    wn_reference *r;
    const char *where;
    wn_error *error;
    int number, sums; /* of layers and sums so far */
    int current;      /* the layer whose output goes on; -1: the input */
    struct {
        int start;     /* what all branches read */
        int first_end; /* index in ends[] of this bracket's first branch */
    } open[WN_MAX_BRANCHES];
    int depth;
    int *ends; /* [n_ends] last layers of the branches that ended, of all open brackets */
    int n_ends;
} builder;

const wn_shape *wn_reference_output_shape(const wn_reference *r, int i) { return i < 0 ? &r->in : &r->layers[i].out; }

/* Append a layer to the network, which reads the outputs of `sources` [n]. */
static wn_reference_layer *builder_layer(builder *b, const wn_spec *spec, const int *sources, int n)
{
    wn_reference_layer *l = &b->r->layers[b->r->n++];
    *l = (wn_reference_layer){.spec = *spec, .n_sources = n};
    l->sources = calloc((size_t)n, sizeof *l->sources);
    for (int i = 0; l->sources && i < n; i++) l->sources[i].layer = sources[i];
    if (l->sources) return l;
    wn_fail_memory(b->error, b->where);
    return NULL;
}

/* Limits of the whole network; each layer has its own. */
static wn_status check_totals(const builder *b, const wn_reference_layer *l)
{
    int64_t values = 0;
    for (int i = 0; i < b->r->n; i++) values += wn_shape_count(&b->r->layers[i].out);
    if (values > MAX_ALL_VALUES)
        return wn_fail(b->error, WN_ERROR_UNSUPPORTED, b->where,
                       "%s %d: all layers up to it have %lld outputs; %lld are the limit",
                       l->spec.kind == WN_SPEC_CLOSE ? "sum" : "layer", l->number, (long long)values,
                       (long long)MAX_ALL_VALUES);
    if (wn_reference_products(b->r) > MAX_ALL_PRODUCTS)
        return wn_fail(b->error, WN_ERROR_UNSUPPORTED, b->where,
                       "%s %d: all layers up to it take %.3g products; %.3g are the limit",
                       l->spec.kind == WN_SPEC_CLOSE ? "sum" : "layer", l->number, wn_reference_products(b->r),
                       MAX_ALL_PRODUCTS);
    return WN_OK;
}

static wn_status finish_layer(builder *b, wn_reference_layer *l, const wn_reference_given *given)
{
    wn_status status = check_totals(b, l);
    if (status) return status;
    if (!layer_allocate(l)) return wn_fail_memory(b->error, b->where);
    if (l->n_weights) memcpy(l->weights, given->weights, (size_t)l->n_weights * sizeof *l->weights);
    if (l->n_bias && given->bias) memcpy(l->bias, given->bias, (size_t)l->n_bias * sizeof *l->bias);
    b->current = b->r->n - 1;
    return WN_OK;
}

static wn_status add_layer(builder *b, const wn_spec *spec, const wn_reference_given *given, bool flip)
{
    wn_reference_layer *l = builder_layer(b, spec, &b->current, 1);
    if (!l) return WN_ERROR_MEMORY;
    l->number = ++b->number;
    l->outputs = spec->outputs;
    l->flip = flip;
    l->in = *wn_reference_output_shape(b->r, b->current);
    wn_status status = wn_reference_shape(l, given, b->where, b->error);
    return status ? status : finish_layer(b, l, given);
}

static wn_status add_sum(builder *b, const wn_spec *spec, const int *ends, int n)
{
    wn_reference_layer *l = builder_layer(b, spec, ends, n);
    wn_shape *shapes = calloc((size_t)n, sizeof *shapes);
    wn_status status = !l ? WN_ERROR_MEMORY : shapes ? WN_OK : wn_fail_memory(b->error, b->where);
    if (l) l->number = ++b->sums;
    for (int i = 0; !status && i < n; i++) shapes[i] = *wn_reference_output_shape(b->r, ends[i]);
    if (!status) status = wn_reference_shape_sum(l, shapes, b->where, b->error);
    free(shapes);
    return status ? status : finish_layer(b, l, NULL);
}

static wn_status add_bracket(builder *b, const wn_spec *spec)
{
    if (spec->kind == WN_SPEC_OPEN) {
        b->open[b->depth].start = b->current;
        b->open[b->depth++].first_end = b->n_ends;
        return WN_OK;
    }
    int first = b->open[b->depth - 1].first_end;
    b->ends[b->n_ends++] = b->current;
    b->current = b->open[b->depth - 1].start;
    if (spec->kind == WN_SPEC_NEXT) return WN_OK;
    b->depth--;
    wn_status status = add_sum(b, spec, b->ends + first, b->n_ends - first);
    b->n_ends = first;
    return status;
}

wn_status wn_reference_new(wn_reference **out, const wn_spec *specs, int n, const wn_shape *in, const double *x,
                           const wn_reference_given *given, bool flip, const char *where, wn_error *error)
{
    *out = NULL;
    wn_reference *r = calloc(1, sizeof *r);
    if (!r) return wn_fail_memory(error, where);
    builder b = {.r = r, .where = where, .error = error, .current = -1};
    int64_t inputs = wn_shape_count(in);
    r->in = *in;
    r->layers = calloc((size_t)n, sizeof *r->layers);
    b.ends = calloc((size_t)n, sizeof *b.ends);
    bool ok = r->layers && b.ends && new_doubles(&r->x, inputs) && new_doubles(&r->dx, inputs);
    if (ok) memcpy(r->x, x, (size_t)inputs * sizeof *x);
    wn_status status = ok ? WN_OK : wn_fail_memory(error, where);
    for (int i = 0; !status && i < n; i++)
        status = specs[i].kind < WN_SPEC_OPEN ? add_layer(&b, &specs[i], &given[i], flip) : add_bracket(&b, &specs[i]);
    free(b.ends);
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
        free(l->sources);
        free(l->weights);
        free(l->bias);
        free(l->y);
        free(l->route);
        free(l->dy);
        free(l->dx);
        free(l->dweights);
        free(l->dbias);
    }
    free(r->layers);
    free(r->target);
    free(r->x);
    free(r->dx);
    free(r);
}

double wn_reference_products(const wn_reference *r)
{
    double sum = 0;
    for (int i = 0; i < r->n; i++) sum += wn_reference_layer_products(&r->layers[i]);
    return sum;
}

/* ---- loss -------------------------------------------------------------------------------------------------------- */

static const wn_reference_layer *last_layer(const wn_reference *r) { return &r->layers[r->n - 1]; }

wn_status wn_reference_set_target(wn_reference *r, const double *values, int64_t n, wn_error *error)
{
    int64_t outputs = wn_shape_count(&last_layer(r)->out);
    if (n != outputs)
        return wn_fail(error, WN_ERROR_ARGUMENT, "--target", "%lld value%s; %lld needed, one per output", (long long)n,
                       wn_text_plural(n), (long long)outputs);
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
                       "cross-entropy needs softmax as the last layer, over one position; the last is %s, over %lld",
                       wn_spec_kind_name(&last->spec), (long long)(last->out.size[0] * last->out.size[1]));
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

/* A layer with its input, as the visitors see it. */
typedef struct pass {
    wn_reference_layer *l;
    const double *x;
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

/* Keep the largest input of a window; of equal ones the first. */
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

int64_t wn_reference_source_place(const wn_shape *source, const wn_reference_source *s, const wn_shape *in, int64_t i)
{
    int64_t column = i % in->size[1], row = i / in->size[1] % in->size[0], channel = i / in->size[1] / in->size[0];
    return (channel * source->size[0] + row + s->offset[0]) * source->size[1] + column + s->offset[1];
}

const double *wn_reference_output(const wn_reference *r, int i) { return i < 0 ? r->x : r->layers[i].y; }

static void sum_forward(const wn_reference *r, wn_reference_layer *l)
{
    int64_t n = wn_shape_count(&l->out);
    memset(l->y, 0, (size_t)n * sizeof *l->y);
    for (int k = 0; k < l->n_sources; k++) {
        const wn_reference_source *s = &l->sources[k];
        const wn_shape *shape = wn_reference_output_shape(r, s->layer);
        const double *x = wn_reference_output(r, s->layer);
        for (int64_t i = 0; i < n; i++) l->y[i] += x[wn_reference_source_place(shape, s, &l->in, i)];
    }
}

const double *wn_reference_input(const wn_reference *r, int i)
{
    return wn_reference_output(r, r->layers[i].sources[0].layer);
}

void wn_reference_forward(wn_reference *r)
{
    for (int i = 0; i < r->n; i++) {
        wn_reference_layer *l = &r->layers[i];
        if (l->spec.kind == WN_SPEC_CLOSE)
            sum_forward(r, l);
        else
            layer_forward(&(pass){.l = l, .x = wn_reference_input(r, i)});
    }
    r->loss = reference_loss(r);
}

/* ---- backward ---------------------------------------------------------------------------------------------------- */

static void add_gradients(void *user, int64_t weight, int64_t in, int64_t out)
{
    pass *p = user;
    p->l->dx[in] += p->l->weights[weight] * p->l->dy[out];
    p->l->dweights[weight] += p->x[in] * p->l->dy[out];
}

static void add_mean_gradient(void *user, int64_t weight, int64_t in, int64_t out)
{
    pass *p = user;
    (void)weight;
    p->l->dx[in] += p->l->dy[out] / window_size(p->l);
}

static void activation_backward(pass *p)
{
    double parameters[WN_ACT_PARAMETERS];
    wn_reference_act_defaults(p->l->spec.act, parameters);
    for (int64_t i = 0; i < wn_shape_count(&p->l->out); i++)
        p->l->dx[i] = p->l->dy[i] * wn_reference_slope(p->l->spec.act, parameters, p->x[i], p->l->y[i]);
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
    memset(l->dx, 0, (size_t)wn_shape_count(&l->in) * sizeof *l->dx);
    switch (l->spec.kind) {
    case WN_SPEC_POOL:
        for (int64_t i = 0; i < wn_shape_count(&l->out); i++) l->dx[l->route[i]] += l->dy[i];
        break;
    case WN_SPEC_AVERAGE: wn_reference_visit(l, add_mean_gradient, p); break;
    case WN_SPEC_ACTIVATION: activation_backward(p); break;
    case WN_SPEC_SOFTMAX: wn_reference_softmax_backward(&l->out, l->y, l->dy, l->dx); break;
    case WN_SPEC_CLOSE: memcpy(l->dx, l->dy, (size_t)wn_shape_count(&l->in) * sizeof *l->dx); break;
    default: parameters_backward(p); break;
    }
}

/* Every output is the input of the layers that read it: its gradient is the sum of theirs. */
static void sources_backward(wn_reference *r, const wn_reference_layer *l)
{
    for (int k = 0; k < l->n_sources; k++) {
        const wn_reference_source *s = &l->sources[k];
        const wn_shape *shape = wn_reference_output_shape(r, s->layer);
        double *dy = s->layer < 0 ? r->dx : r->layers[s->layer].dy;
        for (int64_t i = 0; i < wn_shape_count(&l->in); i++)
            dy[wn_reference_source_place(shape, s, &l->in, i)] += l->dx[i];
    }
}

static void clear_gradients(wn_reference *r)
{
    memset(r->dx, 0, (size_t)wn_shape_count(&r->in) * sizeof *r->dx);
    for (int i = 0; i < r->n; i++)
        memset(r->layers[i].dy, 0, (size_t)wn_shape_count(&r->layers[i].out) * sizeof *r->layers[i].dy);
}

void wn_reference_backward(wn_reference *r)
{
    clear_gradients(r);
    loss_backward(r);
    for (int i = r->n - 1; i >= 0; i--) {
        pass p = {.l = &r->layers[i], .x = wn_reference_input(r, i)};
        bool logits = i == r->n - 1 && r->loss_kind == WN_LOSS_CROSS_ENTROPY;
        for (int64_t c = 0; logits && c < p.l->out.channels; c++) p.l->dx[c] = p.l->y[c] - (c == r->label ? 1 : 0);
        if (!logits) layer_backward(&p);
        sources_backward(r, p.l);
    }
}
