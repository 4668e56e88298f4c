/* SPDX-License-Identifier: MIT
 * exp_math.h - exp, sigmoid and tanh in single precision, written once for vectors and for single numbers.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_KINDS_EXP_MATH_H
#define WN_KINDS_EXP_MATH_H

#ifndef VEC_FN /* vectors have theirs, see kernels/vec.h */
#include "number.h"
#endif

/* Needed of the includer: a type `vec` with the operations of kernels/vec.h; number.h gives them to a single number. Where that
 * is a double (NUMBER_DOUBLE), fn_clamp alone is defined. The operations and their order are part of the definition of a
 * model's output. */

/* v_max and v_min return their second argument where either is NaN, so a NaN stays one. */
VEC_FN vec fn_clamp(vec x, float low, float high) { return v_min(v_set1(high), v_max(v_set1(low), x)); }

#ifndef NUMBER_DOUBLE

/* 2^f = 1 + f * (POW2_0 + POW2_1 f + ... + POW2_5 f^5) for |f| <= 1/2: our own weighted least-squares fit, iterated to the
 * smallest worst relative error of (2^f - 1)/f, 1.1e-8. */
#define POW2_0 0.6931471879268715f
#define POW2_1 0.2402264979493518f
#define POW2_2 0.055503574327641525f
#define POW2_3 0.009618237496727688f
#define POW2_4 0.0013390735945668433f
#define POW2_5 0.00015403512454784454f

/* 1.5 * 2^23 + 127: adding it rounds a float of small size to the nearest integer, left in the low bits of the sum as the
 * exponent of a power of two. Halves would go another way than without the 127, but no float times log2(e) is one before
 * it is rounded; where it is rounded first, without FMA, either way will do. */
#define POW2_ROUND 12583039.0f

#define LOG2_E 1.44269504088896341f
#define SIGMOID_CLAMP 87.0f /* e^87 is finite and its reciprocal a normal number, so FTZ changes nothing */

/* *power = 2^n and the returned value = 2^f - 1, where n + f = x * scale, |f| <= 1/2. */
VEC_FN vec pow2_parts(vec x, float scale, vec *power)
{
    vec n = v_fma(x, v_set1(scale), v_set1(POW2_ROUND));
    vec f = v_fma(x, v_set1(scale), v_sub(v_set1(POW2_ROUND), n));
    vec p = v_fma(v_set1(POW2_5), f, v_set1(POW2_4));
    p = v_fma(p, f, v_set1(POW2_3));
    p = v_fma(p, f, v_set1(POW2_2));
    p = v_fma(p, f, v_set1(POW2_1));
    p = v_fma(p, f, v_set1(POW2_0));
    *power = v_pow2(n);
    return v_mul(f, p);
}

/* e^x, x clamped to +-SIGMOID_CLAMP. */
VEC_FN vec fn_exp(vec x)
{
    vec power, h = pow2_parts(fn_clamp(x, -SIGMOID_CLAMP, SIGMOID_CLAMP), LOG2_E, &power);
    return v_fma(power, h, power);
}

VEC_FN vec fn_sigmoid(vec x)
{
    vec power, h = pow2_parts(fn_clamp(x, -SIGMOID_CLAMP, SIGMOID_CLAMP), -LOG2_E, &power);
    return v_div(v_set1(1.0f), v_add(v_set1(1.0f), v_fma(power, h, power)));
}

/* tanh x = (x + TANH_N1 x^3 + ... + TANH_N4 x^9) / (1 + TANH_D1 x^2 + ... + TANH_D4 x^8): our own weighted least-squares fit,
 * iterated to the smallest worst error up to 8.1, 7e-9. The last bits of the coefficients were chosen by random search so
 * that rounded results stay within -1..1 and TANH_CLAMP gives exactly 1. The worst error over all floats is 2.7e-7, without
 * FMA 3.05e-7. All coefficients are positive, so no sum cancels. Numerator and denominator are computed side by side, each in
 * two halves: a result is ready after about 30 cycles, by way of e^2x after 54, and a single frame waits for one in every
 * layer. */
#define TANH_N1 0.134437427f
#define TANH_N2 0.00357069774f
#define TANH_N3 2.1879654e-05f
#define TANH_N4 1.52090909e-08f
#define TANH_D1 0.467770696f
#define TANH_D2 0.0261610281f
#define TANH_D3 0.000340981089f
#define TANH_D4 8.51386346e-07f
#define TANH_CLAMP 8.09768677f /* 1 - tanh of it is 1.9e-7 */

VEC_FN vec fn_tanh(vec x)
{
    x = fn_clamp(x, -TANH_CLAMP, TANH_CLAMP);
    vec s = v_mul(x, x), s2 = v_mul(s, s);
    vec n = v_fma(v_fma(v_set1(TANH_N4), s, v_set1(TANH_N3)), s, v_set1(TANH_N2));
    vec d = v_fma(v_fma(v_set1(TANH_D4), s, v_set1(TANH_D3)), s, v_set1(TANH_D2));
    n = v_fma(n, v_mul(x, s2), v_fma(v_set1(TANH_N1), v_mul(x, s), x));
    d = v_fma(d, s2, v_fma(v_set1(TANH_D1), s, v_set1(1.0f)));
    return v_div(n, d);
}

#endif
#endif
