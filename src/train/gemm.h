/* SPDX-License-Identifier: MIT
 * gemm.h - matrix product of the trainer's numbers.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_TRAIN_GEMM_H
#define WN_TRAIN_GEMM_H

#include <stddef.h>

#include "kernels/kernels.h"
#include "train/real.h"

/* Resources of one thread for matrix products. */
typedef struct wn_math {
    const wn_kernels *kernels;
    float *work; /* scratch [wn_gemm_work()], 64-byte aligned */
} wn_math;

/* A matrix in row-major order. */
typedef struct wn_matrix {
    const wn_real *x;
    ptrdiff_t stride;
    int transposed; /* 1: the operand is the transpose of the stored matrix */
} wn_matrix;

/* c[m][n] = a[m][k] b[k][n] + beta c, beta 0 or 1. Empty shapes are allowed. c must not overlap a or b. */
void wn_gemm(const wn_math *math, int m, int n, int k, wn_matrix a, wn_matrix b, int beta, wn_real *c,
             ptrdiff_t stride);

static inline wn_matrix wn_plain(const wn_real *x, ptrdiff_t stride) { return (wn_matrix){x, stride, 0}; }
static inline wn_matrix wn_transposed(const wn_real *x, ptrdiff_t stride) { return (wn_matrix){x, stride, 1}; }

#endif
