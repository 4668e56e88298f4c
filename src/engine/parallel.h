/* SPDX-License-Identifier: MIT
 * parallel.h - the schedule of a frame that two threads share.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_ENGINE_PARALLEL_H
#define WN_ENGINE_PARALLEL_H

#include "engine/interleaved.h"

/* The thread that runs the stream keeps what waits for the frame before: embedding, newest taps, gates, residuals and samples.
 * The worker does what does not: past taps, skips, and half of wide layers of the head. Each goes through a list of tasks of
 * its own and posts how far it is; a task that needs something of the other's waits for that. */
enum { WN_MAIN_THREAD, WN_WORKER_THREAD };

typedef enum wn_task_kind {
    WN_TASK_BEGIN,   /* nothing: the frame's input is there */
    WN_TASK_STEP,    /* all of a step */
    WN_TASK_NEWEST,  /* all but the past taps of a step, which are the worker's */
    WN_TASK_PAST,    /* its past taps for the frames that follow, once in several frames */
    WN_TASK_OUTPUTS, /* its outputs or channels from .. to - 1 */
    WN_TASK_TAPS,    /* the taps from .. to - 1 of the skips of a stack */
    WN_TASK_END      /* nothing: the output is there */
} wn_task_kind;

typedef struct wn_task {
    wn_task_kind kind;
    int step, from, to;
    int after; /* tasks of the other's list that must be done; 0 and less: of the list of the frame before, from its end */
    bool posts;   /* the other waits for it */
    int prefetch; /* step whose buffer this thread writes soon, after the other has read it; -1: none */
} wn_task;

typedef struct wn_schedule {
    int n[2]; /* of the main thread, of the worker */
    wn_task *tasks[2];
} wn_schedule;

/* NULL where the program leaves a second thread nothing to do. */
const wn_schedule *wn_schedule_make(const wn_interleaved *program, wn_builder *b);

#endif
