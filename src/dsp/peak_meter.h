/* SPDX-License-Identifier: MIT
 * peak_meter.h - the largest magnitude since the last query, from the audio thread to another.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_DSP_PEAK_METER_H
#define WN_DSP_PEAK_METER_H

#include <math.h>
#include <stdatomic.h>

/* Updated by one thread, taken by another. Zero is the initial state. */
typedef _Atomic(float) wn_peak_meter;

/* Account for x [frames], finite. If the other thread takes the peak at the same time, only x counts. */
static inline void wn_peak_meter_update(wn_peak_meter *peak, const float *x, int frames)
{
    float most = 0, before = atomic_load_explicit(peak, memory_order_relaxed);
    for (int t = 0; t < frames; t++) most = fabsf(x[t]) > most ? fabsf(x[t]) : most;
    if (most <= before) return;
    if (!atomic_compare_exchange_strong_explicit(peak, &before, most, memory_order_relaxed, memory_order_relaxed))
        atomic_store_explicit(peak, most, memory_order_relaxed);
}

static inline float wn_peak_meter_take(wn_peak_meter *peak) { return atomic_exchange_explicit(peak, 0, memory_order_relaxed); }

#endif
