/* SPDX-License-Identifier: MIT
 * pow2.h - constants of 2^x in single precision, and of the tanh and sigmoid that are made of it.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_KINDS_POW2_H
#define WN_KINDS_POW2_H

/* The one exponential of floats: 2^x = 2^n 2^f with n + f = x, |f| <= 1/2. number.h spells out the functions, one number at a
 * time; the vector kernels compute the same operations in an order that hides their latency. */

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
#define TANH_CLAMP 10.0f    /* tanh is 1 to float precision from 9.02 on */
#define SIGMOID_CLAMP 87.0f /* e^87 is finite and its reciprocal a normal number, so FTZ changes nothing */

#endif
