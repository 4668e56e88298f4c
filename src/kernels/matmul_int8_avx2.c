/* SPDX-License-Identifier: MIT
 * matmul_int8_avx2.c - eight outputs at a time, four inputs each: AVX2.
 * Copyright (c) 2026 the wavenet authors */
#include <stdint.h>

#include "vec_avx2.h"

/* Bytes are multiplied unsigned by signed and added in pairs to 16 bits: sizes of inputs by weights that take their signs
 * make at most 2 * 127 * 127, which fits. */
typedef __m256i sums;
typedef struct x4 {
    __m256i value, size;
} x4;
enum { UNSIGNED_INPUTS = 0, INT8_TILE_ROWS = 2 };

VEC_FN sums s_zero(void) { return _mm256_setzero_si256(); }
VEC_FN sums s_load(const int32_t *p) { return _mm256_loadu_si256((const __m256i *)p); }
VEC_FN sums s_sub(sums a, sums b) { return _mm256_sub_epi32(a, b); }
VEC_FN vec s_float(sums a) { return _mm256_cvtepi32_ps(a); }
VEC_FN x4 x4_of(uint32_t four)
{
    __m256i value = _mm256_set1_epi32((int)four);
    return (x4){value, _mm256_abs_epi8(value)};
}
VEC_FN sums s_dot(sums s, x4 x, const int8_t *w)
{
    __m256i signs = _mm256_sign_epi8(_mm256_loadu_si256((const __m256i *)w), x.value);
    __m256i pairs = _mm256_maddubs_epi16(x.size, signs);
    return _mm256_add_epi32(s, _mm256_madd_epi16(pairs, _mm256_set1_epi16(1)));
}
VEC_FN void bytes_of(vec v, int8_t *p)
{
    __m256i i = _mm256_cvtps_epi32(v);
    __m128i shorts = _mm_packs_epi32(_mm256_castsi256_si128(i), _mm256_extracti128_si256(i, 1));
    _mm_storel_epi64((__m128i *)p, _mm_packs_epi16(shorts, shorts));
}
VEC_FN float largest_lane(vec v)
{
    __m128 m = _mm_max_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps(v, 1));
    m = _mm_max_ps(m, _mm_movehl_ps(m, m));
    return _mm_cvtss_f32(_mm_max_ss(m, _mm_movehdup_ps(m)));
}

#include "matmul_int8_impl.h"

void wn_matmul_int8_avx2(const wn_matmul *p, const wn_int8_weights *w8, float *work) { matmul_int8(p, w8, work); }
