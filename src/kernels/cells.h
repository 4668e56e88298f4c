/* SPDX-License-Identifier: MIT
 * cells.h - layers of narrow networks a frame at a time: what `cells` of a table runs.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_KERNELS_CELLS_H
#define WN_KERNELS_CELLS_H

#include "kernels.h"

/* A cell makes one row of up to WN_LANE_PAD channels: a sum of convolutions in the order of the definition, a function of
 * it, and a running sum that takes it in. A layer is two of them. Rows lie in buffers, [frames x voices][channels]; a
 * vector that is stored over the end of the only row, or of a ring's, meets room that is reserved. Lanes hold channels. */

/* One convolution. Its ring, [frames][voices][in] and room for a vector, is written with the frame in `src`. */
typedef struct wn_cell_conv {
    const float *w;         /* [1, or 2 where gated][taps][in][lanes of the cell], 64-byte aligned */
    int in, taps;
    int src;                /* buffer of the newest tap */
    int ring;               /* number of its ring; -1: none, and one tap */
    int dilation, frames;   /* of the ring */
    size_t offset;          /* floats from the memory to the ring */
} wn_cell_conv;

typedef enum wn_cell_gate { WN_CELL_PLAIN, WN_CELL_GATED, WN_CELL_BLENDED } wn_cell_gate;

struct wn_cell {
    wn_cell_conv conv[2];   /* added in order */
    int n_convs;
    int out;                /* channels of the result */
    int vecs;               /* vectors of a row: 1, 2 or 4, the least that hold them; the same in all cells of a call */
    const float *bias;      /* [1, or 2 where gated][lanes of the cell] */
    int start;              /* buffer to start from instead, [out, or twice that where gated]; -1: none */
    wn_cell_gate gate_kind; /* sum, or sum and gate, through `act` and `gate` as `gated` and `blended` do */
    wn_fn_param act, gate;
    int y;                  /* buffer of the result; -1: not wanted */
    int sum;                /* buffer: sum = (sum + result) * sum_scale; -1: none */
    bool sets;              /* sum = result * sum_scale */
    float sum_scale;
    bool exact;             /* rows end where other things begin */
};

/* Where cells work. */
struct wn_cell_run {
    float *const *buffer;
    float *memory;
    int *position;          /* of every ring: the frame that is written next */
    int frames, voices;
};

#endif
