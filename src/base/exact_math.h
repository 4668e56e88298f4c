/* SPDX-License-Identifier: MIT
 * exact_math.h - exp, log, sine and cosine with + - * / only: equal bits on all machines and C libraries.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_BASE_EXACT_MATH_H
#define WN_BASE_EXACT_MATH_H

/* e^x. Relative error below 4e-16 for -700 <= x <= 700; 0 below that range, infinity above it. */
double wn_exp(double x);

/* Natural logarithm of a positive normal number, relative error below 4e-16 away from 1. */
double wn_log(double x);

/* *sine = sin(2 pi cycles) and *cosine = cos(2 pi cycles), |cycles| < 2^31; absolute error below 2e-16. */
void wn_sincos(double cycles, double *sine, double *cosine);

#endif
