/* SPDX-License-Identifier: MIT
 * int8_avx2.c - 32 products of bytes in three instructions: pairs in 16 bits, pairs of pairs in 32, the sum.
 * Copyright (c) 2026 the wavenet authors */
#ifndef __AVX2__
#error "compile with -mavx2"
#endif

#include <immintrin.h>

#define DOT_SUM __m256i
#define DOT_IN __m256i
#define DOT_ZERO _mm256_setzero_si256()
#define DOT_ONES _mm256_set1_epi8(1)
#define DOT_STEP(sum, a, b) _mm256_add_epi32(sum, _mm256_madd_epi16(_mm256_maddubs_epi16(a, b), _mm256_set1_epi16(1)))
#define DOT_MACS 32
#include "dot_impl.h"

const wn_peak wn_peak_int8_avx2 = DOT_TABLE("avx2");
