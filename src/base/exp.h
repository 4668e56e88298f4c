/* SPDX-License-Identifier: MIT
 * exp.h - branch-free exp of a double with + - * only: equal bits in scalar code and at every vector width.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_BASE_EXP_H
#define WN_BASE_EXP_H

#include <math.h>
#include <stdint.h>
#include <string.h>

/* e^x. Relative error below 4e-16 for -700 <= x <= 700; 0 below that range, infinity above it, NaN for NaN. */
static inline double wn_exp_inline(double x)
{
    const double round = 6755399441055744.0; /* 1.5 * 2^52: adding it leaves an integer in the low bits */
    double big = x * 1.4426950408889634 + round, n = big - round;
    double r = (x - n * 0.693147180369123816490) - n * 1.90821492927058770002e-10; /* ln 2 in two parts */
    /* Taylor series for |r| < 0.35: the first omitted term is 0.35^14 / 14! < 5e-18. Even and odd powers are summed
     * separately, which gives two independent dependency chains. */
    double r2 = r * r, even = 1 / 479001600.0, odd = 1 / 6227020800.0;
    even = even * r2 + 1 / 3628800.0;
    odd = odd * r2 + 1 / 39916800.0;
    even = even * r2 + 1 / 40320.0;
    odd = odd * r2 + 1 / 362880.0;
    even = even * r2 + 1 / 720.0;
    odd = odd * r2 + 1 / 5040.0;
    even = even * r2 + 1 / 24.0;
    odd = odd * r2 + 1 / 120.0;
    even = even * r2 + 1 / 2.0;
    odd = odd * r2 + 1 / 6.0;
    even = even * r2 + 1.0;
    odd = odd * r2 + 1.0;
    uint64_t bits;
    double power;
    memcpy(&bits, &big, sizeof bits);
    bits = (bits + 1023) << 52; /* 2^n; arbitrary for x outside -700 .. 700, which is replaced below */
    memcpy(&power, &bits, sizeof power);
    double y = (even + r * odd) * power;
    y = x > 700 ? INFINITY : y;
    y = x < -700 ? 0 : y;
    return x == x ? y : x;
}

#endif
