/* SPDX-License-Identifier: MIT
 * data_loader.h - streams of clips played back to back, cut into chunks.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_TRAIN_DATA_LOADER_H
#define WN_TRAIN_DATA_LOADER_H

#include "train/augmentation.h"
#include "train/data.h"

/* A piece of a clip in a chunk. */
typedef struct wn_piece {
    uint32_t clip;
    int at, frames;
    int64_t first;
} wn_piece;

/* Where a stream is, and what its next chunk is made of. */
typedef struct wn_cursor {
    uint32_t clip;
    int64_t position;
    float last; /* the sample before: input of the next chunk's first frame */
    int n_pieces;
    wn_piece *pieces; /* [chunk / hop] at most */
} wn_cursor;

/* Hands out clips in an order that the seed shuffles anew each epoch. */
typedef struct wn_data_loader {
    const wn_data *data;
    uint64_t seed, epoch;
    uint32_t next;   /* of this epoch's order */
    uint32_t *order; /* [n_train] */
    int n_streams, chunk, hop;
    wn_cursor *cursors; /* [n_streams] */
} wn_data_loader;

wn_status wn_data_loader_init(wn_data_loader *feed, const wn_data *data, uint64_t seed, int n_streams, int chunk, int hop,
                       wn_error *error);
void wn_data_loader_clear(wn_data_loader *feed);

/* After epoch was set: the order that belongs to it. */
void wn_data_loader_shuffle(wn_data_loader *feed);

/* Cut the next chunk of every stream. */
void wn_data_loader_advance(wn_data_loader *feed);

/* One thread's buffers for the chunk of one stream. */
typedef struct wn_batch {
    wn_arena *arena;
    wn_tchunk chunk;
    wn_tsegment *segments;
    float *samples, *input; /* [1 + chunk], [chunk] */
    int *classes, *target_class;
    wn_real *pcm, *target, *harmonic_source;
    double *cycles; /* [1 + harmonics] phases of one sample */
} wn_batch;

wn_status wn_batch_init(wn_batch *tray, const wn_tnet *net, int chunk, wn_error *error);
void wn_batch_clear(wn_batch *tray);

/* Lay out the chunk of these pieces. *last is the sample before, and is moved on. how NULL: clean. */
void wn_batch_fill(wn_batch *tray, const wn_tnet *net, const wn_data *data, const wn_piece *pieces, int n_pieces,
                  const wn_augmentation *how, wn_random_sequence *draw, float *last);

/* The harmonic source's channels [2n] of a sample whose harmonics are at cycles [n], at `step` cycles of the fundamental
 * per sample, into a column of rows `stride` apart. */
void wn_batch_harmonics(const wn_harmonic_source *source, const double *cycles, double step, wn_real *column,
                        ptrdiff_t stride);

#endif
