/* SPDX-License-Identifier: MIT
 * random_sequence.h - random numbers one after the other, from the counter-based generator.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_BASE_RANDOM_SEQUENCE_H
#define WN_BASE_RANDOM_SEQUENCE_H

#include <stdbool.h>
#include <stdint.h>

/* A sequence keyed by (seed, stream, step): the same numbers on every thread and in any order of work. */
typedef struct wn_random_sequence {
    uint64_t seed, step;
    uint32_t stream, block;
    uint32_t words[4];
    int left;
    double spare; /* a second normal, if has_spare */
    bool has_spare;
} wn_random_sequence;

wn_random_sequence wn_random_sequence_start(uint64_t seed, uint32_t stream, uint64_t step);
uint32_t wn_random_sequence_word(wn_random_sequence *sequence);
double wn_random_sequence_uniform(wn_random_sequence *sequence);       /* in (0, 1) */
double wn_random_sequence_normal(wn_random_sequence *sequence);        /* mean 0, variance 1 */
float wn_random_sequence_signal(wn_random_sequence *sequence);         /* uniform in -1 .. 1, a multiple of 2^-23 */
int wn_random_sequence_below(wn_random_sequence *sequence, int bound); /* uniform in 0 .. bound - 1 */

#endif
