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
 * along the longest chain from its input to its output. A product of `in` inputs counts in / chains FMAs and the additions
 * that join the chains and add them to the sum. Past taps and held products are known before and do not count. Integer
 * products count as those of floats. The frames of a block, and voices, wait beside each other. */

typedef struct wn_latency {
    int fmas, additions;
    int functions[WN_COST_FUNCTIONS]; /* as in wn_cost */
} wn_latency;

/* The longest chain of `plan`, whose cost is `cost`; its length is that in cycles of a common processor. */
wn_status wn_latency_of(wn_latency *out, const wn_plan *plan, const wn_cost *cost, wn_error *error);

/* Seconds of one operation after another. */
typedef struct wn_link_seconds {
    double fma, addition, functions[WN_COST_FUNCTIONS];
} wn_link_seconds;

double wn_latency_seconds(const wn_latency *chain, const wn_link_seconds *links);

#endif
