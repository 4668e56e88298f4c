/* SPDX-License-Identifier: MIT
 * periodic.h - the input positions that reach each output of strided and transposed layers: a pattern that repeats.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_ANALYSIS_PERIODIC_H
#define WN_ANALYSIS_PERIODIC_H

#include "analysis/span.h"
#include "analysis/spec.h"

/* Output o sees what output o mod period sees, `step` inputs later per whole period. Without transposed layers the
 * period is 1 and the step is the product of the strides. */
typedef struct wn_periodic {
    int64_t period, step;
    wn_span *span; /* [period] */
} wn_periodic;

/* Enough for any real network. Larger periods would take minutes and gigabytes. */
enum { WN_MAX_PERIOD = 1 << 12 };

/* Every output sees the input at its own position. False if memory fails; wn_periodic_free in any case. */
bool wn_periodic_unit(wn_periodic *p);
bool wn_periodic_copy(wn_periodic *copy, const wn_periodic *p);
void wn_periodic_free(wn_periodic *p);

/* Replace p by what the outputs of one more layer see. False if memory fails. Call wn_periodic_fits first. */
bool wn_periodic_apply(wn_periodic *p, const wn_spec *layer);

/* Whether one more layer stays within the limits of a span and of a period. Subtracts the additions it costs from
 * *budget. */
bool wn_periodic_fits(const wn_periodic *p, const wn_spec *layer, int64_t *budget);

/* Number outputs from `shift` on: output o becomes what output o + shift was. */
bool wn_periodic_move(wn_periodic *p, int64_t shift);

/* p += other, whose outputs must be as far apart (the same step per period). False if memory fails, or, with *budget at 0
 * or below, if a limit does. */
bool wn_periodic_add(wn_periodic *p, const wn_periodic *other, int64_t *budget);

/* The output of one period with the longest span; of equal ones, the one with the most holes. */
const wn_span *wn_periodic_widest(const wn_periodic *p);

#endif
