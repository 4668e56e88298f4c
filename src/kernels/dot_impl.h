/* SPDX-License-Identifier: MIT
 * dot_impl.h - the loop that measures dot products of narrow numbers, written once for every instruction that does them.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_KERNELS_DOT_IMPL_H
#define WN_KERNELS_DOT_IMPL_H

/* From the file that includes this: DOT_SUM, DOT_IN the types of sums and operands, DOT_ZERO, DOT_ONES one of each,
 * DOT_STEP(sum, a, b) the instruction, DOT_MACS the multiply-accumulates it does. */
#include "peak_table.h"
#include "vec.h"

enum { DOT_CHAINS = 12 };

/* One operand passes through an empty statement every time, so that nothing of it can be worked out in advance. */
static double dot_spin(int rounds)
{
    DOT_SUM sum[DOT_CHAINS];
    DOT_IN a = DOT_ONES;
    const DOT_IN b = DOT_ONES;
    UNROLL for (int i = 0; i < DOT_CHAINS; i++) sum[i] = DOT_ZERO;
    for (int r = 0; r < rounds; r++) {
        UNROLL for (int i = 0; i < DOT_CHAINS; i++)
        {
            __asm__("" : "+v"(a));
            sum[i] = DOT_STEP(sum[i], a, b);
        }
    }
    UNROLL for (int i = 0; i < DOT_CHAINS; i++) __asm__ volatile("" : : "v"(sum[i]));
    return (double)rounds * DOT_CHAINS * (DOT_MACS);
}

#define DOT_TABLE(called) \
    { \
        .name = (called), .spin = dot_spin \
    }

#endif
