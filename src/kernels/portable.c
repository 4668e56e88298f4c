/* SPDX-License-Identifier: MIT
 * portable.c - the kernels in four lanes of whatever the target has at least, for CPUs without FMA.
 * Copyright (c) 2026 the wavenet authors */
#include "vec_portable.h"

#define GEMM_ROWS 4 /* x 2 vectors: 8 sums, 2 of B, 1 of A, 1 product */
#define GEMM_VECS 2
#define DOT_ROWS 4 /* x 2: 8 sums, 2 of B, 1 of A, 1 product */
#define DOT_COLS 2
#define DOT_ONE_ROWS 8
#define TILE_CHAINS 2
#define TILE_ROWS_1 4
#define TILE_ROWS_2 2
#define ROW_VECS 2
#define PLANAR_OUTS 3
#define PLANAR_SUMS 12
#define FUSED_VECS 4
#include "table_impl.h"

const wn_kernels wn_kernels_portable = KERNEL_TABLE("portable", 0, wn_matmul_int8_c, NULL);
const wn_peak wn_peak_portable = PEAK_TABLE("portable");
