/* SPDX-License-Identifier: MIT
 * executor.h - a way to run operations. A new fast path is a new file and a row in the table of compile.c.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_ENGINE_EXECUTOR_H
#define WN_ENGINE_EXECUTOR_H

#include "engine/ring.h"

struct wn_builder;
struct wn_segment;
struct wn_stream;
struct wn_op_info;

/* Functions on a stream are WN_REALTIME. `program` is what compile made; only its executor looks inside. */
typedef struct wn_executor {
    const char *name; /* "interleaved", "planar", "fused" */
    wn_layout layout;
    int overrun; /* floats that its kernels may store past the end of a row */

    /* The longest block that it wants to run, up to plan->max_frames; 0: it is not for this network and configuration. */
    int (*block)(const struct wn_builder *b);

    /* How many operations from `first` on it would run as one unit, in one call of a kernel or step; 0: none. Decides by the
     * operations, their formats and the configuration. */
    int (*supports)(const struct wn_builder *b, int first);

    /* Whether the unit that begins at `first` may follow that which begins at `before` in one segment. NULL: yes. */
    bool (*continues)(const struct wn_builder *b, int before, int first);

    /* Before buffers are assigned: give values places of their own, or make them last longer. NULL: nothing to do. */
    void (*arrange)(struct wn_builder *b, const struct wn_segment *segment);

    /* Its own record of the segment, with packed weights, from the arena; the memory that a stream needs is reserved. */
    void (*compile)(struct wn_builder *b, struct wn_segment *segment);

    /* Prepare its state in a stream whose memory is zeroed; forget the past; be as after endless silence, for which the input
     * and local condition of one frame stand in their buffers. */
    void (*init)(const void *program, struct wn_stream *stream);
    void (*reset)(const void *program, struct wn_stream *stream);
    void (*prewarm)(const void *program, struct wn_stream *stream);

    /* NULL: the operations depend on no held condition. `held` may be NULL: none. */
    void (*set_condition)(const void *program, struct wn_stream *stream, int voice, const float *held);

    void (*run)(const void *program, struct wn_stream *stream, int frames);

    /* What depends on the local condition alone, for the next `frames` <= WN_FRAMES_AHEAD frames. NULL: nothing does. */
    void (*run_ahead)(const void *program, struct wn_stream *stream, int frames, const float *local);

    /* A second thread's share of frames, until the run ends. NULL: it shares none. */
    void (*run_worker)(const void *program, struct wn_stream *stream);

    void (*describe)(const void *program, int op, struct wn_op_info *info);
} wn_executor;

#endif
