/* SPDX-License-Identifier: MIT
 * activation_math.h - value and slope of every activation, written once for vectors, floats and doubles.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_KINDS_ACTIVATION_MATH_H
#define WN_KINDS_ACTIVATION_MATH_H

#include "activation.h"
#include "exp_math.h"

/* Needed of the includer: a type `vec` with its operations, fn_tanh and fn_sigmoid. For each activation there are
 *
 *   act_NAME(x, p)        its value at x with the parameters p; NaN gives NaN
 *   slope_NAME(x, y, p)   its derivative at x, where its value is y; those of WN_ACT_SLOPE_OF_VALUE look at y alone
 *
 * p [WN_ACT_PARAMETERS]; of a WN_ACT_PER_CHANNEL one, p[0] is the channel's parameter. Operations and their order are part of
 * the definition of a model's output. Constants that no float holds are doubles: v_set1 rounds them to the type of `vec`. */

VEC_FN vec fn_one_or_zero(vmask m) { return v_select(m, v_set1(1.0f), v_zero()); }

#define WN_ACT(name) VEC_FN vec act_##name(vec x WN_UNUSED, const vec *p WN_UNUSED)
#define WN_SLOPE(name) VEC_FN vec slope_##name(vec x WN_UNUSED, vec y WN_UNUSED, const vec *p WN_UNUSED)
#define WN_UNUSED __attribute__((unused)) /* by some activations */

WN_ACT(identity) { return x; }
WN_SLOPE(identity) { return v_set1(1.0f); }

WN_ACT(one) { return v_set1(1.0f); }
WN_SLOPE(one) { return v_zero(); }

WN_ACT(tanh) { return fn_tanh(x); }
WN_SLOPE(tanh) { return v_sub(v_set1(1.0f), v_mul(y, y)); }

WN_ACT(sigmoid) { return fn_sigmoid(x); }
WN_SLOPE(sigmoid) { return v_mul(y, v_sub(v_set1(1.0f), y)); }

WN_ACT(relu) { return v_max(v_zero(), x); }
WN_SLOPE(relu) { return fn_one_or_zero(v_less(v_zero(), x)); }

/* p[0]: slope below zero. */
VEC_FN vec fn_sloped(vec x, vec slope) { return v_select(v_less(x, v_zero()), v_mul(x, slope), x); }
/* The same bits for 0 < slope <= 1 in one instruction less, also for -0, infinity and NaN, which v_max takes from x. */
VEC_FN vec fn_leaky(vec x, vec slope) { return v_max(v_mul(x, slope), x); }
WN_ACT(leaky_relu) { return fn_sloped(x, p[0]); }
WN_SLOPE(leaky_relu) { return v_select(v_less(v_zero(), x), v_set1(1.0f), p[0]); }
WN_ACT(prelu) { return fn_sloped(x, p[0]); }
WN_SLOPE(prelu) { return slope_leaky_relu(x, y, p); }

/* x sigmoid(x) */
WN_ACT(silu) { return v_mul(x, fn_sigmoid(x)); }
WN_SLOPE(silu)
{
    vec s = fn_sigmoid(x);
    return v_fma(v_mul(x, s), v_sub(v_set1(1.0f), s), s);
}

/* x clamped to -1..1 */
WN_ACT(hard_tanh) { return fn_clamp(x, -1.0f, 1.0f); }
WN_SLOPE(hard_tanh) { return v_select(v_less(v_set1(1.0f), v_abs(x)), v_zero(), v_set1(1.0f)); }

/* p: minimum, maximum, slope below the minimum, slope above the maximum. */
WN_ACT(leaky_hard_tanh)
{
    vec below = v_fma(v_sub(x, p[0]), p[2], p[0]);
    vec above = v_fma(v_sub(x, p[1]), p[3], p[1]);
    return v_select(v_less(x, p[0]), below, v_select(v_less(p[1], x), above, x));
}
WN_SLOPE(leaky_hard_tanh) { return v_select(v_less(x, p[0]), p[2], v_select(v_less(p[1], x), p[3], v_set1(1.0f))); }

