/* SPDX-License-Identifier: MIT
 * table_impl.h - the kernels of one vector width, put together.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_KERNELS_TABLE_IMPL_H
#define WN_KERNELS_TABLE_IMPL_H

#include "elementwise_impl.h"
#include "gemm_impl.h"
#include "planes_impl.h"
#include "products_impl.h"

#define KERNEL_TABLE(called, has_fma)                                                                              \
    {.name = (called), .fma = (has_fma), .lanes = LANES, .products = products, .planes = planes, .copy = copy,     \
     .activate = activate, .gated = gated, .blended = blended, .add_scaled = add_scaled, .scale = scale,           \
     .film = film, .gemm = gemm}

#endif
