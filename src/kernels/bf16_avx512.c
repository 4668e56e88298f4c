/* SPDX-License-Identifier: MIT
 * bf16_avx512.c - 32 products of bfloat16 an instruction: AVX-512 BF16.
 * Copyright (c) 2026 the wavenet authors */
#if !defined(__AVX512F__) || !defined(__AVX512BF16__)
#error "compile with -mavx512f -mavx512bw -mavx512bf16"
#endif

#include <immintrin.h>

#define DOT_SUM __m512
#define DOT_IN __m512bh
#define DOT_ZERO _mm512_setzero_ps()
#define DOT_ONES (__m512bh) _mm512_set1_epi16(0x3f80)
#define DOT_STEP(sum, a, b) _mm512_dpbf16_ps(sum, a, b)
#define DOT_MACS 32
#include "dot_impl.h"

const wn_peak wn_peak_bf16_avx512 = DOT_TABLE("avx512-bf16");
