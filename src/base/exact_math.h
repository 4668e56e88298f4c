/* SPDX-License-Identifier: MIT
 * exact_math.h - exp, log, sine and cosine from + - * / alone, so that every machine and C library gives the same bits.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_BASE_EXACT_MATH_H
#define WN_BASE_EXACT_MATH_H

/* Relative error below 4e-16 for -700 <= x <= 700; 0 and infinity beyond. */
double wn_exp(double x);

/* Natural logarithm of a positive normal number, relative error below 4e-16 away from 1. */
double wn_log(double x);

/* sin and cos of 2 pi x, x in cycles, |x| < 2^31; absolute error below 2e-16. */
void wn_sincos(double cycles, double *sine, double *cosine);

#endif
