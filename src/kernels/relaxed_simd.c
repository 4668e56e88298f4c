/* SPDX-License-Identifier: MIT
 * relaxed_simd.c - the kernels in four lanes of WebAssembly with its relaxed multiply-add.
 * Copyright (c) 2026 the wavenet authors */
#include "vec_simd128.h"

#ifndef __wasm_relaxed_simd__
#error "compile with -mrelaxed-simd"
#endif

#include "simd128_tiles.h"
#include "table_impl.h"

const wn_kernels wn_kernels_relaxed_simd = KERNEL_TABLE("relaxed-simd", 1, wn_matmul_int8_c, NULL);
