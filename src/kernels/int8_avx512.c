/* SPDX-License-Identifier: MIT
 * int8_avx512.c - 64 products of bytes an instruction: AVX-512 VNNI.
 * Copyright (c) 2026 the wavenet authors */
#if !defined(__AVX512F__) || !defined(__AVX512VNNI__)
#error "compile with -mavx512f -mavx512vnni"
#endif

#include <immintrin.h>

#define DOT_SUM __m512i
#define DOT_IN __m512i
#define DOT_ZERO _mm512_setzero_si512()
#define DOT_ONES _mm512_set1_epi8(1)
#define DOT_STEP(sum, a, b) _mm512_dpbusd_epi32(sum, a, b)
#define DOT_MACS 64
#include "dot_impl.h"

const wn_peak wn_peak_int8_avx512 = DOT_TABLE("avx512-vnni");
