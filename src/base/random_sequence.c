/* SPDX-License-Identifier: MIT
 * random_sequence.c - blocks of four words, taken one by one.
 * Copyright (c) 2026 the wavenet authors */
#include "base/random_sequence.h"

#include <math.h>

#include "base/random.h"

wn_random_sequence wn_random_sequence_start(uint64_t seed, uint32_t stream, uint64_t step)
{
    return (wn_random_sequence){.seed = seed, .step = step, .stream = stream};
}

uint32_t wn_random_sequence_word(wn_random_sequence *s)
{
    if (!s->left) {
        wn_random_words(s->seed, s->stream, s->step, s->block++, s->words);
        s->left = 4;
    }
    return s->words[--s->left];
}

double wn_random_sequence_uniform(wn_random_sequence *s)
{
    return ((double)wn_random_sequence_word(s) + 0.5) * 0x1p-32;
}

/* Box and Muller (1958): normals come in pairs. */
double wn_random_sequence_normal(wn_random_sequence *s)
{
    if (s->has_spare) {
        s->has_spare = false;
        return s->spare;
    }
    double radius = sqrt(-2 * log(wn_random_sequence_uniform(s)));
    double angle = 6.283185307179586 * wn_random_sequence_uniform(s);
    s->spare = radius * sin(angle);
    s->has_spare = true;
    return radius * cos(angle);
}

float wn_random_sequence_signal(wn_random_sequence *s)
{
    return (float)((int32_t)(wn_random_sequence_word(s) >> 8) - (1 << 23)) * 0x1p-23f;
}

int wn_random_sequence_below(wn_random_sequence *s, int bound)
{
    return (int)((uint64_t)wn_random_sequence_word(s) * (uint64_t)bound >> 32);
}
