/* SPDX-License-Identifier: MIT
 * exact.c - reductions and Taylor series; see exact.h for why not libm.
 * Copyright (c) 2026 the wavenet authors */
#include "engine/exact.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

static double power_of_two(int n)
{
    uint64_t bits = (uint64_t)(n + 1023) << 52;
    double x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

/* Round to nearest by adding and taking away 1.5 * 2^52; exact for |x| < 2^51. */
static double nearest(double x)
{
    double big = x + 6755399441055744.0; /* compilers may not fold this: the project is built without -ffast-math */
    return big - 6755399441055744.0;
}

double wn_exp(double x)
{
    if (!(x > -700)) /* NaN too */
        return x == x ? 0 : x;
    if (x > 700) return INFINITY;
    double n = nearest(x * 1.4426950408889634);
    double r = (x - n * 0.693147180369123816490) - n * 1.90821492927058770002e-10; /* ln 2 in two parts */
    /* Taylor, |r| < 0.35: 0.35^14 / 14! < 5e-18. Even and odd powers apart, so that two chains run side by side. */
    static const double c[] = {
        1.0,        1.0,         1 / 2.0,      1 / 6.0,       1 / 24.0,       1 / 120.0,       1 / 720.0,
        1 / 5040.0, 1 / 40320.0, 1 / 362880.0, 1 / 3628800.0, 1 / 39916800.0, 1 / 479001600.0, 1 / 6227020800.0};
    double r2 = r * r, even = c[12], odd = c[13];
    for (int k = 10; k >= 0; k -= 2) {
        even = even * r2 + c[k];
        odd = odd * r2 + c[k + 1];
    }
    double sum = even + r * odd;
    return sum * power_of_two((int)n);
}

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
    double quarter = nearest(cycles * 4);
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
