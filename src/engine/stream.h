/* SPDX-License-Identifier: MIT
 * stream.h - one timeline's memory, and single steps for verification.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_ENGINE_STREAM_H
#define WN_ENGINE_STREAM_H

#include "engine/plan.h"

struct wn_stream {
    const wn_plan *plan;
    float **buffer;        /* [n_buffers]; the caller's during a block, scratch */
    const float **taps;    /* [max_taps] */
    int *ring_position;    /* [n_rings] frame that is written next */
    float *memory;         /* [plan->floats] */
    int64_t bad_samples;
};

/* Run step `index` alone on `frames` frames that stand in its source buffer; advances only that step's ring. */
WN_REALTIME void wn_stream_step(wn_stream *stream, int index, int frames);

/* Buffer `index` (scratch): [max_frames * voices][channels]. */
float *wn_stream_buffer(wn_stream *stream, int index);

#endif
