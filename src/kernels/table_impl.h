/* SPDX-License-Identifier: MIT
 * table_impl.h - the kernels of one vector width, put together.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_KERNELS_TABLE_IMPL_H
#define WN_KERNELS_TABLE_IMPL_H

#include "base/exp.h"
#include "elementwise_impl.h"
#include "fused_impl.h"
#include "gemm_impl.h"
#include "matmul_impl.h"
#include "matmul_int8.h"
#include "peak_impl.h"
#include "planar_impl.h"

static void exp_array(int n, double *x)
{
    for (int i = 0; i < n; i++) x[i] = wn_exp_inline(x[i]);
}

#define KERNEL_TABLE(called, has_fma, int8, half) \
    { \
        .name = (called), .fma = (has_fma), .lanes = LANES, .matmul = matmul, .matmul_int8 = (int8), .planar = planar, \
        .fused = fused, .narrower = (half), .copy = copy, .activate = activate, .gated = gated, .blended = blended, \
        .add_scaled = add_scaled, .scale = scale, .film = film, .exp_array = exp_array, .gemm = gemm \
    }

#endif
