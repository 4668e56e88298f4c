/* SPDX-License-Identifier: MIT
 * augmentation.h - disturbed inputs: a net trained on clean ones alone never learns to recover from its own mistakes.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_TRAIN_AUGMENTATION_H
#define WN_TRAIN_AUGMENTATION_H

#include "base/random_sequence.h"

/* Chances and sizes; drawn once a chunk and stream. */
typedef struct wn_augmentation {
    double share;                  /* of the chunks that are disturbed at all; 0 = none */
    double remove;                 /* of all chunks: input taken away */
    double remove_noise;           /* of those: noise in its place, else silence */
    double remove_from, remove_to; /* log10 of that noise's standard deviation, uniform */
    double gain;                   /* of the others: gain exp(gain * N(0, 1)) */
    double slope;                  /* of those: the gain moves to a second draw over the chunk */
    double class_noise;            /* standard deviation in classes: class_noise * u^2 */
    double noise;                  /* of those: noise added */
    double noise_from, noise_to;   /* log10 of its standard deviation, uniform */
    double drift;                  /* of those: a slow offset added, sloping between two normals over the chunk */
    double drift_from, drift_to;   /* log10 of its standard deviation, uniform */
} wn_augmentation;

wn_augmentation wn_augmentation_default(void);

/* Disturb pcm [frames] in place; returns the standard deviation of class noise to add after encoding. */
double wn_augment(const wn_augmentation *how, wn_random_sequence *draw, int frames, float *pcm);

#endif
