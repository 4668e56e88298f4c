/* SPDX-License-Identifier: MIT
 * slide.h - a factor that moves in a straight line to where it is sent, and a peak that another thread asks for.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_AUDIO_SLIDE_H
#define WN_AUDIO_SLIDE_H

#include <math.h>
#include <stdatomic.h>

/* Of one thread. Once there it is exactly `to`. */
typedef struct wn_slide {
    float from, to;
    int done, frames;
} wn_slide;

static inline wn_slide wn_slide_at(float value) { return (wn_slide){.from = value, .to = value}; }

static inline float wn_slide_value(const wn_slide *s)
{
    return s->done < s->frames ? s->from + (s->to - s->from) * ((float)s->done / (float)s->frames) : s->to;
}

/* From where it is to `to` within `frames`; nothing if it is on its way there already. */
static inline void wn_slide_to(wn_slide *s, float to, int frames)
{
    if (to == s->to) return;
    *s = (wn_slide){.from = wn_slide_value(s), .to = to, .frames = frames};
}

/* The value of the next frame. */
static inline float wn_slide_next(wn_slide *s)
{
    if (s->done < s->frames) s->done++;
    return wn_slide_value(s);
}

static inline int wn_slide_moves(const wn_slide *s) { return s->done < s->frames; }

/* Multiply x [frames]. */
static inline void wn_slide_run(wn_slide *s, float *x, int frames)
{
    int t = 0;
    for (; t < frames && wn_slide_moves(s); t++) x[t] *= wn_slide_next(s);
    if (s->to == 1) return;
    for (; t < frames; t++) x[t] *= s->to;
}

/* The largest magnitude since it was last taken: noted by one thread, taken by another. */
typedef _Atomic(float) wn_peak;

/* Note x [frames], finite. Where the other thread takes the peak in this very moment, ours is what is new. */
static inline void wn_peak_note(wn_peak *peak, const float *x, int frames)
{
    float most = 0, before = atomic_load_explicit(peak, memory_order_relaxed);
    for (int t = 0; t < frames; t++) most = fabsf(x[t]) > most ? fabsf(x[t]) : most;
    if (most <= before) return;
    if (!atomic_compare_exchange_strong_explicit(peak, &before, most, memory_order_relaxed, memory_order_relaxed))
        atomic_store_explicit(peak, most, memory_order_relaxed);
}

static inline float wn_peak_take(wn_peak *peak) { return atomic_exchange_explicit(peak, 0, memory_order_relaxed); }

#endif
