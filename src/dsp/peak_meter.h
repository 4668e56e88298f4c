/* SPDX-License-Identifier: MIT
 * peak_meter.h - the largest magnitude since the last query, from the audio thread to another.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_DSP_PEAK_METER_H
#define WN_DSP_PEAK_METER_H

#include <math.h>
#include <stdatomic.h>

/* One thread updates it, another takes the peak. Zero is the initial state. */
typedef _Atomic(float) wn_peak_meter;

/* Update with x [frames], finite. If the other thread takes the peak at the same time, the new peak is that of x
 * alone. */
static inline void wn_peak_meter_update(wn_peak_meter *meter, const float *x, int frames)
{
    float peak = 0, before = atomic_load_explicit(meter, memory_order_relaxed);
    for (int t = 0; t < frames; t++) peak = fabsf(x[t]) > peak ? fabsf(x[t]) : peak;
    if (peak <= before) return;
    if (!atomic_compare_exchange_strong_explicit(meter, &before, peak, memory_order_relaxed, memory_order_relaxed))
        atomic_store_explicit(meter, peak, memory_order_relaxed);
}

/* Return the peak and reset it to 0. */
static inline float wn_peak_meter_take(wn_peak_meter *meter)
{
    return atomic_exchange_explicit(meter, 0, memory_order_relaxed);
}

#endif
