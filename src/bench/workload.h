/* SPDX-License-Identifier: MIT
 * workload.h - something to time: generation, or blocks through the network.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_BENCH_WORKLOAD_H
#define WN_BENCH_WORKLOAD_H

#include "wavenet/wavenet.h"

typedef struct wn_workload {
    const wn_model *model;
    wn_cpu cpu;
    wn_precision precision;
    int block;   /* 0: generate; else frames a run of given input */
    int voices;  /* generation: voices in all, split over the threads */
    int threads; /* blocks: streams in all, one a thread */
} wn_workload;

/* Such work, set up. */
typedef struct wn_workload_run wn_workload_run;

/* For `frames` frames in all, which conditions are made for. workload->model must outlive it. */
wn_status wn_work_open(wn_workload_run **out, const wn_workload *workload, int64_t frames, wn_error *error);
void wn_work_free(wn_workload_run *work);

/* Do the next `frames` frames of every voice or stream: the seconds that takes, 0 if a thread could not be started. They
 * are the threads' processor seconds, so that busy neighbours do not count; where threads wait for each other, as several
 * do in generation, they are seconds of the wall clock. */
double wn_work_run(wn_workload_run *work, int64_t frames);

/* Run fn(user, 0 .. n-1) side by side; seconds until all have returned, 0 if a thread could not be started. */
double wn_run_side_by_side(int n, void (*fn)(void *user, int index), void *user);

#endif
