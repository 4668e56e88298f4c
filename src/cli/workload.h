/* SPDX-License-Identifier: MIT
 * workload.h - something to time: generation, or blocks through the network.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_CLI_WORKLOAD_H
#define WN_CLI_WORKLOAD_H

#include "wavenet/wavenet.h"

typedef struct wn_workload {
    const wn_model *model;
    wn_cpu cpu;
    wn_precision precision;
    int block;   /* 0: generate; else frames a run of given input */
    int voices;  /* generation: voices in all, split over the threads */
    int threads; /* blocks: streams in all, one a thread */
} wn_workload;

/* Seconds that `frames` frames of every voice or stream take, set-up not counted. *cpu: name of the kernels in use. */
wn_status wn_workload_time(double *seconds, const char **cpu, const wn_workload *workload, int64_t frames,
                           wn_error *error);

/* Run fn(user, 0 .. n-1) side by side; seconds until all have returned, 0 if a thread could not be started. */
double wn_side_by_side(int n, void (*fn)(void *user, int index), void *user);

#endif
