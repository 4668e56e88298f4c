/* SPDX-License-Identifier: MIT
 * parallel_run.h - two threads that go through the frames of one stream together.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_ENGINE_PARALLEL_RUN_H
#define WN_ENGINE_PARALLEL_RUN_H

#include <stdatomic.h>

#include "engine/parallel.h"

/* One thread's way through its list. */
typedef struct wn_parallel_side {
    _Alignas(64) wn_interleaved_thread *thread;
    int64_t frames; /* run so far */
    int64_t seen;   /* tasks the other has done when last looked at */
    bool joined;    /* main thread: the worker is there */
    bool lost;      /* main thread: the worker was waited for too long */
} wn_parallel_side;

/* Progress that the two threads share. Each thread writes a cache line of its own, because a shared line would move between
 * the processors with every task. */
typedef struct wn_parallel {
    struct {
        _Alignas(64) _Atomic int64_t tasks; /* since the stream was made */
        char apart[64];
    } done[2];
    atomic_int state;
    wn_parallel_side side[2];
} wn_parallel;

void wn_parallel_init(wn_parallel *parallel, wn_interleaved_thread *main, wn_interleaved_thread *worker);

/* Main thread: let a worker come; run one frame with it, or false if there is none; let it go at the end of a run. */
void wn_parallel_open(wn_parallel *parallel);
bool wn_parallel_lead(wn_parallel *parallel);
void wn_parallel_end(wn_parallel *parallel);

/* Worker thread: its share of the frames until the run ends. */
void wn_parallel_work(wn_parallel *parallel);

#endif
