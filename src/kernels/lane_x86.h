/* SPDX-License-Identifier: MIT
 * lane_x86.h - one of four lanes in all of them, for the x86 tables.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_KERNELS_LANE_X86_H
#define WN_KERNELS_LANE_X86_H

#include <immintrin.h>

#include "vec.h"

/* Lane i of every four: `permute` takes an immediate operand. */
#define RETURN_LANE(permute, a, i) \
    switch (i) { \
    case 0: return permute((a), 0x00); \
    case 1: return permute((a), 0x55); \
    case 2: return permute((a), 0xaa); \
    default: return permute((a), 0xff); \
    }

#endif
