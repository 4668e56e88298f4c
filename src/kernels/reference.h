/* SPDX-License-Identifier: MIT
 * reference.h - what the reference kernels of floats and of integers share.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_KERNELS_REFERENCE_H
#define WN_KERNELS_REFERENCE_H

#include "kernels.h"

/* The start of the sum of row r and output o: init and the partial sums. */
static inline float wn_matmul_begin(const wn_matmul *p, int r, int o)
{
    float sum = p->init ? p->init[r * p->init_stride + o] : 0.0f;
    for (int k = 0; k < p->n_partial; k++) sum += p->partial[k * p->partial_next + r * p->partial_stride + o];
    return sum;
}

#endif
