/* SPDX-License-Identifier: MIT
 * matmul_int8_avx512.c - sixteen outputs at a time, four inputs each: AVX-512 VNNI.
 * Copyright (c) 2026 the wavenet authors */
#ifndef __AVX512VNNI__
#error "compile with -mavx512vnni and what vec_avx512.h asks for"
#endif
#include <stdint.h>

#include "vec_avx512.h"

typedef __m512i sums;
typedef __m512i x4;
enum { UNSIGNED_INPUTS = 1, INT8_TILE_ROWS = 4 };

VEC_FN sums s_zero(void) { return _mm512_setzero_si512(); }
VEC_FN sums s_load(const int32_t *p) { return _mm512_loadu_si512(p); }
VEC_FN sums s_sub(sums a, sums b) { return _mm512_sub_epi32(a, b); }
VEC_FN vec s_float(sums a) { return _mm512_cvtepi32_ps(a); }
VEC_FN x4 x4_of(uint32_t four) { return _mm512_set1_epi32((int)(four ^ 0x80808080u)); }
VEC_FN sums s_dot(sums s, x4 x, const int8_t *w) { return _mm512_dpbusd_epi32(s, x, _mm512_loadu_si512(w)); }
VEC_FN void bytes_of(vec v, int8_t *p) { _mm_storeu_si128((__m128i *)p, _mm512_cvtepi32_epi8(_mm512_cvtps_epi32(v))); }
VEC_FN float largest_lane(vec v) { return _mm512_reduce_max_ps(v); }

#include "matmul_int8_impl.h"

void wn_matmul_int8_avx512(const wn_matmul *p, const wn_int8_weights *w8, float *work) { matmul_int8(p, w8, work); }
