/* SPDX-License-Identifier: MIT
 * measure.h - the receptive field of the running model: not the formula's word, but what comes out.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_ANALYSIS_MEASURE_H
#define WN_ANALYSIS_MEASURE_H

#include <stdbool.h>
#include <stdint.h>

#include "wavenet/wavenet.h"

/* Reach: the same plan and rings with positive weights, no biases, linear activations, and one impulse. */
typedef struct wn_reach {
    int64_t receptive_field; /* samples from the impulse to the last output it touched, both counted */
    int64_t covered;         /* outputs it touched */
    int64_t formula;         /* the same two, by the formula */
    int64_t formula_covered;
    int64_t missing, extra; /* positions only the formula has; positions only the engine has */
    const char *cpu;        /* kernel set, static */
} wn_reach;

/* Influence: the real weights, one sample changed. Lags count from 0, the present. */
typedef struct wn_influence {
    int64_t farthest;  /* samples from the change to the last output in which a bit differs, both counted */
    int64_t beyond;    /* outputs that differ before the change or beyond the formula; always 0 */
    int64_t lags;      /* length of energy: the formula's receptive field */
    double *energy;    /* [lags] mean squared change of the output, over probes; sums to 1, or all 0 */
    int64_t within[3]; /* most recent samples that hold 50, 90 and 99 % of the energy */
} wn_influence;

typedef struct wn_measure {
    wn_reach reach;
    wn_influence silent, random; /* in a silent and in a random signal */
} wn_measure;

/* Measures all three. Conditions hold their defaults, features are zeros or noise. */
wn_status wn_measure_run(wn_measure *out, const wn_model *model, wn_cpu cpu, wn_error *error);
wn_status wn_measure_reach(wn_reach *out, const wn_model *model, wn_cpu cpu, wn_error *error);

/* True if the set of positions reached is exactly the formula's. */
bool wn_reach_agrees(const wn_reach *reach);

void wn_measure_free(wn_measure *measure);

#endif
