/* SPDX-License-Identifier: MIT
 * reference.h - what the reference kernels of floats and of bytes share.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_KERNELS_REFERENCE_H
#define WN_KERNELS_REFERENCE_H

#include "kernels.h"

/* What the products of row r and output o are added to: the start, and the products that are already there. */
static inline float wn_products_begin(const wn_products *p, int r, int o)
{
    float sum = p->start ? p->start[r * p->start_stride + o] : 0.0f;
    for (int k = 0; k < p->n_past; k++) sum += p->past[k * p->past_next + r * p->past_stride + o];
    return sum;
}

#endif
