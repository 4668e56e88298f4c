/* SPDX-License-Identifier: MIT
 * stream.h - one timeline's memory, and single operations for verification.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_ENGINE_STREAM_H
#define WN_ENGINE_STREAM_H

#include "engine/plan.h"

struct wn_stream {
    const wn_plan *plan;
    float **buffer;               /* [n_buffers]; the caller's during a block, scratch */
    float *memory;                /* [plan->floats] */
    int *position;                /* [n_rings] frame that is written next */
    char *state;                  /* [plan->state_bytes] the executors' own */
    struct wn_parallel *parallel; /* where this thread meets another; NULL: the plan is for one */
    int64_t bad_samples;
};

/* The executors' own state, reserved with wn_builder_reserve_state. */
static inline void *wn_stream_state(const wn_stream *stream, size_t offset) { return stream->state + offset; }

/* Do what depends on the local condition alone for the next `frames` <= WN_FRAMES_AHEAD frames, whose conditions
 * local [frames][local channels] and held condition are known; wn_stream_run is then called for each of them. For one voice;
 * nothing is done where the plan has no such operations. */
WN_REALTIME void wn_stream_look_ahead(wn_stream *stream, int frames, const float *local);

/* A second thread may come and share the frames of the run that follows; its share of them, until that run is over; the run
 * is over. Nothing is done where the plan is for one thread. */
WN_REALTIME void wn_stream_share(wn_stream *stream);
WN_REALTIME void wn_stream_help(wn_stream *stream);
WN_REALTIME void wn_stream_end_parallel(wn_stream *stream);

/* ---- verification: plans that keep values ------------------------------------------------------------------------------- */

/* Run operation `op` alone on `frames` frames that stand in its operands; advances only its own ring. */
WN_REALTIME void wn_stream_run_op(wn_stream *stream, int op, int frames);

/* Rows [frames x voices][channels] from and to the memory of a value. */
void wn_stream_put(wn_stream *stream, int value, int frames, const float *rows);
void wn_stream_get(const wn_stream *stream, int value, int frames, float *rows);

/* The row [channels] of a value of held rate and voice 0. */
const float *wn_stream_held_row(const wn_stream *stream, int value);

#endif
