/* SPDX-License-Identifier: MIT
 * vec_neon.h - four floats: Advanced SIMD, which every aarch64 has, FMA included.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_KERNELS_VEC_NEON_H
#define WN_KERNELS_VEC_NEON_H

#if !defined(__aarch64__) || !defined(__ARM_NEON)
#error "compile for aarch64"
#endif

#include <arm_neon.h>

#include "vec.h"

enum { LANES = 4 };
typedef float32x4_t vec;
typedef uint32x4_t vmask;

VEC_FN vec v_zero(void) { return vdupq_n_f32(0.0f); }
VEC_FN vec v_set1(float x) { return vdupq_n_f32(x); }
VEC_FN vec v_load(const float *p) { return vld1q_f32(p); }
VEC_FN void v_store(float *p, vec a) { vst1q_f32(p, a); }

/* There are no masked loads: two lanes at once, then the odd one. */
VEC_FN vec v_loadn(const float *p, int n)
{
    if (n == LANES) return v_load(p);
    vec a = n > 1 ? vcombine_f32(vld1_f32(p), vdup_n_f32(0.0f)) : vld1q_lane_f32(p, v_zero(), 0);
    return n == 3 ? vld1q_lane_f32(p + 2, a, 2) : a;
}
VEC_FN void v_storen(float *p, vec a, int n)
{
    if (n == LANES)
        v_store(p, a);
    else if (n == 1)
        vst1q_lane_f32(p, a, 0);
    else
        vst1_f32(p, vget_low_f32(a));
    if (n == 3) vst1q_lane_f32(p + 2, a, 2);
}

VEC_FN vec v_load_bf16(const uint16_t *p) { return vreinterpretq_f32_u32(vshll_n_u16(vld1_u16(p), 16)); }
VEC_FN void v_load_bf16_pair(const uint16_t *p, vec *even, vec *odd)
{
    uint16x4x2_t two = vld2_u16(p);
    *even = vreinterpretq_f32_u32(vshll_n_u16(two.val[0], 16));
    *odd = vreinterpretq_f32_u32(vshll_n_u16(two.val[1], 16));
}
VEC_FN void v_pair(vec even, vec odd, vec *low, vec *high)
{
    *low = vzip1q_f32(even, odd);
    *high = vzip2q_f32(even, odd);
}

VEC_FN vec v_add(vec a, vec b) { return vaddq_f32(a, b); }
VEC_FN vec v_sub(vec a, vec b) { return vsubq_f32(a, b); }
VEC_FN vec v_mul(vec a, vec b) { return vmulq_f32(a, b); }
VEC_FN vec v_div(vec a, vec b) { return vdivq_f32(a, b); }
VEC_FN vec v_fma(vec a, vec b, vec c) { return vfmaq_f32(c, a, b); }
VEC_FN vec v_abs(vec a) { return vabsq_f32(a); }
VEC_FN vmask v_less(vec a, vec b) { return vcltq_f32(a, b); }
VEC_FN vec v_select(vmask m, vec yes, vec no) { return vbslq_f32(m, yes, no); }
/* Not vminq and vmaxq: those give NaN where either is NaN, and -0 for the smaller of two zeros. */
VEC_FN vec v_min(vec a, vec b) { return v_select(v_less(a, b), a, b); }
VEC_FN vec v_max(vec a, vec b) { return v_select(v_less(b, a), a, b); }
VEC_FN vec v_hold(vec a)
{
    __asm__("" : "+w"(a));
    return a;
}
VEC_FN vec v_lane(vec a, int i)
{
    switch (i) { /* an immediate operand */
    case 0: return vdupq_laneq_f32(a, 0);
    case 1: return vdupq_laneq_f32(a, 1);
    case 2: return vdupq_laneq_f32(a, 2);
    default: return vdupq_laneq_f32(a, 3);
    }
}
VEC_FN vec v_pow2(vec a) { return vreinterpretq_f32_u32(vshlq_n_u32(vreinterpretq_u32_f32(a), 23)); }

/* dst[j][i] = src[i][j] for a square of TRANSPOSE elements: pairs of floats, then pairs of pairs. */
enum { TRANSPOSE = 4 };
VEC_FN void transpose_square(const float *src, ptrdiff_t src_stride, float *dst, ptrdiff_t dst_stride)
{
    vec a = v_load(src), b = v_load(src + src_stride);
    vec c = v_load(src + 2 * src_stride), d = v_load(src + 3 * src_stride);
    float64x2_t ab0 = vreinterpretq_f64_f32(vtrn1q_f32(a, b)), ab1 = vreinterpretq_f64_f32(vtrn2q_f32(a, b));
    float64x2_t cd0 = vreinterpretq_f64_f32(vtrn1q_f32(c, d)), cd1 = vreinterpretq_f64_f32(vtrn2q_f32(c, d));
    v_store(dst, vreinterpretq_f32_f64(vtrn1q_f64(ab0, cd0)));
    v_store(dst + dst_stride, vreinterpretq_f32_f64(vtrn1q_f64(ab1, cd1)));
    v_store(dst + 2 * dst_stride, vreinterpretq_f32_f64(vtrn2q_f64(ab0, cd0)));
    v_store(dst + 3 * dst_stride, vreinterpretq_f32_f64(vtrn2q_f64(ab1, cd1)));
}

#endif
