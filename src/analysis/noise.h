/* SPDX-License-Identifier: MIT
 * noise.h - reproducible test signals.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_ANALYSIS_NOISE_H
#define WN_ANALYSIS_NOISE_H

#include <stdint.h>

/* The next 64 random bits of a sequence that `state` seeds: SplitMix64 (Steele, Lea and Flood, 2014). */
static inline uint64_t wn_noise_bits(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

/* Uniform in -1 .. 1, exact in float. */
static inline float wn_noise(uint64_t *state)
{
    return (float)((int64_t)(wn_noise_bits(state) >> 40) - (1 << 23)) * 0x1p-23f;
}

/* Uniform in 0 .. n-1. */
static inline int wn_noise_below(uint64_t *state, int n)
{
    return (int)((wn_noise_bits(state) >> 32) * (uint64_t)n >> 32);
}

#endif
