/* SPDX-License-Identifier: MIT
 * latency.h - the longest chain of operations of a frame that wait for each other, and how long it takes.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_BENCH_LATENCY_H
#define WN_BENCH_LATENCY_H

#include "bench/roofline.h"

/* A layer waits for the layer before. So a frame takes at least
 *
 *   FMAs * their latency + additions * theirs + functions * theirs
 *
 * along the longest chain from its input to its output. A product of `in` inputs counts ceil(in / n) FMAs, n = wn_chains(in), and the
 * additions that join its n chains and add them to the sum. Past taps and held products are known before and do not count.
 * Integer products count as those of floats. The latencies of the frames of a block, and of voices, overlap: they count once. */

typedef struct wn_latency {
    int fmas, additions;
    int functions[WN_COST_FUNCTIONS]; /* as in wn_cost */
} wn_latency;

/* The longest chain of `plan`, whose cost is `cost`. Paths are compared at 4 cycles per FMA or addition and 60 per function. */
wn_status wn_latency_of(wn_latency *out, const wn_plan *plan, const wn_cost *cost, wn_error *error);

/* Latency in seconds of one operation that waits for the one before. */
typedef struct wn_operation_latency {
    double fma, addition, functions[WN_COST_FUNCTIONS];
} wn_operation_latency;

double wn_latency_seconds(const wn_latency *chain, const wn_operation_latency *links);

#endif
