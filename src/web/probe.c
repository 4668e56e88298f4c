/* SPDX-License-Identifier: MIT
 * probe.c - compiled and linked by meson setup, to see whether the packages for WebAssembly are here.
 * Copyright (c) 2026 the wavenet authors */
#include <math.h>
#include <stdlib.h>
#include <wasm_simd128.h>

__attribute__((export_name("probe"))) float *probe(double x)
{
    float *y = malloc(sizeof(v128_t));
    if (y) wasm_v128_store(y, wasm_f32x4_splat((float)pow(x, 0.1)));
    return y;
}
