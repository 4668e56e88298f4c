/* SPDX-License-Identifier: MIT
 * fused.h - layers of narrow networks a frame at a time: what `fused` of a table runs.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_KERNELS_FUSED_H
#define WN_KERNELS_FUSED_H

#include "kernels.h"
#include "ring_walk.h"

/* A fused layer makes one row of up to WN_LANE_PAD channels: a sum of convolutions in the order of the definition, a function
 * of it, and a running sum that takes it in. A layer of the model is two of them. Rows lie in buffers, [frames x voices]
 * [channels]. Stores may overrun the end of the only row, or of a ring: padding is reserved. Lanes hold channels. */

/* Where a convolution finds its newest tap besides in `src`: in the row that the layer before has just made. */
typedef enum wn_fused_from { WN_FROM_BUFFER, WN_FROM_RESULT, WN_FROM_SUM } wn_fused_from;

/* A convolution. Its ring, [frames][voices][in] and padding for a vector, is written with the frame in `src`. */
typedef struct wn_fused_conv {
    const float *w;      /* [1, or 2 where gated][taps][in][lanes of the layer], 64-byte aligned; but see `tight` */
    const float *newest; /* points into w: weights of the newest tap; where gated, those of the first half */
    wn_fifo_walk ring;
    int in, taps;
    int src;            /* buffer of the newest tap */
    wn_fused_from from; /* layers of a single row; not the first of a call */
} wn_fused_conv;

typedef enum wn_fused_gate { WN_FUSED_PLAIN, WN_FUSED_GATED, WN_FUSED_BLENDED } wn_fused_gate;

/* Specialised for the common layers of captures: what these kinds fix are compile-time constants, which saves a third of the
 * instructions. Both kinds: one row, no gate, init from a bias, not exact, and the result is added to a running sum with a
 * factor of 1. */
typedef enum wn_fused_kind {
    WN_FUSED_ANY,
    WN_FUSED_LAYER,   /* a 1x1 of one input, taps of a ring, the newest from the sum before; a function; y is wanted */
    WN_FUSED_RESIDUAL /* a 1x1 of the result before, alone; y is not wanted */
} wn_fused_kind;

/* Fields that every call reads come first: many layers share a small cache with their weights. */
struct wn_fused_layer {
    wn_fused_kind kind;
    wn_fused_conv conv;
    int out; /* channels of the result */
    int y;   /* buffer of the result; -1: not wanted */
    int sum; /* buffer: sum = (sum + result) * sum_scale; -1: none */
    float sum_scale;
    const float *first; /* weights of one input each, as conv.w: a 1x1 that is added before; NULL: none */
    int first_in, first_src;
    const float *bias;       /* [1, or 2 where gated][lanes of the layer] */
    int init;                /* buffer to start from instead, [out, or twice that where gated]; -1: none */
    wn_fused_gate gate_kind; /* sum, or sum and gate, through `act` and `gate` as `gated` and `blended` do */
    bool sets;               /* sum = result * sum_scale */
    bool exact;              /* rows end where other things begin */
    bool tight; /* weights of conv and first are four lanes apart, and rows not longer; those of past taps in vectors of
                             * eight lanes two by two, while there are two: [in][2][4] */
    wn_fn_param act, gate;
    int run_length; /* layers from this one on with the same conv.in and `tight`; a call may end before the last of them */
    int vecs;       /* vectors of a row: 1, 2 or 4, the fewest that hold them; the same in all layers of a call */
};

/* Most outputs and inputs of layers that are tight: plain ones. A vector of their weights reaches into the next. */
enum { WN_TIGHT = 4 };

/* The memory that layers work on. */
struct wn_fused_run {
    float *const *buffer;
    float *memory;
    int *position; /* of every ring: the frame that is written next */
    int frames, voices;
};

#endif
