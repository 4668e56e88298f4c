/* SPDX-License-Identifier: MIT
 * field_layers.c - receptive field of layers in series, strided and transposed ones included.
 * Copyright (c) 2026 the wavenet authors */
#include <stdio.h>
#include <stdlib.h>

#include "analysis/field.h"
#include "model/model.h"

/* Transposed layers make outputs differ: output o of a stack sees what output o mod period sees, `step` inputs later for
 * every whole period. Without them the period is 1 and the step the product of the strides. */
typedef struct phases {
    int64_t period, step;
    wn_span *span; /* [period] */
} phases;

/* Enough for any network; what needs more would take minutes and gigabytes. */
enum { MAX_PERIOD = 1 << 12 };

static void free_phases(phases *p)
{
    for (int64_t i = 0; p->span && i < p->period; i++) wn_span_free(&p->span[i]);
    free(p->span);
    *p = (phases){0};
}

static bool allocate_phases(phases *p, int64_t period, int64_t step)
{
    *p = (phases){.period = period, .step = step};
    if (period > MAX_PERIOD) return false;
    p->span = calloc((size_t)period, sizeof *p->span);
    return p->span != NULL;
}

static int64_t floor_div(int64_t a, int64_t b) { return a / b - (a % b < 0); }

/* span += what output m of the layers so far sees. */
static bool add_output(wn_span *span, const phases *p, int64_t m)
{
    int64_t turns = floor_div(m, p->period);
    return wn_span_add(span, &p->span[m - turns * p->period], turns * p->step);
}

static int64_t common_divisor(int64_t a, int64_t b) { return b ? common_divisor(b, a % b) : a; }

/* Tap number j in the order oldest, newest, then the others, so that a span reaches its full length at once. */
static int64_t tap(int64_t j, int kernel) { return j == 0 ? 0 : j == 1 ? kernel - 1 : j - 1; }

/* Output o reads outputs o*stride - padding + k*dilation of the layers before. */
static bool apply_conv(phases *next, const phases *p, const wn_spec *l)
{
    int64_t period = p->period / common_divisor(p->period, l->stride);
    if (!allocate_phases(next, period, p->step * (period * l->stride / p->period))) return false;
    if (p->period == 1) { /* all taps see the same shape */
        bool ok = wn_span_repeat(&next->span[0], &p->span[0], l->kernel, l->dilation * p->step);
        next->span[0].first -= l->padding * p->step;
        return ok;
    }
    for (int64_t o = 0; o < period; o++)
        for (int64_t j = 0; j < l->kernel; j++)
            if (!add_output(&next->span[o], p, o * l->stride - l->padding + tap(j, l->kernel) * l->dilation))
                return false;
    return true;
}

/* Input i reaches outputs i*stride - padding + k*dilation, so output o reads i where that division leaves no rest. */
static bool apply_transposed(phases *next, const phases *p, const wn_spec *l)
{
    if (p->period > MAX_PERIOD / l->stride || !allocate_phases(next, p->period * l->stride, p->step)) return false;
    for (int64_t o = 0; o < next->period; o++)
        for (int64_t j = 0; j < l->kernel; j++) {
            int64_t m = o + l->padding - tap(j, l->kernel) * l->dilation;
            if (m % l->stride == 0 && !add_output(&next->span[o], p, m / l->stride)) return false;
        }
    return true;
}

/* Length of the longest span after one more layer, at most. */
static int64_t reach_after(const phases *p, const wn_spec *l)
{
    int64_t longest = 1;
    for (int64_t i = 0; i < p->period; i++) longest = p->span[i].length > longest ? p->span[i].length : longest;
    return longest + (wn_spec_effective(l) / p->period + 2) * p->step;
}

/* Additions that the next layer makes, at most. */
static int64_t work(const phases *p, const wn_spec *l)
{
    int64_t doublings = 1, outputs = p->period, reach = reach_after(p, l);
    for (int k = l->kernel; k > 1; k /= 2) doublings += 2;
    if (l->kind == WN_SPEC_TRANSPOSED) outputs *= l->stride;
    int64_t adds = outputs == 1 ? doublings : outputs * l->kernel;
    return reach > WN_MAX_SPAN_WORK / adds ? WN_MAX_SPAN_WORK : adds * reach;
}

/* Whether the next layer can be followed at all. */
static bool fits(const phases *p, const wn_spec *l)
{
    if (p->step > WN_MAX_SPAN || reach_after(p, l) > WN_MAX_SPAN) return false;
    return l->kind != WN_SPEC_TRANSPOSED || p->period <= MAX_PERIOD / l->stride;
}

