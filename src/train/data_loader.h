/* SPDX-License-Identifier: MIT
 * data_loader.h - streams of slices of clips in shuffled order, cut into chunks.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_TRAIN_DATA_LOADER_H
#define WN_TRAIN_DATA_LOADER_H

#include "train/data.h"

/* Successive frames of a clip in a chunk. */
typedef struct wn_piece {
    uint32_t clip;
    int at, frames; /* in the chunk */
    int64_t first;  /* sample of the clip at frame `at` */
} wn_piece;

/* The position of a stream, and its current chunk. */
typedef struct wn_cursor {
    uint32_t slice;   /* current slice */
    int64_t position; /* next sample of it */
    float last;       /* last sample of the previous chunk, an input of the next one */
    int n_pieces;
    wn_piece *pieces; /* [chunk / hop] at most */
} wn_cursor;

/* Plays each slice once per epoch, in an order that depends on the seed and the epoch. One thread at a time. */
typedef struct wn_data_loader {
    const wn_data *data;
    uint64_t seed, epoch;
    uint32_t next;             /* index in `order` of the next slice */
    uint32_t *order;           /* [n_slices] */
    int n_streams, chunk, hop; /* chunk and hop in samples */
    wn_cursor *cursors;        /* [n_streams] */
} wn_data_loader;

/* Start all streams. `chunk` is a multiple of `hop`. `data` must outlive the loader. Call wn_data_loader_clear in any
 * case. */

wn_status wn_data_loader_init(wn_data_loader *loader, const wn_data *data, uint64_t seed, int n_streams, int chunk,
                              int hop, wn_error *error);
void wn_data_loader_clear(wn_data_loader *loader);

/* Compute the order of the current epoch. */
void wn_data_loader_shuffle(wn_data_loader *loader);

/* Advance every stream by one chunk, whose pieces are then in its cursor. */
void wn_data_loader_advance(wn_data_loader *loader);

#endif
