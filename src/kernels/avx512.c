/* SPDX-License-Identifier: MIT
 * avx512.c - the kernels in sixteen lanes; 32 registers.
 * Copyright (c) 2026 the wavenet authors */
#include "vec_avx512.h"

#define GEMM_ROWS 8 /* x 3 vectors: 24 sums, 3 of B; A is broadcast by the FMA itself */
#define GEMM_VECS 3
#define DOT_ROWS 4 /* x 4: 16 sums, 4 of B, 1 of A */
#define DOT_COLS 4
#define DOT_ONE_ROWS 8
#define TILE_CHAINS 4
#define TILE_ROWS_1 6
#define TILE_ROWS_2 3
#define ROW_VECS 4
#define PLANAR_OUTS 4
#define PLANAR_VECS 1
#define PLANAR_SUMS 16
#define PLANAR_COLUMNS
#define FUSED_VECS 1
#include "table_impl.h"

const wn_kernels wn_kernels_avx512 = KERNEL_TABLE("avx512", 1, wn_matmul_int8_x86_512, &wn_kernels_avx2);
const wn_peak wn_peak_avx512 = PEAK_TABLE("avx512");
