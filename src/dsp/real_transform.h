/* SPDX-License-Identifier: MIT
 * real_transform.h - Fourier transforms of real numbers by kissfft, in memory of our own.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_DSP_REAL_TRANSFORM_H
#define WN_DSP_REAL_TRANSFORM_H

#include <stdbool.h>

struct kiss_fftr_state; /* a kiss_fftr_cfg points to one */

/* A transform of n real numbers, n even, or the inverse, without the factor 1 / n. NULL if memory fails. Release it with free():
 * it lies in one allocation of ours, because kissfft's own free is that of another library. */
struct kiss_fftr_state *wn_real_transform_new(int n, bool inverse);

#endif
