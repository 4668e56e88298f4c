/* SPDX-License-Identifier: MIT
 * cells.h - layers of narrow networks a frame at a time: what `cells` of a table runs.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_KERNELS_CELLS_H
#define WN_KERNELS_CELLS_H

#include "kernels.h"
#include "ring_walk.h"

/* A cell makes one row of up to WN_LANE_PAD channels: a sum of convolutions in the order of the definition, a function of
 * it, and a running sum that takes it in. A layer is two of them. Rows lie in buffers, [frames x voices][channels]; a
 * vector that is stored over the end of the only row, or of a ring's, meets room that is reserved. Lanes hold channels. */

/* Where a convolution finds its newest tap besides in `src`: in the row that the cell before has just made. */
typedef enum wn_cell_from { WN_FROM_BUFFER, WN_FROM_RESULT, WN_FROM_SUM } wn_cell_from;

/* A convolution. Its ring, [frames][voices][in] and padding for a vector, is written with the frame in `src`. */
typedef struct wn_cell_conv {
    const float *w;         /* [1, or 2 where gated][taps][in][lanes of the cell], 64-byte aligned; but see `tight` */
    wn_fifo_walk ring;
    int in, taps;
    int src;                /* buffer of the newest tap */
    wn_cell_from from;      /* cells of a single row; never before the first of a call */
} wn_cell_conv;

typedef enum wn_cell_gate { WN_CELL_PLAIN, WN_CELL_GATED, WN_CELL_BLENDED } wn_cell_gate;

/* What most cells of captures are: half of what others have to ask is known of them, and each question counts. Of either kind
 * are only plain cells of a single row that start from a bias, are not exact, and add their result to a running sum, by a
 * factor of 1. */
typedef enum wn_cell_kind {
    WN_CELL_ANY,
    WN_CELL_LAYER,   /* a 1x1 of one input, taps of a ring, the newest from the sum before; a function; y is wanted */
    WN_CELL_RESIDUAL /* a 1x1 of the result before, alone; y is not wanted */
} wn_cell_kind;

/* What is always looked at comes first: many cells share a small cache with their weights. */
struct wn_cell {
    wn_cell_kind kind;
    wn_cell_conv conv;
    int out;                /* channels of the result */
    int y;                  /* buffer of the result; -1: not wanted */
    int sum;                /* buffer: sum = (sum + result) * sum_scale; -1: none */
    float sum_scale;
    const float *first;     /* weights of one input each, as conv.w: a 1x1 that is added before; NULL: none */
    int first_in, first_src;
    const float *bias;      /* [1, or 2 where gated][lanes of the cell] */
    int start;              /* buffer to start from instead, [out, or twice that where gated]; -1: none */
    wn_cell_gate gate_kind; /* sum, or sum and gate, through `act` and `gate` as `gated` and `blended` do */
    bool sets;              /* sum = result * sum_scale */
    bool exact;             /* rows end where other things begin */
    bool tight;             /* weights of conv and first are four lanes apart, and rows not longer; those of past taps in vectors of
                             * eight lanes two by two, while there are two: [in][2][4] */
    wn_fn_param act, gate;
    int vecs;               /* vectors of a row: 1, 2 or 4, the least that hold them; the same in all cells of a call */
};

/* Outputs and inputs of cells that are tight: plain ones. A vector of their weights reaches into the next. */
enum { WN_TIGHT = 4 };

/* Where cells work. */
struct wn_cell_run {
    float *const *buffer;
    float *memory;
    int *position;          /* of every ring: the frame that is written next */
    int frames, voices;
};

#endif
