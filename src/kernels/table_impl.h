/* SPDX-License-Identifier: MIT
 * table_impl.h - the kernels of one vector width, put together.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_KERNELS_TABLE_IMPL_H
#define WN_KERNELS_TABLE_IMPL_H

#include "cells_impl.h"
#include "elementwise_impl.h"
#include "base/exps.h"
#include "gemm_impl.h"
#include "peak_impl.h"
#include "planes_impl.h"
#include "products8.h"
#include "products_impl.h"

static void exps(int n, double *x)
{
    for (int i = 0; i < n; i++) x[i] = wn_exp_one(x[i]);
}

#define KERNEL_TABLE(called, has_fma, int8, half)                                                                       \
    {.name = (called), .fma = (has_fma), .lanes = LANES, .products = products, .products8 = (int8), .planes = planes, .cells = cells,   \
     .narrower = (half), .copy = copy, .activate = activate, .gated = gated, .blended = blended,                     \
     .add_scaled = add_scaled, .scale = scale, .film = film, .exps = exps, .gemm = gemm}

#endif
