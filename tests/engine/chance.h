/* SPDX-License-Identifier: MIT
 * chance.h - random numbers of the tests themselves (SplitMix64), so that they share nothing with the engine's.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_TESTS_CHANCE_H
#define WN_TESTS_CHANCE_H

#include <math.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct chance {
    uint64_t state;
} chance;

static inline uint64_t chance_bits(chance *c)
{
    uint64_t z = c->state += UINT64_C(0x9E3779B97F4A7C15);
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

/* lo .. hi, both included. */
static inline int chance_int(chance *c, int lo, int hi) { return lo + (int)(chance_bits(c) % (uint64_t)(hi - lo + 1)); }

static inline bool chance_percent(chance *c, int percent) { return chance_int(c, 0, 99) < percent; }

/* In (0, 1). */
static inline double chance_uniform(chance *c) { return ((double)(chance_bits(c) >> 11) + 0.5) * 0x1p-53; }

static inline double chance_normal(chance *c)
{
    double radius = sqrt(-2 * log(chance_uniform(c)));
    return radius * cos(6.283185307179586 * chance_uniform(c));
}

#endif
