/* SPDX-License-Identifier: MIT
 * quantise.h - from a largest value to the factor that makes 127 of it, and back.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_KERNELS_QUANTISE_H
#define WN_KERNELS_QUANTISE_H

typedef struct wn_quantiser {
    float factor, scale; /* of values that become integers, and of integers that become values */
} wn_quantiser;

static inline wn_quantiser wn_quantiser_of(float largest)
{
    wn_quantiser q = {0, 0};
    if (largest >= 1e-30f && largest <= 1e30f) {
        q.factor = 127.0f / largest;
        q.scale = largest / 127.0f;
    }
    return q;
}

#endif
