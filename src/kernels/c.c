/* SPDX-License-Identifier: MIT
 * c.c - the reference: every kernel one element at a time, the definition that the vector tables match bit for bit.
 * Copyright (c) 2026 the wavenet authors */
#include "kernels.h"

/* Not part of the definition: tables need not agree on the sum order of gemm. */
static void gemm(int ta, int tb, int m, int n, int k, const float *a, ptrdiff_t lda, const float *b, ptrdiff_t ldb,
                 float beta, float *c, ptrdiff_t ldc, float *work) {
    (void)work;
    for (int i = 0; i < m; i++, c += ldc) {
        for (int j = 0; j < n; j++) {
            float sum = 0.0f;
            for (int l = 0; l < k; l++) sum += (ta ? a[l * lda + i] : a[i * lda + l]) * (tb ? b[j * ldb + l] : b[l * ldb + j]);
            c[j] = beta != 0.0f ? c[j] + sum : sum;
        }
    }
}

const wn_kernels wn_kernels_c = {.name = "c", .fma = 1, .gemm = gemm};
