/* SPDX-License-Identifier: MIT
 * neon.c - the kernels in four lanes; 32 registers.
 * Copyright (c) 2026 the wavenet authors */
#include "vec_neon.h"

#define GEMM_ROWS 8 /* x 2 vectors: 16 sums, 2 of B, 8 of A, which FMAs take by element */
#define GEMM_VECS 2
#define DOT_ROWS 4 /* x 4: 16 sums, 4 of B, 1 of A */
#define DOT_COLS 4
#define DOT_ONE_ROWS 8
#define TILE_CHAINS 2
#define TILE_ROWS_1 6
#define TILE_ROWS_2 4
#define ROW_VECS 4
#define PLANAR_OUTS 4
#define PLANAR_VECS 1
#define PLANAR_SUMS 16
#define PLANAR_COLUMNS
#define FUSED_VECS 4
#include "table_impl.h"

const wn_kernels wn_kernels_neon = KERNEL_TABLE("neon", 1, wn_matmul_int8_c, NULL);
const wn_peak wn_peak_neon = PEAK_TABLE("neon");
