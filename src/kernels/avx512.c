/* SPDX-License-Identifier: MIT
 * avx512.c - the kernels in sixteen lanes; 32 registers.
 * Copyright (c) 2026 the wavenet authors */
#include "vec_avx512.h"

enum { GEMM_ROWS = 8 };
#define GEMM_VECS 3
#include "gemm_impl.h"

const wn_kernels wn_kernels_avx512 = {.name = "avx512", .fma = 1, .gemm = gemm};
