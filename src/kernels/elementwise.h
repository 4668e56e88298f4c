/* SPDX-License-Identifier: MIT
 * elementwise.h - constants of the elementwise functions, the same in every table; c.c spells the functions out.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_KERNELS_ELEMENTWISE_H
#define WN_KERNELS_ELEMENTWISE_H

/* 2^f = 1 + f * (POW2_0 + POW2_1 f + ... + POW2_5 f^5) for |f| <= 1/2: our own weighted least-squares fit, iterated to the
 * smallest worst relative error of (2^f - 1)/f, 1.1e-8. */
#define POW2_0 0.6931471879268715f
#define POW2_1 0.2402264979493518f
#define POW2_2 0.055503574327641525f
#define POW2_3 0.009618237496727688f
#define POW2_4 0.0013390735945668433f
#define POW2_5 0.00015403512454784454f

#define LOG2_E 1.44269504088896341f
#define TANH_CLAMP 10.0f    /* tanh is 1 to float precision from 9.02 on */
#define SIGMOID_CLAMP 87.0f /* e^87 is finite and its reciprocal a normal number, so FTZ changes nothing */

/* The rational tanh of amp-capture players:
 * x (A + A|x| + (B + C|x|) x^2) / (D + (D + x^2) |x + E x|x||). Clamped where the powers would overflow. */
#define FAST_TANH_A 2.45550750702956f
#define FAST_TANH_B 0.893229853513558f
#define FAST_TANH_C 0.821226666969744f
#define FAST_TANH_D 2.44506634652299f
#define FAST_TANH_E 0.814642734961073f
#define FAST_TANH_CLAMP 1e9f

#endif
