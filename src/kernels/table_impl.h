/* SPDX-License-Identifier: MIT
 * table_impl.h - the kernels of one vector width, put together.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_KERNELS_TABLE_IMPL_H
#define WN_KERNELS_TABLE_IMPL_H

#include "base/exp.h"
#include "elementwise_impl.h"
#include "matmul_impl.h"
#include "matmul_int8.h"
#include "planar_impl.h"
#ifdef RUNS_ONLY /* a set without what training and the benchmark need; its size counts */
#define TABLE_FUSED NULL
#define TABLE_GEMM NULL
#else
#include "fused_impl.h"
#define TABLE_FUSED fused
#include "gemm_impl.h"
#define TABLE_GEMM gemm
#include "peak_impl.h"
#endif

static void exp_array(int n, double *x)
{
    for (int i = 0; i < n; i++) x[i] = wn_exp_inline(x[i]);
}

#define KERNEL_TABLE(called, has_fma, int8, half) \
    { \
        .name = (called), .fma = (has_fma), .lanes = LANES, .matmul = matmul, .matmul_int8 = (int8), .planar = planar, \
        .fused = TABLE_FUSED, .narrower = (half), .copy = copy, .activate = activate, .gated = gated, \
        .blended = blended, .add_scaled = add_scaled, .scale = scale, .film = film, .exp_array = exp_array, \
        .gemm = TABLE_GEMM \
    }

#endif
