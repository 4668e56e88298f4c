/* SPDX-License-Identifier: MIT
 * reference_check.c - gradients of a small network against central differences, or against those somebody claims.
 * Copyright (c) 2026 the wavenet authors */
#include "analysis/reference_check.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/reference_shape.h"
#include "base/error.h"
#include "base/text.h"

#define MAX_DIFFERENCE_PRODUCTS 1e11

/* ---- tensors ----------------------------------------------------------------------------------------------------- */

int wn_reference_tensors(const wn_reference *r)
{
    int n = 1;
    for (int i = 0; i < r->n; i++) n += wn_reference_has_weights(&r->layers[i]) ? 2 : 0;
    return n;
}

static void set_shape(wn_reference_tensor *t, int rank, int64_t a, int64_t b, int64_t c, int64_t d)
{
    t->rank = rank;
    t->shape[0] = a;
    t->shape[1] = b;
    t->shape[2] = c;
    t->shape[3] = d;
}

static void shape_input(wn_reference_tensor *t, const wn_shape *s)
{
    if (s->rank == 2 && s->channels > 1)
        set_shape(t, 3, s->channels, s->size[0], s->size[1], 0);
    else if (s->rank == 2)
        set_shape(t, 2, s->size[0], s->size[1], 0, 0);
    else if (s->channels > 1)
        set_shape(t, 2, s->channels, s->size[1], 0, 0);
    else
        set_shape(t, 1, s->size[1], 0, 0, 0);
}

static void shape_weights(wn_reference_tensor *t, const wn_reference_layer *l)
{
    bool transposed = l->spec.kind == WN_SPEC_TRANSPOSED;
    int64_t first = transposed ? l->in.channels : l->outputs;
    int64_t second = (transposed ? l->outputs : l->in.channels) / l->spec.groups;
    if (l->spec.kind == WN_SPEC_DENSE)
        set_shape(t, 2, l->outputs, wn_shape_count(&l->in), 0, 0);
    else if (l->spec.rank == 1)
        set_shape(t, 3, first, second, l->spec.axis[0].kernel, 0);
    else
        set_shape(t, 4, first, second, l->spec.axis[0].kernel, l->spec.axis[1].kernel);
}

static wn_reference_tensor input_tensor(const wn_reference *r)
{
    wn_reference_tensor t = {
        .name = "input", .layer = -1, .values = r->x, .gradient = r->dx, .count = wn_shape_count(&r->in)};
    shape_input(&t, &r->in);
    return t;
}

wn_reference_tensor wn_reference_tensor_at(const wn_reference *r, int index)
{
    int layer = -1;
    if (index == 0) return input_tensor(r);
    for (int left = (index - 1) / 2; left >= 0; left--)
        for (layer++; !wn_reference_has_weights(&r->layers[layer]);) layer++;
    const wn_reference_layer *l = &r->layers[layer];
    bool bias = index % 2 == 0;
    wn_reference_tensor t = {.layer = layer,
                             .values = bias ? l->bias : l->weights,
                             .gradient = bias ? l->dbias : l->dweights,
                             .count = bias ? l->n_bias : l->n_weights};
    snprintf(t.name, sizeof t.name, "%d.%s", l->number, bias ? "bias" : "weight");
    if (bias)
        set_shape(&t, 1, l->n_bias, 0, 0, 0);
    else
        shape_weights(&t, l);
    return t;
}

void wn_reference_entry_name(char *text, size_t size, int rank, const int64_t *shape, int64_t index)
{
    int64_t at[4];
    for (int i = rank - 1; i >= 0; i--) {
        at[i] = index % shape[i];
        index /= shape[i];
    }
    text[0] = '\0';
    for (int i = 0; i < rank; i++) wn_text_append(text, size, "[%lld]", (long long)at[i]);
}

/* ---- finite numbers ---------------------------------------------------------------------------------------------- */

/* Index of the first number that is not finite; -1: all are. */
static int64_t find_overflow(const double *v, int64_t n)
{
    for (int64_t i = 0; i < n; i++)
        if (!isfinite(v[i])) return i;
    return -1;
}

static wn_status fail_overflow(const wn_reference_layer *l, const char *what, const char *where, wn_error *error)
{
    char name[WN_SPEC_NAME];
    wn_spec_name(name, &l->spec);
    if (l->spec.kind == WN_SPEC_CLOSE)
        return wn_fail(error, WN_ERROR_UNSUPPORTED, where, "sum %d: %s overflows double; smaller numbers expected",
                       l->number, what);
    return wn_fail(error, WN_ERROR_UNSUPPORTED, where, "layer %d, '%s': %s overflows double; smaller numbers expected",
                   l->number, name, what);
}

static wn_status check_output(const wn_reference_layer *l, const char *where, wn_error *error)
{
    char entry[64], what[96];
    int64_t shape[] = {l->out.channels, l->out.size[0], l->out.size[1]},
            i = find_overflow(l->y, wn_shape_count(&l->out));
    if (i < 0) return WN_OK;
    if (l->out.rank == 1) shape[1] = shape[2];
    wn_reference_entry_name(entry, sizeof entry, l->out.rank + 1, shape, i);
    snprintf(what, sizeof what, "output y%s", entry);
    return fail_overflow(l, what, where, error);
}

static wn_status check_gradients(const wn_reference_layer *l, const char *where, wn_error *error)
{
    const char *what = find_overflow(l->dy, wn_shape_count(&l->out)) >= 0  ? "the gradient of its output"
                       : find_overflow(l->dweights, l->n_weights) >= 0     ? "the gradient of its weights"
                       : find_overflow(l->dbias, l->n_bias) >= 0           ? "the gradient of its bias"
                       : find_overflow(l->dx, wn_shape_count(&l->in)) >= 0 ? "the gradient of its input"
                                                                           : NULL;
    return what ? fail_overflow(l, what, where, error) : WN_OK;
}

