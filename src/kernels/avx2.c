/* SPDX-License-Identifier: MIT
 * avx2.c - the kernels in eight lanes; 16 registers.
 * Copyright (c) 2026 the wavenet authors */
#include "vec_avx2.h"

enum { GEMM_ROWS = 4 };
#define GEMM_VECS 3
#include "gemm_impl.h"

const wn_kernels wn_kernels_avx2 = {.name = "avx2", .fma = 1, .gemm = gemm};
