/* SPDX-License-Identifier: MIT
 * periodic.c - the input positions that reach each output of strided and transposed layers: a pattern that repeats.
 * Copyright (c) 2026 the wavenet authors */
#include "analysis/periodic.h"

#include <stdlib.h>

#include "base/integer.h"

void wn_periodic_free(wn_periodic *p)
{
    for (int64_t i = 0; p->span && i < p->period; i++) wn_span_free(&p->span[i]);
    free(p->span);
    *p = (wn_periodic){0};
}

static bool periodic_new(wn_periodic *p, int64_t period, int64_t step)
{
    *p = (wn_periodic){.period = period, .step = step};
    if (period > WN_MAX_PERIOD) return false;
    p->span = calloc((size_t)period, sizeof *p->span);
    return p->span != NULL;
}

bool wn_periodic_unit(wn_periodic *p) { return periodic_new(p, 1, 1) && wn_span_unit(&p->span[0]); }

bool wn_periodic_copy(wn_periodic *copy, const wn_periodic *p)
{
    bool ok = periodic_new(copy, p->period, p->step);
    for (int64_t i = 0; ok && i < p->period; i++) ok = wn_span_copy(&copy->span[i], &p->span[i]);
    return ok;
}

/* span += the positions that reach output m of the layers so far. */
static bool span_add_output(wn_span *span, const wn_periodic *p, int64_t m)
{
    int64_t periods = wn_divide_floor(m, p->period);
    return wn_span_add(span, &p->span[m - periods * p->period], periods * p->step);
}

static int64_t common_divisor(int64_t a, int64_t b) { return b ? common_divisor(b, a % b) : a; }

/* Tap number j in the order oldest, newest, then the others, so that a span is allocated with its full length at
 * once. */
static int64_t tap_in_order(int64_t j, int kernel) { return j == 0 ? 0 : j == 1 ? kernel - 1 : j - 1; }

/* Output o reads outputs o*stride - padding + k*dilation of the layers before. */
static bool apply_conv(wn_periodic *next, const wn_periodic *p, const wn_spec_axis *l)
{
    int64_t period = p->period / common_divisor(p->period, l->stride);
    if (!periodic_new(next, period, p->step * (period * l->stride / p->period))) return false;
    if (p->period == 1) { /* all taps see the same pattern */
        bool ok = wn_span_repeat(&next->span[0], &p->span[0], l->kernel, l->dilation * p->step);
        next->span[0].first -= l->padding * p->step;
        return ok;
    }
    for (int64_t o = 0; o < period; o++)
        for (int64_t j = 0; j < l->kernel; j++)
            if (!span_add_output(&next->span[o], p,
                                 o * l->stride - l->padding + tap_in_order(j, l->kernel) * l->dilation))
                return false;
    return true;
}

/* Input i reaches outputs i*stride - padding + k*dilation, so output o reads i if (o + padding - k*dilation) / stride
 * is a whole number. */
static bool apply_transposed(wn_periodic *next, const wn_periodic *p, const wn_spec_axis *l)
{
    if (!periodic_new(next, p->period * l->stride, p->step)) return false;
    for (int64_t o = 0; o < next->period; o++)
        for (int64_t j = 0; j < l->kernel; j++) {
            int64_t m = o + l->padding - tap_in_order(j, l->kernel) * l->dilation;
            if (m % l->stride == 0 && !span_add_output(&next->span[o], p, m / l->stride)) return false;
        }
    return true;
}

bool wn_periodic_apply(wn_periodic *p, const wn_spec *layer)
{
    wn_periodic next = {0};
    bool ok = layer->kind == WN_SPEC_TRANSPOSED ? apply_transposed(&next, p, &layer->axis[0])
                                                : apply_conv(&next, p, &layer->axis[0]);
    wn_periodic_free(p);
    *p = next;
    return ok;
}

static int64_t longest_span(const wn_periodic *p)
{
    int64_t longest = 1;
    for (int64_t i = 0; i < p->period; i++) longest = p->span[i].length > longest ? p->span[i].length : longest;
    return longest;
}

/* Upper bound of the longest span's length after one more layer. */
static int64_t max_reach_after(const wn_periodic *p, const wn_spec *l)
{
    return longest_span(p) + (wn_spec_effective(l, 0) / p->period + 2) * p->step;
}

/* Upper bound of the number of additions for the next layer. */
static int64_t max_additions(const wn_periodic *p, const wn_spec *l)
{
    int64_t doublings = 1, outputs = p->period, reach = max_reach_after(p, l);
    for (int k = l->axis[0].kernel; k > 1; k /= 2) doublings += 2;
    if (l->kind == WN_SPEC_TRANSPOSED) outputs *= l->axis[0].stride;
    int64_t adds = outputs == 1 ? doublings : outputs * l->axis[0].kernel;
    return reach > WN_MAX_SPAN_WORK / adds ? WN_MAX_SPAN_WORK : adds * reach;
}

bool wn_periodic_fits(const wn_periodic *p, const wn_spec *l, int64_t *budget)
{
    if (p->step > WN_MAX_SPAN || max_reach_after(p, l) > WN_MAX_SPAN) return false;
    if (l->kind == WN_SPEC_TRANSPOSED && p->period > WN_MAX_PERIOD / l->axis[0].stride) return false;
    *budget -= max_additions(p, l);
    return *budget > 0;
}

bool wn_periodic_move(wn_periodic *p, int64_t shift)
{
    wn_periodic moved;
    if (shift == 0) return true;
    bool ok = periodic_new(&moved, p->period, p->step);
    for (int64_t o = 0; ok && o < p->period; o++) ok = span_add_output(&moved.span[o], p, o + shift);
    wn_periodic_free(p);
    *p = moved;
    return ok;
}

bool wn_periodic_add(wn_periodic *p, const wn_periodic *other, int64_t *budget)
{
    int64_t times = other->period / common_divisor(p->period, other->period);
    wn_periodic sum;
    bool fits = p->period <= WN_MAX_PERIOD / times && p->step <= WN_MAX_SPAN / times;
    *budget = fits ? *budget - p->period * times * (longest_span(p) + longest_span(other)) : 0;
    if (*budget <= 0) return false;
    bool ok = periodic_new(&sum, p->period * times, p->step * times);
    for (int64_t o = 0; ok && o < sum.period; o++)
        ok = span_add_output(&sum.span[o], p, o) && span_add_output(&sum.span[o], other, o);
    wn_periodic_free(p);
    *p = sum;
    return ok;
}

const wn_span *wn_periodic_widest(const wn_periodic *p)
{
    const wn_span *best = &p->span[0];
    for (int64_t i = 1; i < p->period; i++) {
        const wn_span *s = &p->span[i];
        if (s->length > best->length || (s->length == best->length && wn_span_covered(s) < wn_span_covered(best)))
            best = s;
    }
    return best;
}
