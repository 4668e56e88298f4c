/* SPDX-License-Identifier: MIT
 * span.h - sets of input positions with the number of paths from each: the set algebra of receptive fields.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_ANALYSIS_SPAN_H
#define WN_ANALYSIS_SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Maximum length of a span. Longer receptive fields are refused with a message. */
#define WN_MAX_SPAN ((int64_t)1 << 24)

/* Maximum number of additions of one position per network, so that tracing a hostile description stops within
 * seconds. */
#define WN_MAX_SPAN_WORK ((int64_t)1 << 33)

/* Input positions first .. first+length-1, relative to the time of the output. A zeroed span is empty. The number of
 * paths from position first+i is paths[i] * 2^exponent: exact while the total is below 2^53, then rounded. `hit` is
 * separate because a count can underflow when others are very large. */
typedef struct wn_span {
    int64_t first, length;
    uint8_t *hit;  /* [length] 1: at least one path */
    double *paths; /* [length] */
    int exponent;
    double bound; /* upper bound of paths[i], below 2^600 so that sums cannot overflow */
} wn_span;

/* Set span to position 0 with one path. False if memory fails. */
bool wn_span_unit(wn_span *span);

/* span += source moved by `shift` positions. False if memory fails or the result is longer than WN_MAX_SPAN (then
 * `span` is unchanged). */
bool wn_span_add(wn_span *span, const wn_span *source, int64_t shift);

/* span = the union of n >= 1 copies of source, moved by 0, step, .. (n-1)*step. On failure returns false and zeroes
 * span. */
bool wn_span_repeat(wn_span *span, const wn_span *source, int64_t n, int64_t step);

/* copy = source. On failure returns false and zeroes copy. */
bool wn_span_copy(wn_span *copy, const wn_span *source);

/* A zeroed span is allowed. */
void wn_span_free(wn_span *span);

/* Number of positions with at least one path. */
int64_t wn_span_covered(const wn_span *span);

/* covered / length; 1 for an empty span. */
double wn_span_coverage(const wn_span *span);

/* log2 of the number of paths over all positions; -INFINITY for none. */
double wn_span_log2_paths(const wn_span *span);

/* log2 of the number of paths from first + i; -INFINITY for a hole. */
double wn_span_log2_path(const wn_span *span, int64_t i);

#endif
