/* SPDX-License-Identifier: MIT
 * split.h - the work of one frame shared out to two threads, and how they go through it together.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_ENGINE_SPLIT_H
#define WN_ENGINE_SPLIT_H

#include <stdatomic.h>

#include "engine/plan.h"

/* The thread that runs the stream leads. It keeps what waits for the frame before: embedding, newest taps, gates, residuals
 * and samples. A helper does what does not: past taps, skips, and half of wide layers of the head. Each goes through a list
 * of tasks of its own and tells how far it is; a task that needs something of the other's waits for that. */
enum { WN_LEADER, WN_HELPER };

typedef enum wn_task_kind {
    WN_TASK_BEGIN,   /* nothing: the frame's input is there */
    WN_TASK_STEP,    /* all of a step */
    WN_TASK_NEWEST,  /* all but the past taps of a step, which are the helper's */
    WN_TASK_PAST,    /* its past taps for the frames that follow, once in several frames */
    WN_TASK_OUTPUTS, /* its outputs or channels from .. to - 1 */
    WN_TASK_TAPS,    /* the taps from .. to - 1 of a step that gathers */
    WN_TASK_END      /* nothing: the output is there */
} wn_task_kind;

typedef struct wn_task {
    wn_task_kind kind;
    int step, from, to;
    int after;  /* tasks of the other's list that must be done; 0 and less: of the list of the frame before, from its end */
    bool tells; /* the other waits for it */
    int soon;   /* step whose buffer this thread writes soon, after the other has read it; -1: none */
} wn_task;

typedef struct wn_split {
    int n[2]; /* of the leader, of the helper */
    wn_task *tasks[2];
} wn_split;

/* Where the two meet. What one writes lies apart from what the other does. */
typedef struct wn_pair {
    struct {
        _Alignas(64) _Atomic int64_t done; /* tasks since the stream was made */
        char apart[64];
    } thread[2];
    atomic_int state;
} wn_pair;

/* pair.c: run one frame as leader, if there is a helper; else false. At the end of a run the helper goes. */
bool wn_pair_lead(wn_stream *stream);
void wn_pair_end(wn_stream *stream);

#endif