/* x clamp(x + 3, 0, 6) / 6 */
WN_ACT(hard_swish)
{
    vec t = fn_clamp(v_add(x, v_set1(3.0f)), 0.0f, 6.0f);
    return v_mul(v_mul(x, t), v_set1(1 / 6.0));
}
WN_SLOPE(hard_swish)
{
    vec three = v_set1(3.0f), middle = v_mul(v_add(v_add(x, x), three), v_set1(1 / 6.0));
    return v_select(v_less(v_abs(x), three), middle, fn_one_or_zero(v_less(v_zero(), x)));
}

/* x / (1 + |x|) */
WN_ACT(softsign) { return v_div(x, v_add(v_set1(1.0f), v_abs(x))); }
WN_SLOPE(softsign)
{
    vec d = v_add(v_set1(1.0f), v_abs(x));
    return v_div(v_set1(1.0f), v_mul(d, d));
}

/* The rational tanh of amp-capture players:
 * x (A + A|x| + (B + C|x|) x^2) / (D + (D + x^2) |x + E x|x||). Clamped where the powers would overflow. */
#define FAST_TANH_A 2.45550750702956
#define FAST_TANH_B 0.893229853513558
#define FAST_TANH_C 0.821226666969744
#define FAST_TANH_D 2.44506634652299
#define FAST_TANH_E 0.814642734961073
#define FAST_TANH_CLAMP 1e9f

WN_ACT(fast_tanh)
{
    x = fn_clamp(x, -FAST_TANH_CLAMP, FAST_TANH_CLAMP);
    vec a = v_set1(FAST_TANH_A), d = v_set1(FAST_TANH_D), size = v_abs(x), square = v_mul(x, x);
    vec top = v_fma(v_fma(v_set1(FAST_TANH_C), size, v_set1(FAST_TANH_B)), square, v_fma(a, size, a));
    vec bent = v_abs(v_fma(v_mul(v_set1(FAST_TANH_E), x), size, x));
    return v_div(v_mul(x, top), v_fma(v_add(d, square), bent, d));
}

/* Of n(s)/d(s), s = |x|: (n' - y d') / d, which no power overflows. */
WN_SLOPE(fast_tanh)
{
    vec a = v_set1(FAST_TANH_A), d = v_set1(FAST_TANH_D), e = v_set1(FAST_TANH_E), one = v_set1(1.0f);
    vec s = v_min(v_abs(x), v_set1(FAST_TANH_CLAMP)), square = v_mul(s, s), bent = v_fma(v_mul(e, s), s, s);
    vec cubes = v_fma(v_set1(4 * FAST_TANH_C), s, v_set1(3 * FAST_TANH_B));
    vec dn = v_fma(v_fma(cubes, s, v_add(a, a)), s, a);
    vec dd = v_fma(v_add(s, s), bent, v_mul(v_add(d, square), v_fma(v_add(e, e), s, one)));
    return v_div(v_sub(dn, v_mul(v_abs(y), dd)), v_fma(v_add(d, square), bent, d));
}

enum { WN_ACT_MAX_KINKS = 2 };

/* Where the slope of an activation, or the slope of its slope, jumps. Write the kinks, ascending, and return their number; 0: the activation is smooth. p [WN_ACT_PARAMETERS]. A central
 * difference across a kink is not the slope. */
static inline int wn_act_kinks(wn_act_kind kind, const double *p, double kinks[WN_ACT_MAX_KINKS])
{
    double low = 0, high = 0;
    switch (kind) {
    case WN_ACT_RELU:
    case WN_ACT_LEAKY_RELU:
    case WN_ACT_PRELU:
    case WN_ACT_SOFTSIGN: /* |x| bends at 0 */
    case WN_ACT_FAST_TANH: kinks[0] = 0; return 1;
    case WN_ACT_HARD_TANH: low = -1, high = 1; break;
    case WN_ACT_LEAKY_HARD_TANH: low = p[0], high = p[1]; break;
    case WN_ACT_HARD_SWISH: low = -3, high = 3; break;
    default: return 0;
    }
    kinks[0] = low;
    kinks[1] = high;
    return 2;
}

#endif
