/* SPDX-License-Identifier: MIT
 * augmentation.c - disturbed inputs.
 * Copyright (c) 2026 the wavenet authors */
#include "train/augmentation.h"

#include <math.h>
#include <string.h>

wn_augmentation wn_augmentation_default(void)
{
    return (wn_augmentation){.share = 0.75,
                             .remove = 0.15,
                             .remove_noise = 0.7,
                             .remove_from = -4,
                             .remove_to = -1.3,
                             .gain = 0.25,
                             .slope = 0.5,
                             .class_noise = 8,
                             .noise = 0.4,
                             .noise_from = -4.5,
                             .noise_to = -1.8,
                             .drift_from = -3.5,
                             .drift_to = -1.5};
}

static double draw_level(wn_random_sequence *d, double from, double to)
{
    return pow(10, from + (to - from) * wn_random_sequence_uniform(d));
}

static void add_noise(wn_random_sequence *d, int frames, double level, float *pcm)
{
    for (int t = 0; t < frames; t++) pcm[t] += (float)(level * wn_random_sequence_normal(d));
}

static void take_away(const wn_augmentation *how, wn_random_sequence *d, int frames, float *pcm)
{
    memset(pcm, 0, (size_t)frames * sizeof *pcm);
    if (wn_random_sequence_uniform(d) < how->remove_noise)
        add_noise(d, frames, draw_level(d, how->remove_from, how->remove_to), pcm);
}

static void change_gain(const wn_augmentation *how, wn_random_sequence *d, int frames, float *pcm)
{
    double from = how->gain * wn_random_sequence_normal(d), to = how->gain * wn_random_sequence_normal(d);
    if (wn_random_sequence_uniform(d) >= how->slope) to = from;
    double gain = exp(from), ratio = exp((to - from) / frames);
    for (int t = 0; t < frames; t++, gain *= ratio) pcm[t] *= (float)gain;
}

static void add_drift(wn_random_sequence *d, int frames, double level, float *pcm)
{
    double from = level * wn_random_sequence_normal(d), to = level * wn_random_sequence_normal(d);
    for (int t = 0; t < frames; t++) pcm[t] += (float)(from + (to - from) * t / frames);
}

double wn_augment(const wn_augmentation *how, wn_random_sequence *d, int frames, float *pcm)
{
    double choice = wn_random_sequence_uniform(d);
    if (choice >= how->share) return 0;
    if (choice < how->remove) {
        take_away(how, d, frames, pcm);
        return 0;
    }
    change_gain(how, d, frames, pcm);
    double u = wn_random_sequence_uniform(d);
    if (wn_random_sequence_uniform(d) < how->noise)
        add_noise(d, frames, draw_level(d, how->noise_from, how->noise_to), pcm);
    if (how->drift > 0 && wn_random_sequence_uniform(d) < how->drift)
        add_drift(d, frames, draw_level(d, how->drift_from, how->drift_to), pcm);
    return how->class_noise * u * u;
}
