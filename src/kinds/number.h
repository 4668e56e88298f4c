/* SPDX-License-Identifier: MIT
 * number.h - one number under the names of a vector, so that mathematics is written once for both.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_KINDS_NUMBER_H
#define WN_KINDS_NUMBER_H

#include <math.h>
#include <stdint.h>
#include <string.h>

/* The operations of kernels/vec.h that mathematics needs, of one number. Define before it is included:
 *   NUMBER_DOUBLE   a number is a double, and the includer has fn_tanh and fn_sigmoid; otherwise a float
 *   NUMBER_FMA      v_fma rounds once, which may call a function; otherwise twice
 * Ternary operators, no calls: a compiler can vectorise a loop over any of these. */
#ifdef NUMBER_DOUBLE
typedef double vec;
#else
typedef float vec;
#endif
typedef int vmask;
#define VEC_FN static inline __attribute__((always_inline, unused))

VEC_FN vec v_zero(void) { return 0; }
VEC_FN vec v_set1(vec x) { return x; }
VEC_FN vec v_add(vec a, vec b) { return a + b; }
VEC_FN vec v_sub(vec a, vec b) { return a - b; }
VEC_FN vec v_mul(vec a, vec b) { return a * b; }
VEC_FN vec v_div(vec a, vec b) { return a / b; }
VEC_FN vec v_abs(vec a) { return _Generic(a, float : fabsf, double : fabs)(a); }
VEC_FN vec v_min(vec a, vec b) { return a < b ? a : b; }
VEC_FN vec v_max(vec a, vec b) { return a > b ? a : b; }
VEC_FN vmask v_less(vec a, vec b) { return a < b; }
VEC_FN vec v_select(vmask m, vec yes, vec no) { return m ? yes : no; }
#ifdef NUMBER_FMA
VEC_FN vec v_fma(vec a, vec b, vec c) { return _Generic(a, float : fmaf, double : fma)(a, b, c); }
#else
VEC_FN vec v_fma(vec a, vec b, vec c) { return a * b + c; }
#endif

#ifndef NUMBER_DOUBLE

/* 2^n for a = POW2_ROUND + n, -126 <= n <= 127; of NaN, anything. */
VEC_FN float v_pow2(float a)
{
    uint32_t bits;
    memcpy(&bits, &a, sizeof bits);
    bits <<= 23;
    memcpy(&a, &bits, sizeof a);
    return a;
}

#endif
#endif