wn_status wn_reference_check_finite(const wn_reference *r, bool backward, const char *where, wn_error *error)
{
    wn_status status = WN_OK;
    for (int i = 0; !status && i < r->n; i++) status = check_output(&r->layers[i], where, error);
    if (status || !backward) return status;
    if (!isfinite(r->loss))
        return wn_fail(error, WN_ERROR_UNSUPPORTED, where, "the loss overflows double; smaller numbers expected");
    for (int i = r->n - 1; !status && i >= 0; i--) status = check_gradients(&r->layers[i], where, error);
    if (!status && find_overflow(r->dx, wn_shape_count(&r->in)) >= 0)
        status = wn_fail(error, WN_ERROR_UNSUPPORTED, where,
                         "the gradient of the input overflows double; smaller numbers expected");
    return status;
}

/* ---- central differences ----------------------------------------------------------------------------------------- */

/* The routes of all layers, one after the other. */
typedef struct routes {
    int64_t count;
    int64_t *at;
} routes;

static bool routes_new(routes *out, const wn_reference *r)
{
    out->count = 0;
    for (int i = 0; i < r->n; i++)
        if (r->layers[i].route) out->count += wn_shape_count(&r->layers[i].out);
    out->at = malloc(((size_t)out->count + 1) * sizeof *out->at);
    return out->at != NULL;
}

static void routes_save(routes *out, const wn_reference *r)
{
    int64_t *to = out->at;
    for (int i = 0; i < r->n; i++) {
        if (!r->layers[i].route) continue;
        int64_t n = wn_shape_count(&r->layers[i].out);
        memcpy(to, r->layers[i].route, (size_t)n * sizeof *to);
        to += n;
    }
}

static bool routes_are_same(const routes *saved, const wn_reference *r)
{
    const int64_t *from = saved->at;
    for (int i = 0; i < r->n; i++) {
        if (!r->layers[i].route) continue;
        int64_t n = wn_shape_count(&r->layers[i].out);
        if (memcmp(from, r->layers[i].route, (size_t)n * sizeof *from) != 0) return false;
        from += n;
    }
    return true;
}

/* (loss(value + h) - loss(value - h)) / 2h. False if a route changes on the way. */
static bool difference(wn_reference *r, double *value, double h, const routes *base, double *out)
{
    double kept = *value, loss[2];
    bool same = true;
    for (int i = 0; i < 2; i++) {
        *value = i ? kept - h : kept + h;
        wn_reference_forward(r);
        loss[i] = r->loss;
        same = same && routes_are_same(base, r);
    }
    *value = kept;
    *out = (loss[0] - loss[1]) / (2 * h);
    return same;
}

static void differentiate_entry(wn_reference_difference *out, wn_reference *r, const wn_reference_tensor *t, int64_t i,
                                double scale, const routes *base)
{
    double wide, narrow;
    if (!difference(r, &t->values[i], WN_REFERENCE_STEP, base, &wide) ||
        !difference(r, &t->values[i], WN_REFERENCE_STEP / 2, base, &narrow)) {
        out->skipped++;
        return;
    }
    double exact = narrow + (narrow - wide) / 3, error = fabs(exact - t->gradient[i]) / scale;
    if (!isfinite(error)) {
        out->overflow = true;
        return;
    }
    if (out->checked++ > 0 && !(error > out->worst)) return;
    out->worst = error;
    out->worst_at = i;
    out->difference = exact;
}

wn_status wn_reference_differentiate(wn_reference_difference *out, wn_reference *r, int index, wn_error *error)
{
    wn_reference_tensor t = wn_reference_tensor_at(r, index);
    routes base;
    *out = (wn_reference_difference){0};
    if (4 * (double)t.count * wn_reference_products(r) > MAX_DIFFERENCE_PRODUCTS)
        return wn_fail(error, WN_ERROR_UNSUPPORTED, "--check",
                       "the differences of %s take %.3g products; %.3g are the limit", t.name,
                       4 * (double)t.count * wn_reference_products(r), MAX_DIFFERENCE_PRODUCTS);
    if (!routes_new(&base, r)) return wn_fail_memory(error, "--check");
    double scale = 1e-4 * wn_reference_loss_size(r);
    for (int64_t i = 0; i < t.count; i++) scale = fmax(scale, fabs(t.gradient[i]));
    routes_save(&base, r);
    out->overflow = !isfinite(scale);
    for (int64_t i = 0; i < t.count && !out->overflow; i++)
        differentiate_entry(out, r, &t, i, scale > 0 ? scale : 1, &base);
    free(base.at);
    wn_reference_forward(r);
    if (!out->overflow) return WN_OK;
    return wn_fail(error, WN_ERROR_UNSUPPORTED, "--check",
                   "a central difference of %s overflows double; smaller numbers expected", t.name);
}

int64_t wn_reference_compare(const wn_reference_tensor *t, const double *claimed, double tolerance, int64_t *off,
                             int64_t max)
{
    double scale = 1;
    int64_t n = 0;
    for (int64_t i = 0; i < t->count; i++) scale = fmax(scale, fabs(t->gradient[i]));
    for (int64_t i = 0; i < t->count; i++) {
        if (fabs(claimed[i] - t->gradient[i]) <= tolerance * scale) continue;
        if (n < max) off[n] = i;
        n++;
    }
    return n;
}
