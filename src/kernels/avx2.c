/* SPDX-License-Identifier: MIT
 * avx2.c - the kernels in eight lanes; 16 registers.
 * Copyright (c) 2026 the wavenet authors */
#include "vec_avx2.h"

#define GEMM_ROWS 4 /* x 3 vectors: 12 sums, 3 of B, 1 of A */
#define GEMM_VECS 3
#define DOT_ROWS 4 /* x 2: 8 sums, 2 of B, 1 of A */
#define DOT_COLS 2
#define DOT_ONE_ROWS 8
#define TILE_CHAINS 2
#define TILE_ROWS_1 6
#define TILE_ROWS_2 3
#define ROW_VECS 2
#define PLANAR_OUTS 4
#define PLANAR_VECS 2
#define PLANAR_SUMS 12
#define PLANAR_CHAINS
#define FUSED_VECS 2
#include "table_impl.h"

const wn_kernels wn_kernels_avx2 = KERNEL_TABLE("avx2", 1, wn_matmul_int8_x86_256, NULL);
const wn_peak wn_peak_avx2 = PEAK_TABLE("avx2");
