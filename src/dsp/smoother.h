/* SPDX-License-Identifier: MIT
 * smoother.h - parameter smoother: a linear ramp to a target value.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_DSP_SMOOTHER_H
#define WN_DSP_SMOOTHER_H

#include <stdbool.h>

/* One thread. At the end of the ramp the value is exactly `to`. */
typedef struct wn_smoother {
    float from, to;
    int done, frames; /* frames of the ramp that have passed, and its length */
} wn_smoother;

static inline wn_smoother wn_smoother_at(float value) { return (wn_smoother){.from = value, .to = value}; }

static inline float wn_smoother_value(const wn_smoother *s)
{
    return s->done < s->frames ? s->from + (s->to - s->from) * ((float)s->done / (float)s->frames) : s->to;
}

/* Start a ramp of `frames` frames from the current value to `to`. No effect if `to` is the target already. */
static inline void wn_smoother_set_target(wn_smoother *s, float to, int frames)
{
    if (to == s->to) return;
    *s = (wn_smoother){.from = wn_smoother_value(s), .to = to, .frames = frames};
}

/* Advance by one frame and return the value. */
static inline float wn_smoother_next(wn_smoother *s)
{
    if (s->done < s->frames) s->done++;
    return wn_smoother_value(s);
}

static inline bool wn_smoother_is_moving(const wn_smoother *s) { return s->done < s->frames; }

/* Multiply x [frames] by the next values. */
static inline void wn_smoother_run(wn_smoother *s, float *x, int frames)
{
    int t = 0;
    for (; t < frames && wn_smoother_is_moving(s); t++) x[t] *= wn_smoother_next(s);
    if (s->to == 1) return;
    for (; t < frames; t++) x[t] *= s->to;
}

#endif
