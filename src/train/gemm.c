/* SPDX-License-Identifier: MIT
 * gemm.c - matrix product: the kernel table's function in float, loops in double.
 * Copyright (c) 2026 the wavenet authors */
#include "train/gemm.h"

#ifdef WN_TRAIN_DOUBLE

void wn_gemm(const wn_math *math, int m, int n, int k, wn_matrix a, wn_matrix b, int beta, wn_real *c, ptrdiff_t stride)
{
    ptrdiff_t a_row = a.transposed ? 1 : a.stride, a_step = a.transposed ? a.stride : 1;
    ptrdiff_t b_row = b.transposed ? 1 : b.stride, b_step = b.transposed ? b.stride : 1;
    for (int i = 0; i < m; i++) {
        for (int j = 0; !beta && j < n; j++) c[i * stride + j] = 0;
        for (int p = 0; p < k; p++)
            for (int j = 0; j < n; j++) c[i * stride + j] += a.x[i * a_row + p * a_step] * b.x[p * b_row + j * b_step];
    }
}

#else

void wn_gemm(const wn_math *math, int m, int n, int k, wn_matrix a, wn_matrix b, int beta, wn_real *c, ptrdiff_t stride)
{
    if (m < 1 || n < 1 || k < 1) return;
    math->kernels->gemm(a.transposed, b.transposed, m, n, k, a.x, a.stride, b.x, b.stride, (float)beta, c, stride,
                        math->work);
}

#endif
