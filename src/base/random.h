/* SPDX-License-Identifier: MIT
 * random.h - counter-based random numbers: Philox 4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1,
 * 2, 3", 2011).
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_BASE_RANDOM_H
#define WN_BASE_RANDOM_H

#include <stdint.h>

/* Four 32-bit words for the counter (index, voice, block) under the key `seed`. They depend on nothing else, so numbers
 * can be drawn in any order. */
static inline void wn_random_words(uint64_t seed, uint32_t voice, uint64_t index, uint32_t block, uint32_t out[4])
{
    uint32_t c[4] = {(uint32_t)index, (uint32_t)(index >> 32), voice, block};
    uint32_t k0 = (uint32_t)seed, k1 = (uint32_t)(seed >> 32);
    for (int round = 0; round < 10; round++) {
        uint64_t a = (uint64_t)0xD2511F53u * c[0], b = (uint64_t)0xCD9E8D57u * c[2];
        uint32_t x0 = (uint32_t)(b >> 32) ^ c[1] ^ k0, x2 = (uint32_t)(a >> 32) ^ c[3] ^ k1;
        c[1] = (uint32_t)b;
        c[3] = (uint32_t)a;
        c[0] = x0;
        c[2] = x2;
        k0 += 0x9E3779B9u;
        k1 += 0xBB67AE85u;
    }
    for (int i = 0; i < 4; i++) out[i] = c[i];
}

/* Uniform in (0, 1) with 53 random bits: number `n` of (seed, voice, index). */
static inline double wn_random_uniform(uint64_t seed, uint32_t voice, uint64_t index, uint32_t n)
{
    uint32_t w[4];
    wn_random_words(seed, voice, index, n / 2, w);
    uint32_t high = w[n % 2 * 2], low = w[n % 2 * 2 + 1];
    return ((double)((((uint64_t)high << 32) | low) >> 11) + 0.5) * 0x1p-53;
}

#endif
