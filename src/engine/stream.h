/* SPDX-License-Identifier: MIT
 * stream.h - one timeline's memory, and single steps for verification.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_ENGINE_STREAM_H
#define WN_ENGINE_STREAM_H

#include "engine/plan.h"

struct wn_stream {
    const wn_plan *plan;
    float **buffer;        /* [n_buffers]; the caller's during a block, scratch */
    const float **taps;    /* [max_taps], rows */
    wn_term *terms;        /* [max_taps + 1], planes */
    int *ring_position;    /* [n_rings] frame that is written next */
    int *left;             /* [n_rings] frames for which the products of past taps are there already */
    int ahead, used;       /* frames whose early steps are done already, and how many of them have been run */
    float *memory;         /* [plan->floats] */
    int64_t bad_samples;
};

/* Run step `index` alone on `frames` frames that stand in its source buffer; advances only that step's ring. */
WN_REALTIME void wn_stream_step(wn_stream *stream, int index, int frames);

/* Run the early steps for the next `frames` <= WN_FRAMES_AHEAD frames, whose conditions local [frames][local channels] and
 * held condition are known; wn_stream_run is then called for each of them. For one voice; nothing is done where the plan has
 * no such steps. */
WN_REALTIME void wn_stream_look_ahead(wn_stream *stream, int frames, const float *local);

/* Copy rows [frames][voices][channels] into and out of buffer `index`, whichever way it lies. */
void wn_stream_put(wn_stream *stream, int index, int channels, int frames, const float *rows);
void wn_stream_get(const wn_stream *stream, int index, int channels, int frames, float *rows);

/* rows.c: one step over rows. planes.c: `count` steps over planes, more than one where the plan says they run together. */
void wn_rows_step(wn_stream *stream, const wn_step *step, int frames);
void wn_planes_steps(wn_stream *stream, const wn_step *first, int count, int frames);

/* cells.c: the cells that begin with step `first`. */
void wn_cells_run(wn_stream *stream, const wn_step *first, int frames);

/* Every frame that the taps of `step` look back to becomes the one that stands in its source buffer. */
void wn_rows_fill_ring(wn_stream *stream, const wn_step *step);
void wn_planes_fill_ring(wn_stream *stream, const wn_step *step);

/* Planes of a block of `frames` frames: floats from one channel to the next. */
static inline ptrdiff_t wn_plane_stride(int frames) { return (ptrdiff_t)wn_padded((size_t)frames); }

#endif
