/* SPDX-License-Identifier: MIT
 * roofline.h - the least time a plan can take on a machine whose peaks are known.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_BENCH_ROOFLINE_H
#define WN_BENCH_ROOFLINE_H

#include "engine/plan.h"

/* Whichever of two floors is the higher binds:
 *
 *   arithmetic = multiply-accumulates / their peak + elements of functions / their rates
 *   bandwidth  = bytes of weights read / what the caches deliver of so much
 *
 * Functions are those with a division in them (tanh, sigmoid and their kin); the others vanish beside the products.
 * Weights are read once for all voices and frames that run together, those of past taps and of conditions once for the frames
 * that they are multiplied ahead for. What is read besides, and drawing samples, is not counted. Integers are multiplied at
 * the peak of integers; bfloat16 weights are half the bytes, and multiplied as floats.
 *
 * A third figure stands beside them, the latency of the longest chain of operations that wait for each other; see latency.h. */

/* Functions of one kind that a plan applies. */
typedef struct wn_function_cost {
    wn_op_kind op; /* WN_OP_ACTIVATE, WN_OP_GATE or WN_OP_BLEND */
    wn_fn_param act, gate;
    double elements; /* a frame of one voice */
} wn_function_cost;

enum { WN_COST_FUNCTIONS = 8 }; /* kinds; a network with more is short of a little of its floor */

typedef struct wn_cost {
    double macs;  /* of floats, a frame of one voice */
    double macs8; /* of 8-bit integers */
    double bytes; /* of weights, a frame of all voices of a plan */
    double
        resident; /* bytes of all weights, those of past taps too: frames come back to them, a cache must hold them */
    int n_functions;
    wn_function_cost functions[WN_COST_FUNCTIONS];
} wn_cost;

/* The place in out->functions of the function that the operation applies; -1: it applies none of them. */
int wn_cost_find_function(const wn_cost *cost, const wn_op *op);

/* The cost of `plan` when it runs `frames` frames at a time. */
void wn_cost_of(wn_cost *out, const wn_plan *plan, int frames);

/* Rates of a machine, all threads together. */
typedef struct wn_rates {
    double macs, macs8;                  /* multiply-accumulates/s of floats, of 8-bit integers */
    double read;                         /* bytes/s from where the weights are */
    double functions[WN_COST_FUNCTIONS]; /* elements/s */
} wn_rates;

typedef struct wn_roofline {
    double arithmetic, bandwidth; /* seconds */
} wn_roofline;

/* The floors of a sample, where `streams` streams run by `plans` plans side by side that each read weights of their own. */
wn_roofline wn_roofline_of(const wn_cost *cost, const wn_rates *rates, int streams, int plans);

#endif
