/* SPDX-License-Identifier: MIT
 * reference_shape.c - output shape and parameters of a layer that is computed exactly, or the reason why it does not fit.
 * Copyright (c) 2026 the wavenet authors */
#include "analysis/reference_shape.h"

#include "analysis/reference_window.h"
#include "base/error.h"
#include "base/text.h"

/* Plain loops take about a nanosecond per product. */
#define MAX_VALUES ((int64_t)1 << 24)
#define MAX_PRODUCTS 1e10

bool wn_reference_has_weights(const wn_reference_layer *l)
{
    return l->spec.kind == WN_SPEC_CONV || l->spec.kind == WN_SPEC_TRANSPOSED || l->spec.kind == WN_SPEC_DENSE;
}

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
        return FAIL(at, WN_ERROR_ARGUMENT, "%lld weight%s; a multiple of %lld needed: %lld channel%s x kernel",
                    (long long)given->n_weights, wn_text_plural(given->n_weights), (long long)(each * groups),
                    (long long)(l->in.channels / groups), wn_text_plural(l->in.channels / groups));
    l->outputs = (int)(given->n_weights / each);
    return WN_OK;
}

static wn_status check_weights(wn_reference_layer *l, const wn_reference_given *given, const place *at)
{
    int64_t each = weights_per_output(l), wanted = each * l->outputs;
    if (!given->weights)
        return FAIL(at, WN_ERROR_ARGUMENT, "no weights; %lld needed, %d filter%s of %lld", (long long)wanted,
                    l->outputs, wn_text_plural(l->outputs), (long long)each);
    if (given->n_weights != wanted)
        return FAIL(at, WN_ERROR_ARGUMENT, "%lld weight%s; %lld needed, %d filter%s of %lld",
                    (long long)given->n_weights, wn_text_plural(given->n_weights), (long long)wanted, l->outputs,
                    wn_text_plural(l->outputs), (long long)each);
    if (given->bias && given->n_bias != l->outputs)
        return FAIL(at, WN_ERROR_ARGUMENT, "%lld bias%s; %d needed, one per filter", (long long)given->n_bias,
                    given->n_bias == 1 ? "" : "es", l->outputs);
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
        return FAIL(at, WN_ERROR_ARGUMENT, "%lld channel%s; a multiple of its %d groups needed",
                    (long long)l->in.channels, wn_text_plural(l->in.channels), l->spec.groups);
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
    static const char *const names[] = {"row", "column"};
    if (l->spec.rank == 1 && a == 0) {
        l->out.size[0] = 1;
        return WN_OK;
    }
    int axis = l->spec.rank == 2 ? a : 0;
    const wn_spec_axis *x = &l->spec.axis[axis];
    const char *what = l->spec.rank == 2 ? names[a] : "position";
    wn_spec_fit(&l->spec, axis, l->in.size[a]);
    l->out.size[a] = wn_spec_size(&l->spec, axis, l->in.size[a]);
    if (l->out.size[a] > MAX_VALUES)
        return FAIL(at, WN_ERROR_UNSUPPORTED, "%lld %ss of output; %lld are the limit", (long long)l->out.size[a], what,
                    (long long)MAX_VALUES);
    if (l->out.size[a] > 0) return WN_OK;
    if (l->spec.kind == WN_SPEC_TRANSPOSED)
        return FAIL(at, WN_ERROR_ARGUMENT, "an input of %lld %s%s gives no output; its padding cuts off %lld",
                    (long long)l->in.size[a], what, wn_text_plural(l->in.size[a]),
                    (long long)x->padding + x->padding_end);
    return FAIL(at, WN_ERROR_ARGUMENT, "an input of %lld %s%s; at least %lld needed", (long long)l->in.size[a], what,
                wn_text_plural(l->in.size[a]),
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

double wn_reference_layer_products(const wn_reference_layer *l)
{
    if (l->spec.kind == WN_SPEC_CLOSE) return (double)wn_shape_count(&l->out) * l->n_sources;
    if (!wn_spec_has_window(&l->spec)) return (double)(l->n_weights > 0 ? l->n_weights : wn_shape_count(&l->out));
    const wn_shape *small = l->spec.kind == WN_SPEC_TRANSPOSED ? &l->in : &l->out;
    double positions = (double)small->size[0] * (double)small->size[1];
    if (l->n_weights > 0) return (double)l->n_weights * positions;
    return (double)wn_reference_axis(&l->spec, 0).kernel * wn_reference_axis(&l->spec, 1).kernel * positions *
           (double)small->channels;
}

static wn_status shape_layer(wn_reference_layer *l, const wn_reference_given *given, const place *at)
{
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
    if (wn_reference_layer_products(l) > MAX_PRODUCTS)
        return FAIL(at, WN_ERROR_UNSUPPORTED, "%.3g products; %.3g are the limit", wn_reference_layer_products(l),
                    MAX_PRODUCTS);
    return WN_OK;
}

wn_status wn_reference_shape(wn_reference_layer *l, const wn_reference_given *given, const char *where, wn_error *error)
{
    place at = {.where = where, .error = error, .number = l->number};
    wn_spec_name(at.name, &l->spec);
    return shape_layer(l, given, &at);
}

/* ---- sums -------------------------------------------------------------------------------------------------------- */

/* Cut the sum so far and one more branch to the smaller size along axis a, in the middle. */
static void cut_to_middle(wn_reference_layer *l, int sources, int64_t size, int a)
{
    int64_t least = l->out.size[a] < size ? l->out.size[a] : size;
    for (int i = 0; i < sources; i++) l->sources[i].offset[a] += (l->out.size[a] - least) / 2;
    l->sources[sources].offset[a] = (size - least) / 2;
    l->out.size[a] = least;
}

wn_status wn_reference_shape_sum(wn_reference_layer *l, const wn_shape *shapes, const char *where, wn_error *error)
{
    l->out = shapes[0];
    for (int i = 1; i < l->n_sources; i++) {
        const wn_shape *s = &shapes[i];
        if (s->channels != l->out.channels || s->rank != l->out.rank)
            return wn_fail(error, WN_ERROR_ARGUMENT, where,
                           "sum %d: branch %d has %lld channel%s along %d %s; %lld along %d, as branch 1 has, needed",
                           l->number, i + 1, (long long)s->channels, wn_text_plural(s->channels), s->rank,
                           s->rank == 1 ? "axis" : "axes", (long long)l->out.channels, l->out.rank);
        for (int a = 0; a < 2; a++) cut_to_middle(l, i, s->size[a], a);
    }
    l->in = l->out;
    return WN_OK;
}
