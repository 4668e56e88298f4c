/* SPDX-License-Identifier: MIT
 * machine_profile.h - what one thread of this machine can do at best, by instruction set, cache and function.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_BENCH_MACHINE_PROFILE_H
#define WN_BENCH_MACHINE_PROFILE_H

#include "bench/caches.h"
#include "bench/microbenchmark.h"
#include "bench/roofline.h"

enum { WN_MAX_REPEATS = 99, WN_MACHINE_PROFILE_MAX = 32 };

/* Seconds of one reading of a microbenchmark, and of one run of a model. Longer with several threads, because they do not
 * start at the same moment. */
static inline double wn_slice_seconds(int threads) { return threads > 1 ? 0.01 : 0.003; }

typedef enum wn_machine_profile_kind {
    WN_MACHINE_PROFILE_FMA,
    WN_MACHINE_PROFILE_INT8,
    WN_MACHINE_PROFILE_BF16,
    WN_MACHINE_PROFILE_READ,
    WN_MACHINE_PROFILE_FUNCTION
} wn_machine_profile_kind;

typedef struct wn_machine_figure {
    wn_machine_profile_kind kind;
    char name[40]; /* "avx512", "avx512-vnni", "L2", "tanh" */
    size_t bytes;  /* READ: the size of the cache, 0: memory */
    double rate;   /* median; multiply-accumulates, bytes or elements a second */
} wn_machine_figure;

typedef struct wn_machine_profile {
    const wn_kernels *kernels;
    wn_caches caches;
    int n;
    wn_machine_figure findings[WN_MACHINE_PROFILE_MAX];
    wn_microbenchmark benchmarks[WN_MACHINE_PROFILE_MAX]; /* [n] */
} wn_machine_profile;

/* Medians of `repeats` readings by turns: multiply-accumulates of the kernels of `plan` and of every vector set this CPU
 * has, its best int8 and bf16 dot products, reads from every cache, the functions in `cost`. */
wn_status wn_machine_profile_run(wn_machine_profile *out, const wn_plan *plan, const wn_cost *cost, int repeats,
                                 wn_error *error);

/* "L2" or "memory". */
void wn_machine_profile_level(char name[40], const wn_caches *caches, int level);

/* Read the microbenchmarks by turns with `between` (NULL: nothing else), `repeats` times: medians [n].
 * between stores one more figure at each turn. */
typedef wn_status wn_machine_profile_between(void *user, int turn, wn_error *error);
wn_status wn_machine_profile_turns(wn_microbenchmarks *benchmarks, int repeats, wn_machine_profile_between *between,
                                   void *user, double *medians, wn_error *error);

#endif
