/* SPDX-License-Identifier: MIT
 * portable.c - the kernels in four lanes of whatever the target has at least, for CPUs without FMA.
 * Copyright (c) 2026 the wavenet authors */
#include "vec_portable.h"

enum { GEMM_ROWS = 4 };
#define GEMM_VECS 2
#include "gemm_impl.h"

const wn_kernels wn_kernels_portable = {.name = "portable", .fma = 0, .gemm = gemm};
