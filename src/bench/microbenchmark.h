/* SPDX-License-Identifier: MIT
 * microbenchmark.h - what this machine could do at best, measured and not looked up: clocks and neighbours vary.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_BENCH_MICROBENCHMARK_H
#define WN_BENCH_MICROBENCHMARK_H

#include "engine/plan.h"
#include "kernels/peak.h"

/* One thing to measure. `peak` without bytes: multiply-accumulates a second. With: bytes a second, read over and over.
 * `waits`: operations of a chain a second. `kernels`: elements a second of WN_OP_ACTIVATE, WN_OP_GATE or WN_OP_BLEND, from and
 * to a first-level cache. */
typedef struct wn_microbenchmark {
    const wn_peak *peak;
    size_t bytes; /* a multiple of 4 * WN_READ_STEP */
    bool waits;
    wn_peak_link link; /* of `act`, if it is a function */
    const wn_kernels *kernels;
    wn_op_kind op;
    wn_fn_param act, gate;
} wn_microbenchmark;

/* Gauges that are read by turns with what they are to be compared with. */
typedef struct wn_microbenchmarks {
    int n, threads;
    const wn_microbenchmark *list; /* [n] the caller's */
    wn_arena *arena;               /* where weights would be, too: what is on other pages is read at another speed */
    float **data;                  /* [threads] to read */
    double *rates;                 /* [threads] of the current microbenchmark */
    const wn_microbenchmark *now;
    double seconds;
} wn_microbenchmarks;

/* wn_microbenchmarks_close afterwards, also after a failure. */
wn_status wn_microbenchmarks_open(wn_microbenchmarks *out, const wn_microbenchmark *list, int n, int threads,
                                  wn_error *error);
void wn_microbenchmarks_close(wn_microbenchmarks *benchmarks);

/* Measure each for about `seconds`, on all threads at once: rates [n] of all threads together. */
wn_status wn_microbenchmarks_read(wn_microbenchmarks *benchmarks, double seconds, double *rates, wn_error *error);

/* The median of n >= 1 values, which it sorts. */
double wn_median(double *values, int n);

#endif
