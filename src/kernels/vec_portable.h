/* SPDX-License-Identifier: MIT
 * vec_portable.h - four floats in the compiler's own vectors, without FMA: whatever the target's baseline has.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_KERNELS_VEC_PORTABLE_H
#define WN_KERNELS_VEC_PORTABLE_H

#include <stdint.h>
#include <string.h>

#include "vec.h"

enum { LANES = 4 };
typedef float vec __attribute__((vector_size(16)));
typedef int32_t vmask __attribute__((vector_size(16)));
typedef uint32_t vbits __attribute__((vector_size(16)));

VEC_FN vec v_set1(float x) { return (vec){x, x, x, x}; }
VEC_FN vec v_zero(void) { return v_set1(0.0f); }
VEC_FN vec v_load(const float *p)
{
    vec a;
    memcpy(&a, p, sizeof a);
    return a;
}
VEC_FN void v_store(float *p, vec a) { memcpy(p, &a, sizeof a); }
VEC_FN vec v_loadn(const float *p, int n)
{
    vec a = v_zero();
    for (int i = 0; i < n; i++) a[i] = p[i];
    return a;
}
VEC_FN void v_storen(float *p, vec a, int n)
{
    for (int i = 0; i < n; i++) p[i] = a[i];
}

VEC_FN vec v_load_bf16(const uint16_t *p)
{
    vbits bits = {p[0], p[1], p[2], p[3]};
    return (vec)(bits << 16);
}

VEC_FN void v_load_bf16_pair(const uint16_t *p, vec *even, vec *odd)
{
    vbits a = {p[0], p[2], p[4], p[6]}, b = {p[1], p[3], p[5], p[7]};
    *even = (vec)(a << 16);
    *odd = (vec)(b << 16);
}
VEC_FN void v_pair(vec even, vec odd, vec *low, vec *high)
{
    *low = (vec){even[0], odd[0], even[1], odd[1]};
    *high = (vec){even[2], odd[2], even[3], odd[3]};
}

VEC_FN vec v_add(vec a, vec b) { return a + b; }
VEC_FN vec v_sub(vec a, vec b) { return a - b; }
VEC_FN vec v_mul(vec a, vec b) { return a * b; }
VEC_FN vec v_div(vec a, vec b) { return a / b; }
VEC_FN vec v_fma(vec a, vec b, vec c) { return a * b + c; } /* two roundings: fp-contract is off */
VEC_FN vec v_abs(vec a) { return (vec)((vmask)a & 0x7fffffff); }
VEC_FN vec v_select(vmask m, vec yes, vec no) { return (vec)((m & (vmask)yes) | (~m & (vmask)no)); }
VEC_FN vmask v_less(vec a, vec b) { return a < b; }
VEC_FN vec v_min(vec a, vec b) { return v_select(a < b, a, b); }
VEC_FN vec v_max(vec a, vec b) { return v_select(a > b, a, b); }
VEC_FN vec v_hold(vec a) { return a; }
VEC_FN vec v_lane(vec a, int i) { return v_set1(a[i]); }
VEC_FN vec v_pow2(vec a) { return (vec)((vbits)a << 23); }

/* dst[j][i] = src[i][j] for a square of TRANSPOSE elements. */
enum { TRANSPOSE = 4 };
VEC_FN void transpose_square(const float *src, ptrdiff_t src_stride, float *dst, ptrdiff_t dst_stride)
{
    for (int i = 0; i < TRANSPOSE; i++)
        for (int j = 0; j < TRANSPOSE; j++) dst[j * dst_stride + i] = src[i * src_stride + j];
}

#endif
