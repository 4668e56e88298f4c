/* SPDX-License-Identifier: MIT
 * exact_math.c - range reductions and Taylor series. Results of libm differ between C libraries, so it is not used.
 * Copyright (c) 2026 the wavenet authors */
#include "base/exact_math.h"

#include <stdint.h>
#include <string.h>

#include "base/exp.h"

/* Round to nearest by adding and subtracting 1.5 * 2^52; exact for |x| < 2^51. */
static double round_to_nearest(double x)
{
    double big = x + 6755399441055744.0; /* not folded by the compiler, as the build has no -ffast-math */
    return big - 6755399441055744.0;
}

double wn_exp(double x) { return wn_exp_inline(x); }

double wn_log(double x)
{
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    int exponent = (int)(bits >> 52) - 1023;
    bits = (bits & 0xfffffffffffffULL) | 0x3ff0000000000000ULL;
    double m;
    memcpy(&m, &bits, sizeof m);
    if (m > 1.4142135623730951) {
        m /= 2;
        exponent++;
    }
    double s = (m - 1) / (m + 1), s2 = s * s; /* ln m = 2 atanh s, |s| < 0.172 */
    double sum = 0;
    for (int k = 21; k > 1; k -= 2) sum = (sum + 1.0 / k) * s2;
    return exponent * 0.693147180369123816490 + (2 * s + (2 * s * sum + exponent * 1.90821492927058770002e-10));
}

void wn_sincos(double cycles, double *sine, double *cosine)
{
    double quarter = round_to_nearest(cycles * 4);
    double a = (cycles - quarter / 4) * 6.283185307179586, a2 = a * a; /* |a| <= pi/4 */
    double s = 1, c = 1;
    for (int k = 8; k > 0; k--) {
        s = 1 - s * (a2 / (2 * k * (2 * k + 1)));
        c = 1 - c * (a2 / (2 * k * (2 * k - 1)));
    }
    s *= a;
    switch ((int64_t)quarter & 3) {
    case 0: *sine = s, *cosine = c; break;
    case 1: *sine = c, *cosine = -s; break;
    case 2: *sine = -s, *cosine = -c; break;
    default: *sine = -c, *cosine = s; break;
    }
}
