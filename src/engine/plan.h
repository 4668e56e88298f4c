/* SPDX-License-Identifier: MIT
 * plan.h - how this machine runs a model: its operations, the executors that run them, and the memory that those share.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_ENGINE_PLAN_H
#define WN_ENGINE_PLAN_H

#include "engine/op.h"
#include "engine/ring.h"
#include "kernels/weights.h"

/* Frames for which work that depends on the past or on the conditions alone is done ahead, at most: more save little, and their
 * results fill the cache. */
enum { WN_FRAMES_AHEAD = 8 };

/* Buffers 0..2 belong to the caller of a block; the rest are scratch in the stream, with space for max_frames of their channels. */
enum { WN_BUFFER_INPUT, WN_BUFFER_LOCAL, WN_BUFFER_OUT, WN_BUFFER_SCRATCH };

typedef struct wn_buffer {
    int channels;
    size_t offset; /* floats from the stream's memory */
} wn_buffer;

/* The place of a value in memory. */
typedef struct wn_place {
    int buffer;       /* -1: in none */
    int first, width; /* its first channel there, and channels of a row */
    size_t row;       /* values of held rate: floats from the stream's memory to [voices][width] */
} wn_place;

/* Operations that one executor runs, one after another. */
typedef struct wn_segment {
    const struct wn_executor *executor;
    int first, n;  /* operations */
    void *program; /* the executor's own record of them */
} wn_segment;

struct wn_plan {
    const wn_model *model;
    const wn_kernels *kernels;
    wn_arena *arena; /* owns everything below */
    wn_op_list ops;
    int max_frames, voices; /* longer blocks run in parts */
    wn_layout layout;       /* of buffers and rings. The caller's blocks are interleaved in either case */
    int room; /* frames that a buffer has space for: max_frames, in planar layout rounded up to WN_LANE_PAD */
    wn_precision precision;
    int threads; /* that may share a frame: 1 or 2 */
    int n_segments, n_buffers, n_rings;
    wn_segment *segment;
    wn_buffer *buffer;
    wn_place *place;                 /* [ops.n_values] */
    const wn_weight_format **format; /* [ops.n] of its weights */
    wn_tap_ring **ring;              /* [ops.n] NULL: it does not look back */
    size_t floats;                   /* of one stream's memory */
    size_t state_bytes;              /* of what executors keep in a stream besides */
};

/* Options for tests and verification. */
typedef struct wn_plan_hooks {
    bool keep_values; /* every value stays in memory, and every operation is a segment of its own */
    void (*edit_ops)(void *user, wn_op_list *ops); /* NULL: none */
    void (*edit_ring)(void *user, const wn_op_list *ops, int op,
                      wn_tap_ring *ring); /* before its memory is laid out; NULL: none */
    void *user;
} wn_plan_hooks;

/* The way in which one operation runs. */
typedef struct wn_op_info {
    const char *executor;           /* static */
    const wn_weight_format *format; /* NULL: it has no weights */
    int columns;      /* outputs for which weights are read: padded where several products lie side by side */
    int first, n;     /* it runs in one call with the operations from `first` on, `n` of them, */
    const char *with; /* or with so many others like it: "mixins of the stack", static; NULL: with none of those */
    int past_ahead,
        ahead; /* frames for which its past taps, or all of it, are multiplied together; 1: frame by frame */
    const wn_tap_ring *ring; /* NULL: it does not look back */
    bool into_ring;          /* the result of the call goes straight into the ring of what reads it */
} wn_op_info;

void wn_plan_op_info(const wn_plan *plan, int op, wn_op_info *info);

#endif
