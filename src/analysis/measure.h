/* SPDX-License-Identifier: MIT
 * measure.h - receptive field measured on the running model.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_ANALYSIS_MEASURE_H
#define WN_ANALYSIS_MEASURE_H

#include <stdbool.h>
#include <stdint.h>

#include "wavenet/wavenet.h"

/* Reach: the response to an impulse of the same plan and rings with positive weights, no biases and linear
 * activations. */
typedef struct wn_reach {
    int64_t receptive_field; /* samples from the impulse to the last output it changed, inclusive */
    int64_t covered;         /* number of outputs it changed */
    int64_t formula;         /* receptive_field and covered as computed by wn_field_model */
    int64_t formula_covered;
    int64_t missing, extra; /* positions that only the computation has, and that only the engine has */
    const char *cpu;        /* kernel set, static storage */
} wn_reach;

/* Influence: the effect of one changed sample with the real weights. Lag 0 is the present. */
typedef struct wn_influence {
    int64_t farthest; /* samples from the change to the last output in which a bit differs, inclusive */
    int64_t beyond;   /* outputs that differ before the change or beyond the computed field; 0 if the engine is right */
    int64_t lags;     /* the computed receptive field */
    double *energy;   /* [lags] mean squared change of the output over all probes; sums to 1, or all 0 */
    int64_t within[3]; /* number of most recent samples with 50, 90 and 99 % of the energy */
} wn_influence;

typedef struct wn_measure {
    wn_reach reach;
    wn_influence silent, random; /* measured in a silent and in a random signal */
} wn_measure;

/* Measure the reach and both influences. Controls have their defaults; features are zeros or noise. Free with
 * wn_measure_free. */
wn_status wn_measure_run(wn_measure *out, const wn_model *model, wn_cpu cpu, wn_error *error);

/* Measure the reach alone. */
wn_status wn_measure_reach(wn_reach *out, const wn_model *model, wn_cpu cpu, wn_error *error);

/* Whether the measured positions are exactly the computed ones. */
bool wn_reach_agrees(const wn_reach *reach);

/* Accepts partial and zeroed measures. */
void wn_measure_free(wn_measure *measure);

#endif
