/* SPDX-License-Identifier: MIT
 * int8_avxvnni.c - 32 products of bytes an instruction: AVX-VNNI, of CPUs without AVX-512.
 * Copyright (c) 2026 the wavenet authors */
#ifndef __AVXVNNI__
#error "compile with -mavx2 -mavxvnni"
#endif

#include <immintrin.h>

#define DOT_SUM __m256i
#define DOT_IN __m256i
#define DOT_ZERO _mm256_setzero_si256()
#define DOT_ONES _mm256_set1_epi8(1)
#define DOT_STEP(sum, a, b) _mm256_dpbusd_avx_epi32(sum, a, b)
#define DOT_MACS 32
#include "dot_impl.h"

const wn_peak wn_peak_int8_avxvnni = DOT_TABLE("avx-vnni");
