/* SPDX-License-Identifier: MIT
 * scalar.h - exp, tanh and sigmoid in the form a compiler vectorises; libm's in the double build.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_TRAIN_SCALAR_H
#define WN_TRAIN_SCALAR_H

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "train/real.h"

#ifdef WN_TRAIN_DOUBLE

static inline double wn_rexp(double x) { return exp(x); }
static inline double wn_rtanh(double x) { return tanh(x); }
static inline double wn_rsigmoid(double x) { return 1 / (1 + exp(-x)); }

#else

/* exp with a relative error below 2e-7: x = n ln 2 + r, |r| <= ln 2 / 2, a polynomial for e^r, n into the exponent. */
static inline float wn_rexp(float x)
{
    x = x < -87.0f ? -87.0f : x;
    x = x > 88.0f ? 88.0f : x;
    const float shifter = 12582912.0f; /* 1.5 * 2^23: adding it rounds to the nearest integer */
    float t = x * 1.44269504f + shifter;
    float n = t - shifter;
    float r = x - n * 0.693359375f;
    r = r + n * 2.12194440e-4f;
    float p = 1.0f / 720.0f;
    p = p * r + 1.0f / 120.0f;
    p = p * r + 1.0f / 24.0f;
    p = p * r + 1.0f / 6.0f;
    p = p * r + 0.5f;
    p = p * r + 1.0f;
    p = p * r + 1.0f;
    int32_t bits;
    memcpy(&bits, &t, sizeof bits);
    bits = (int32_t)((uint32_t)bits << 23) + 0x3f800000; /* the low bits of t hold n */
    float scale;
    memcpy(&scale, &bits, sizeof scale);
    return p * scale;
}

static inline float wn_rsigmoid(float x) { return 1.0f / (1.0f + wn_rexp(-x)); }
static inline float wn_rtanh(float x) { return 1.0f - 2.0f / (1.0f + wn_rexp(2.0f * x)); }

#endif
#endif
