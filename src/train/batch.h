/* SPDX-License-Identifier: MIT
 * batch.h - the chunk of one stream in the network's layout: inputs, conditions, targets.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_TRAIN_BATCH_H
#define WN_TRAIN_BATCH_H

#include "train/augmentation.h"
#include "train/data_loader.h"

/* Buffers of one thread for the chunk of one stream. */
typedef struct wn_batch {
    wn_arena *arena;
    wn_tchunk chunk;
    wn_tsegment *segments;
    float *samples;              /* [1 + chunk] the previous sample, then the recording */
    float *input;                /* [chunk] input samples with augmentation */
    int *classes, *target_class; /* [chunk] each */
    wn_real *pcm, *target;       /* [channels][chunk] each */
    wn_real *harmonic_source;    /* [harmonic_channels][chunk] */
    double *cycles;              /* [1 + harmonics] phases of one sample */
} wn_batch;

/* Allocate buffers for chunks of at most `chunk` frames. Call wn_batch_clear in any case. */
wn_status wn_batch_init(wn_batch *batch, const wn_tnet *net, int chunk, wn_error *error);
void wn_batch_clear(wn_batch *batch);

/* Fill batch->chunk from pieces [n_pieces]. *last is the sample before the chunk and becomes its last sample.
 * `augmentation` and `random` may be NULL: no augmentation. */
void wn_batch_fill(wn_batch *batch, const wn_tnet *net, const wn_data *data, const wn_piece *pieces, int n_pieces,
                   const wn_augmentation *augmentation, wn_random_sequence *random, float *last);

/* The harmonic source's channels [2n] of a sample whose harmonics are at cycles [n], at `step` cycles of the
 * fundamental per sample, into a column of rows `stride` apart. */
void wn_batch_harmonics(const wn_harmonic_source *source, const double *cycles, double step, wn_real *column,
                        ptrdiff_t stride);

#endif
