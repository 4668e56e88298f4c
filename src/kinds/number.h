/* SPDX-License-Identifier: MIT
 * number.h - one number under the names of a vector, so that mathematics is written once for both.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_KINDS_NUMBER_H
#define WN_KINDS_NUMBER_H

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "pow2.h"

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

/* *power = 2^n and the returned value = 2^f - 1, where n + f = x * scale, |f| <= 1/2. A NaN comes back as NaN. */
VEC_FN float pow2_parts(float x, float scale, float *power)
{
    float n = v_fma(x, scale, POW2_ROUND), f = v_fma(x, scale, POW2_ROUND - n);
    float p = v_fma(POW2_5, f, POW2_4);
    p = v_fma(p, f, POW2_3);
    p = v_fma(p, f, POW2_2);
    p = v_fma(p, f, POW2_1);
    p = v_fma(p, f, POW2_0);
    *power = v_pow2(n);
    return f * p;
}

VEC_FN float clamped(float x, float limit) { return v_min(limit, v_max(-limit, x)); }

/* 2^n (2^f - 1) + 2^n, for |x| <= SIGMOID_CLAMP. */
VEC_FN float fn_exp(float x)
{
    float s, h = pow2_parts(clamped(x, SIGMOID_CLAMP), LOG2_E, &s);
    return v_fma(s, h, s);
}

/* tanh x = m / (m + 2), m = e^2x - 1 = 2^n (2^f - 1) + (2^n - 1): exact about 0, and exactly 1 in the limit. */
VEC_FN float fn_tanh(float x)
{
    float s, h = pow2_parts(clamped(x, TANH_CLAMP), 2.0f * LOG2_E, &s);
    float m = v_fma(s, h, s - 1.0f);
    return m / (m + 2.0f);
}

VEC_FN float fn_sigmoid(float x)
{
    float s, h = pow2_parts(clamped(x, SIGMOID_CLAMP), -LOG2_E, &s);
    return 1.0f / (1.0f + v_fma(s, h, s));
}

#endif
#endif
