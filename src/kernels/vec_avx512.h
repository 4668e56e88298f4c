/* SPDX-License-Identifier: MIT
 * vec_avx512.h - sixteen floats: AVX-512 F, BW, DQ, VL.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_KERNELS_VEC_AVX512_H
#define WN_KERNELS_VEC_AVX512_H

#if !defined(__AVX512F__) || !defined(__AVX512VL__) || !defined(__AVX512DQ__) || !defined(__AVX512BW__) || \
    !defined(__FMA__)
#error "compile with -mavx512f -mavx512vl -mavx512dq -mavx512bw -mfma"
#endif

#include <immintrin.h>

#include "lane_x86.h"
#include "vec.h"

enum { LANES = 16 };
typedef __m512 vec;
typedef __mmask16 vmask;

VEC_FN vec v_zero(void) { return _mm512_setzero_ps(); }
VEC_FN vec v_set1(float x) { return _mm512_set1_ps(x); }
VEC_FN vec v_load(const float *p) { return _mm512_loadu_ps(p); }
VEC_FN void v_store(float *p, vec a) { _mm512_storeu_ps(p, a); }

VEC_FN __mmask16 first(int n) { return (__mmask16)((1u << n) - 1u); }
VEC_FN vec v_loadn(const float *p, int n) { return _mm512_maskz_loadu_ps(first(n), p); }
VEC_FN void v_storen(float *p, vec a, int n) { _mm512_mask_storeu_ps(p, first(n), a); }

VEC_FN vec v_load_bf16(const uint16_t *p)
{
    __m512i low = _mm512_cvtepu16_epi32(_mm256_loadu_si256((const __m256i *)p));
    return _mm512_castsi512_ps(_mm512_slli_epi32(low, 16));
}

VEC_FN void v_load_bf16_pair(const uint16_t *p, vec *even, vec *odd)
{
    __m512i two = _mm512_loadu_si512(p);
    *even = _mm512_castsi512_ps(_mm512_slli_epi32(two, 16));
    *odd = _mm512_castsi512_ps(_mm512_and_si512(two, _mm512_set1_epi32((int)0xffff0000u)));
}
VEC_FN void v_pair(vec even, vec odd, vec *low, vec *high)
{
    const __m512i first_half = _mm512_setr_epi32(0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
    *low = _mm512_permutex2var_ps(even, first_half, odd);
    *high = _mm512_permutex2var_ps(even, _mm512_add_epi32(first_half, _mm512_set1_epi32(8)), odd);
}

VEC_FN vec v_add(vec a, vec b) { return _mm512_add_ps(a, b); }
VEC_FN vec v_sub(vec a, vec b) { return _mm512_sub_ps(a, b); }
VEC_FN vec v_mul(vec a, vec b) { return _mm512_mul_ps(a, b); }
VEC_FN vec v_div(vec a, vec b) { return _mm512_div_ps(a, b); }
VEC_FN vec v_fma(vec a, vec b, vec c) { return _mm512_fmadd_ps(a, b, c); }
VEC_FN vec v_abs(vec a) { return _mm512_abs_ps(a); }
VEC_FN vec v_min(vec a, vec b) { return _mm512_min_ps(a, b); }
VEC_FN vec v_max(vec a, vec b) { return _mm512_max_ps(a, b); }
VEC_FN vmask v_less(vec a, vec b) { return _mm512_cmp_ps_mask(a, b, _CMP_LT_OQ); }
VEC_FN vec v_select(vmask m, vec yes, vec no) { return _mm512_mask_blend_ps(m, no, yes); }
VEC_FN vec v_hold(vec a)
{
    __asm__("" : "+v"(a));
    return a;
}
VEC_FN __m128 lane_of_four(__m128 a, int i){RETURN_LANE(_mm_permute_ps, a, i)}
/* Two cycles within the first four lanes, five across. */
VEC_FN vec v_lane(vec a, int i)
{
    if (i < 4) return _mm512_broadcastss_ps(lane_of_four(_mm512_castps512_ps128(a), i));
    return _mm512_permutexvar_ps(_mm512_set1_epi32(i), a);
}
VEC_FN vec v_pow2(vec a) { return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_castps_si512(a), 23)); }

#include "transpose_x86.h"

#endif
