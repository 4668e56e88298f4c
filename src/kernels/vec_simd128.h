/* SPDX-License-Identifier: MIT
 * vec_simd128.h - four floats: WebAssembly's vectors. With the relaxed instructions a sum of products is one instruction,
 * which engines fuse on every processor that can; without them it is a product and a sum.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_KERNELS_VEC_SIMD128_H
#define WN_KERNELS_VEC_SIMD128_H

#ifndef __wasm_simd128__
#error "compile for wasm32 with -msimd128"
#endif

#include <wasm_simd128.h>

#include "vec.h"

enum { LANES = 4 };
typedef v128_t vec;
typedef v128_t vmask;

VEC_FN vec v_set1(float x) { return wasm_f32x4_splat(x); }
VEC_FN vec v_zero(void) { return v_set1(0.0f); }
VEC_FN vec v_load(const float *p) { return wasm_v128_load(p); }
VEC_FN void v_store(float *p, vec a) { wasm_v128_store(p, a); }

/* There are no masked loads: two lanes at once, then the odd one. */
VEC_FN vec v_loadn(const float *p, int n)
{
    if (n == LANES) return v_load(p);
    vec a = n > 1 ? wasm_v128_load64_zero(p) : wasm_v128_load32_zero(p);
    return n == 3 ? wasm_v128_load32_lane(p + 2, a, 2) : a;
}
VEC_FN void v_storen(float *p, vec a, int n)
{
    if (n == LANES)
        v_store(p, a);
    else if (n == 1)
        wasm_v128_store32_lane(p, a, 0);
    else
        wasm_v128_store64_lane(p, a, 0);
    if (n == 3) wasm_v128_store32_lane(p + 2, a, 2);
}

VEC_FN vec v_load_bf16(const uint16_t *p) { return wasm_i32x4_shl(wasm_u32x4_load16x4(p), 16); }
VEC_FN void v_load_bf16_pair(const uint16_t *p, vec *even, vec *odd)
{
    vec both = wasm_v128_load(p);
    *even = wasm_i32x4_shl(both, 16);
    *odd = wasm_v128_and(both, wasm_u32x4_const_splat(0xffff0000u));
}
VEC_FN void v_pair(vec even, vec odd, vec *low, vec *high)
{
    *low = wasm_i32x4_shuffle(even, odd, 0, 4, 1, 5);
    *high = wasm_i32x4_shuffle(even, odd, 2, 6, 3, 7);
}

VEC_FN vec v_add(vec a, vec b) { return wasm_f32x4_add(a, b); }
VEC_FN vec v_sub(vec a, vec b) { return wasm_f32x4_sub(a, b); }
VEC_FN vec v_mul(vec a, vec b) { return wasm_f32x4_mul(a, b); }
VEC_FN vec v_div(vec a, vec b) { return wasm_f32x4_div(a, b); }
#ifdef __wasm_relaxed_simd__
VEC_FN vec v_fma(vec a, vec b, vec c) { return wasm_f32x4_relaxed_madd(a, b, c); }
#else
VEC_FN vec v_fma(vec a, vec b, vec c) { return v_add(v_mul(a, b), c); } /* two roundings: fp-contract is off */
#endif
VEC_FN vec v_abs(vec a) { return wasm_f32x4_abs(a); }
VEC_FN vmask v_less(vec a, vec b) { return wasm_f32x4_lt(a, b); }
VEC_FN vec v_select(vmask m, vec yes, vec no) { return wasm_v128_bitselect(yes, no, m); }
/* pmin(x, y) is y < x ? y : x, so the operands change places. */
VEC_FN vec v_min(vec a, vec b) { return wasm_f32x4_pmin(b, a); }
VEC_FN vec v_max(vec a, vec b) { return wasm_f32x4_pmax(b, a); }
VEC_FN vec v_hold(vec a) { return a; } /* the browser's compiler allocates registers */
VEC_FN vec v_lane(vec a, int i)
{
    switch (i) { /* immediate operands */
    case 0: return wasm_i32x4_shuffle(a, a, 0, 0, 0, 0);
    case 1: return wasm_i32x4_shuffle(a, a, 1, 1, 1, 1);
    case 2: return wasm_i32x4_shuffle(a, a, 2, 2, 2, 2);
    default: return wasm_i32x4_shuffle(a, a, 3, 3, 3, 3);
    }
}
VEC_FN vec v_pow2(vec a) { return wasm_i32x4_shl(a, 23); }

/* dst[j][i] = src[i][j] for a square of TRANSPOSE elements: pairs of floats, then pairs of pairs. */
enum { TRANSPOSE = 4 };
VEC_FN void transpose_square(const float *src, ptrdiff_t src_stride, float *dst, ptrdiff_t dst_stride)
{
    vec a = v_load(src), b = v_load(src + src_stride);
    vec c = v_load(src + 2 * src_stride), d = v_load(src + 3 * src_stride), ab0, ab1, cd0, cd1;
    v_pair(a, b, &ab0, &ab1);
    v_pair(c, d, &cd0, &cd1);
    v_store(dst, wasm_i64x2_shuffle(ab0, cd0, 0, 2));
    v_store(dst + dst_stride, wasm_i64x2_shuffle(ab0, cd0, 1, 3));
    v_store(dst + 2 * dst_stride, wasm_i64x2_shuffle(ab1, cd1, 0, 2));
    v_store(dst + 3 * dst_stride, wasm_i64x2_shuffle(ab1, cd1, 1, 3));
}

#endif