/* Of the outputs of one period, the one that sees most; of equals, the one with the most holes. */
static const wn_span *widest(const phases *p)
{
    const wn_span *best = &p->span[0];
    for (int64_t i = 1; i < p->period; i++) {
        const wn_span *s = &p->span[i];
        if (s->length > best->length || (s->length == best->length && wn_span_covered(s) < wn_span_covered(best)))
            best = s;
    }
    return best;
}

static void describe(wn_field_row *row, const wn_spec *layer, const phases *p)
{
    const wn_span *wide = widest(p);
    row->stack = -1;
    row->spec = *layer;
    row->effective_kernel = wn_spec_effective(layer);
    row->receptive_field = wide->length;
    row->covered = wn_span_covered(wide);
    row->coverage = wn_span_coverage(wide);
    row->log2_paths = wn_span_log2_paths(wide);
    row->first = p->span[0].length ? p->span[0].first : 1;
    row->last = p->span[0].length ? p->span[0].first + p->span[0].length - 1 : 0;
    row->jump = (double)p->step / (double)p->period;
    row->state_frames = layer->kind == WN_SPEC_CONV ? row->effective_kernel - 1 : 0;
    row->output_size = -1;
}

static wn_status too_large(const char *where, int layer, wn_error *error)
{
    return wn_fail(error, WN_ERROR_UNSUPPORTED, where,
                   "after layer %d the receptive field is too large to follow position by position (over %lld)", layer,
                   (long long)WN_MAX_SPAN);
}

/* One layer: `p` becomes what its outputs see. */
static wn_status walk_layer(phases *p, int64_t *budget, const wn_spec *layer, int number, const char *where,
                            wn_error *error)
{
    if (!fits(p, layer)) return too_large(where, number, error);
    *budget -= work(p, layer);
    if (*budget <= 0) return too_large(where, number, error);
    phases next = {0};
    bool ok = layer->kind == WN_SPEC_TRANSPOSED ? apply_transposed(&next, p, layer) : apply_conv(&next, p, layer);
    free_phases(p);
    *p = next;
    return ok ? WN_OK : wn_fail_memory(error, where);
}

static wn_status walk(wn_field *field, phases *p, const wn_spec *layers, int n, const char *where, wn_error *error)
{
    int64_t budget = WN_MAX_SPAN_WORK;
    for (int i = 0; i < n; i++) {
        wn_status status = walk_layer(p, &budget, &layers[i], i + 1, where, error);
        if (status) return status;
        wn_field_row *row = &field->rows[i];
        describe(row, &layers[i], p);
        snprintf(row->layer, sizeof row->layer, "%d", i + 1);
        field->causal = field->causal && layers[i].causal;
    }
    field->receptive_field = field->rows[n - 1].receptive_field;
    field->output = widest(p) - p->span;
    return wn_span_copy(&field->reach, widest(p)) ? WN_OK : wn_fail_memory(error, where);
}

static wn_status bad_size(int layer, const wn_spec *spec, const char *problem, const char *where, wn_error *error)
{
    char name[48];
    wn_spec_name(name, spec);
    return wn_fail(error, WN_ERROR_ARGUMENT, where, "layer %d, '%s': %s", layer, name, problem);
}

static wn_status fill_sizes(wn_field *field, int64_t size, const char *where, wn_error *error)
{
    for (int i = 0; i < field->n_rows; i++) {
        wn_field_row *row = &field->rows[i];
        size = row->output_size = wn_spec_size(&row->spec, size);
        if (size == 0) return bad_size(i + 1, &row->spec, "the input is too short for it", where, error);
        if (size > INT64_MAX >> 20)
            return bad_size(i + 1, &row->spec, "more samples come out than can be counted", where, error);
    }
    return WN_OK;
}

wn_status wn_field_layers(wn_field *out, const wn_spec *layers, int n, int64_t input_size, const char *where,
                          wn_error *error)
{
    phases p = {0};
    *out = (wn_field){.causal = true, .n_rows = n};
    out->rows = calloc((size_t)n, sizeof *out->rows);
    wn_status status = WN_OK;
    if (!out->rows || !allocate_phases(&p, 1, 1) || !wn_span_unit(&p.span[0]))
        status = wn_fail_memory(error, where);
    if (!status) status = walk(out, &p, layers, n, where, error);
    if (!status && input_size > 0) status = fill_sizes(out, input_size, where, error);
    free_phases(&p);
    if (status) wn_field_free(out);
    return status;
}

void wn_field_free(wn_field *field)
{
    free(field->rows);
    wn_span_free(&field->reach);
    *field = (wn_field){0};
}
