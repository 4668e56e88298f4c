/* SPDX-License-Identifier: MIT
 * stream.h - one timeline's memory, and single steps for verification.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_ENGINE_STREAM_H
#define WN_ENGINE_STREAM_H

#include "engine/plan.h"

/* Steps over planes that run together: a call of their kernel that is kept from block to block, or one that is not. All calls lie
 * one behind the other, and a block reads them from end to end, which steps would push out of the first cache. */
typedef struct wn_plane_call {
    const wn_step *first;
    bool kept;
    bool writes;                /* a block has to be copied into a ring before */
    wn_planes sum, residual;
    wn_term terms[2], results;  /* `results`: what the residual is made of */
    const float *z;
    const float **old, **into;  /* the taps, of rings, that hold what the residual adds to, take the result; NULL: none */
    float **result;             /* its place in sum or residual */
    const float *plain_from, *plain_to; /* results there need not be repeated in their ring */
    wn_fn_param act;
} wn_plane_call;

struct wn_stream {
    const wn_plan *plan;
    float **buffer;        /* [n_buffers]; the caller's during a block, scratch */
    const float **taps;    /* [n_taps + max_taps + 1]; planes: where those of all steps stand, and those of a group */
    const float **tap_end; /* [n_walking] where each has to turn, */
    ptrdiff_t *tap_turn;   /* [n_walking] and how far back */
    wn_plane_call *calls;  /* [n_calls] for blocks of `described` frames, rounded up; 0: none yet */
    int described;
    int *ring_position;    /* [n_rings] rows: frame that is written next */
    int *left;             /* [n_rings] frames for which the products of past taps are there already */
    int ahead, used;       /* frames whose early steps are done already, and how many of them have been run */
    float *memory;         /* [plan->floats] */
    float *work8;          /* [plan->work8_floats] */
    int64_t bad_samples;
    struct wn_pair *pair;  /* where this thread meets another; NULL: the plan is for one */
    struct wn_stream *helper; /* this stream as the other sees it, with scratch of its own */
    bool helped, lost;     /* the other is there; it was waited for too long */
    int64_t turns, seen;   /* frames run by both; tasks the other has done when last looked at */
};

/* Run step `index` alone on `frames` frames that stand in its source buffer; advances only that step's ring. */
WN_REALTIME void wn_stream_step(wn_stream *stream, int index, int frames);

/* Run the early steps for the next `frames` <= WN_FRAMES_AHEAD frames, whose conditions local [frames][local channels] and
 * held condition are known; wn_stream_run is then called for each of them. For one voice; nothing is done where the plan has
 * no such steps. */
WN_REALTIME void wn_stream_look_ahead(wn_stream *stream, int frames, const float *local);

/* See wn_generator_start_parallel and wn_generator_run_worker. */
void wn_stream_share(wn_stream *stream);
WN_REALTIME void wn_stream_help(wn_stream *stream);

/* Copy rows [frames][voices][channels] into and out of buffer `index`, whichever way it lies. */
void wn_stream_put(wn_stream *stream, int index, int channels, int frames, const float *rows);
void wn_stream_get(const wn_stream *stream, int index, int channels, int frames, float *rows);

/* rows.c: one step over rows. planes.c: one step over planes, or all steps, as many together as the plan says. */
void wn_rows_step(wn_stream *stream, const wn_step *step, int frames);
void wn_planes_step(wn_stream *stream, const wn_step *step, int frames);
void wn_planes_run(wn_stream *stream, int frames);

/* cells.c: the cells that begin with step `first`. */
void wn_cells_run(wn_stream *stream, const wn_step *first, int frames);

/* Parts of one over rows, for a single frame: outputs or channels from .. to - 1; taps from .. to - 1, added to what the taps
 * before gave; the products of past taps for the frames that follow, where they are due. */
void wn_rows_outputs(wn_stream *stream, const wn_step *step, int from, int to);
void wn_rows_taps(wn_stream *stream, const wn_step *step, int from, int to);
void wn_rows_past(wn_stream *stream, const wn_step *step);

/* Every frame that the taps of `step` look back to becomes the one that stands in its source buffer. */
void wn_rows_fill_ring(wn_stream *stream, const wn_step *step);
void wn_planes_fill_ring(wn_stream *stream, const wn_step *step);

/* The taps of `step` see its ring as it is when frame `position` of it is written next. */
void wn_planes_place_taps(wn_stream *stream, const wn_step *step, int position);

/* Planes of a block of `frames` frames: floats from one channel to the next. */
static inline ptrdiff_t wn_plane_stride(int frames) { return (ptrdiff_t)wn_padded((size_t)frames); }

#endif
