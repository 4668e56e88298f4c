/* SPDX-License-Identifier: MIT
 * gemm.c - matrix products: the kernel table's in float, plain loops in double.
 * Copyright (c) 2026 the wavenet authors */
#include "train/real.h"

#ifdef WN_TRAIN_DOUBLE

static double element(wn_matrix a, int row, int column) {
    return a.transposed ? a.x[column * a.stride + row] : a.x[row * a.stride + column];
}

void wn_gemm(const wn_math *math, int m, int n, int k, wn_matrix a, wn_matrix b, int beta, wn_real *c,
             ptrdiff_t stride) {
    for (int i = 0; i < m; i++) {
        for (int j = 0; j < n; j++) {
            double sum = beta ? c[i * stride + j] : 0;
            for (int p = 0; p < k; p++) sum += element(a, i, p) * element(b, p, j);
            c[i * stride + j] = sum;
        }
    }
}

#else

void wn_gemm(const wn_math *math, int m, int n, int k, wn_matrix a, wn_matrix b, int beta, wn_real *c,
             ptrdiff_t stride) {
    if (m < 1 || n < 1 || k < 1) return;
    math->kernels->gemm(a.transposed, b.transposed, m, n, k, a.x, a.stride, b.x, b.stride, (float)beta, c, stride,
                        math->work);
}

#endif
