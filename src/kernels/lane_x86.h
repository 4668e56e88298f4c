/* SPDX-License-Identifier: MIT
 * lane_x86.h - one of four lanes in all of them, for the x86 tables.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_KERNELS_LANE_X86_H
#define WN_KERNELS_LANE_X86_H

#include <immintrin.h>

#include "vec.h"

VEC_FN __m128 lane_of_four(__m128 a, int i)
{
    switch (i) { /* an immediate operand */
    case 0: return _mm_permute_ps(a, 0x00);
    case 1: return _mm_permute_ps(a, 0x55);
    case 2: return _mm_permute_ps(a, 0xaa);
    default: return _mm_permute_ps(a, 0xff);
    }
}

#endif
