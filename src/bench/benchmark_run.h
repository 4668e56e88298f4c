/* SPDX-License-Identifier: MIT
 * benchmark_run.h - one way of running a model, timed by turns with what bounds it.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_BENCH_BENCHMARK_RUN_H
#define WN_BENCH_BENCHMARK_RUN_H

#include "bench/latency.h"
#include "bench/machine_profile.h"
#include "bench/workload.h"

typedef struct wn_benchmark_run {
    wn_workload load;       /* to be set */
    bool strict;            /* to be set: not run where the plan computes in another precision than asked for */
    int streams;            /* voices, or one a thread */
    const char *cpu;        /* kernels in use */
    wn_precision precision; /* in use */
    double speed;           /* samples/s of all streams together, median; 0: not run */
    double spread;          /* half of the repeats are within this share of it */
    double peak;            /* multiply-accumulates/s of all threads, of the kinds that the model needs, median */
    wn_roofline floor;      /* of a sample */
    double latency;         /* seconds a sample of operations that wait for each other; 0: not known for this set */
    int level;              /* where the weights are read from, as wn_caches counts */
    size_t stream_bytes;
    double plan_seconds; /* of the processor */
} wn_benchmark_run;

/* Fill in what is not to be set. */
wn_status wn_benchmark_run_measure(wn_benchmark_run *trial, const wn_caches *caches, int repeats, wn_error *error);

/* A plan as `load` has it for its thread with the most voices; wn_plan_free afterwards. */
wn_status wn_benchmark_run_plan(wn_plan **out, const wn_workload *load, wn_error *error);

#endif
