/* SPDX-License-Identifier: MIT
 * mix.h - gains in decibels, finite samples, and a linear crossfade between two signals.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_DSP_MIX_H
#define WN_DSP_MIX_H

#include <math.h>
#include <string.h>

#include "dsp/smoother.h"

#define WN_MAX_GAIN_DB 400.0

/* The factor of `db`, clamped to -400 .. 400. */
static inline float wn_gain_from_db(double db)
{
    return (float)pow(10, fmin(fmax(db, -WN_MAX_GAIN_DB), WN_MAX_GAIN_DB) / 20);
}

/* Copy x [frames] to y, which may be x, with non-finite samples replaced by 0. Returns their number. */
static inline int wn_sanitize(const float *x, int frames, float *y)
{
    int n_nonfinite = 0;
    for (int t = 0; t < frames; t++) {
        bool finite = isfinite(x[t]);
        n_nonfinite += !finite;
        y[t] = finite ? x[t] : 0.0f;
    }
    return n_nonfinite;
}

/* Linear crossfade into y [frames]: `share` is the share of `other` [frames], on its way to 0 or 1. The gains add up to one,
 * because both signals are versions of one sound. */
static inline void wn_mix(wn_smoother *share, const float *other, int frames, float *y)
{
    int t = 0;
    for (; t < frames && wn_smoother_is_moving(share); t++) {
        float part = wn_smoother_next(share);
        y[t] = (1.0f - part) * y[t] + part * other[t];
    }
    if (share->to == 1) memcpy(y + t, other + t, (size_t)(frames - t) * sizeof *y);
}

#endif
