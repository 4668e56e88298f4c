/* SPDX-License-Identifier: MIT
 * span.c - sets of input positions with the number of paths from each.
 * Copyright (c) 2026 the wavenet authors */
#include "analysis/span.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void wn_span_free(wn_span *span)
{
    free(span->hit);
    free(span->paths);
    *span = (wn_span){0};
}

static bool span_allocate(wn_span *span, int64_t first, int64_t length)
{
    *span = (wn_span){.first = first, .length = length};
    span->hit = calloc((size_t)length, sizeof *span->hit);
    span->paths = calloc((size_t)length, sizeof *span->paths);
    if (span->hit && span->paths) return true;
    wn_span_free(span);
    return false;
}

bool wn_span_unit(wn_span *span)
{
    if (!span_allocate(span, 0, 1)) return false;
    span->hit[0] = 1;
    span->paths[0] = span->bound = 1;
    return true;
}

/* Add paths and hits of `source`, moved by `shift`, which lies within `span`. Counts are scaled to the exponent of
 * span. */
static void span_accumulate(wn_span *span, const wn_span *source, int64_t shift)
{
    int64_t at = source->first + shift - span->first;
    double scale = ldexp(1, source->exponent - span->exponent);
    for (int64_t i = 0; i < source->length; i++) {
        span->hit[at + i] |= source->hit[i];
        span->paths[at + i] += source->paths[i] * scale;
    }
}

static void span_raise_exponent(wn_span *span, int exponent)
{
    double scale = ldexp(1, span->exponent - exponent);
    for (int64_t i = 0; i < span->length; i++) span->paths[i] *= scale;
    span->bound *= scale;
    span->exponent = exponent;
}

/* Extend span to contain first .. last. */
static bool span_grow(wn_span *span, int64_t first, int64_t last)
{
    if (first >= span->first && last < span->first + span->length) return true;
    int64_t low = first < span->first ? first : span->first;
    int64_t high = last >= span->first + span->length ? last : span->first + span->length - 1;
    wn_span wider;
    if (high - low >= WN_MAX_SPAN || !span_allocate(&wider, low, high - low + 1)) return false;
    wider.exponent = span->exponent;
    wider.bound = span->bound;
    span_accumulate(&wider, span, 0);
    wn_span_free(span);
    *span = wider;
    return true;
}

bool wn_span_add(wn_span *span, const wn_span *source, int64_t shift)
{
    if (source->length == 0) return true;
    int64_t first = source->first + shift, last = first + source->length - 1;
    if (span->length == 0) {
        if (source->length > WN_MAX_SPAN || !span_allocate(span, first, source->length)) return false;
        span->exponent = source->exponent;
    } else if (!span_grow(span, first, last)) {
        return false;
    }
    if (source->exponent > span->exponent) span_raise_exponent(span, source->exponent);
    span_accumulate(span, source, shift);
    span->bound += source->bound * ldexp(1, source->exponent - span->exponent);
    if (span->bound > 0x1p600) span_raise_exponent(span, span->exponent + 600);
    return true;
}

bool wn_span_copy(wn_span *copy, const wn_span *source)
{
    *copy = (wn_span){0};
    return wn_span_add(copy, source, 0);
}

/* Doubling makes a kernel of thousands of taps cost a dozen additions. There are no subtractions, so counts stay
 * exact. */
bool wn_span_repeat(wn_span *span, const wn_span *source, int64_t n, int64_t step)
{
    *span = (wn_span){0};
    if (n == 1) return wn_span_copy(span, source);
    wn_span half;
    if (!wn_span_repeat(&half, source, n / 2, step)) return false;
    bool ok = wn_span_copy(span, &half) && wn_span_add(span, &half, n / 2 * step) &&
              (n % 2 == 0 || wn_span_add(span, source, (n - 1) * step));
    wn_span_free(&half);
    if (!ok) wn_span_free(span);
    return ok;
}

int64_t wn_span_covered(const wn_span *span)
{
    int64_t n = 0;
    for (int64_t i = 0; i < span->length; i++) n += span->hit[i];
    return n;
}

double wn_span_coverage(const wn_span *span)
{
    return span->length ? (double)wn_span_covered(span) / (double)span->length : 1;
}

double wn_span_log2_paths(const wn_span *span)
{
    double sum = 0;
    for (int64_t i = 0; i < span->length; i++) sum += span->paths[i];
    return log2(sum) + span->exponent;
}

double wn_span_log2_path(const wn_span *span, int64_t i) { return log2(span->paths[i]) + span->exponent; }
