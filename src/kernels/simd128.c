/* SPDX-License-Identifier: MIT
 * simd128.c - the kernels in four lanes of WebAssembly, a product and a sum for an FMA.
 * Copyright (c) 2026 the wavenet authors */
#include "vec_simd128.h"

#ifdef __wasm_relaxed_simd__
#error "compile without -mrelaxed-simd: an engine that lacks one instruction refuses the whole module"
#endif

#include "simd128_tiles.h"
#include "table_impl.h"

const wn_kernels wn_kernels_simd128 = KERNEL_TABLE("simd128", 0, wn_matmul_int8_c, NULL);
