/* SPDX-License-Identifier: MIT
 * exec_fused.h - the executor for a few frames of narrow networks.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_ENGINE_EXEC_FUSED_H
#define WN_ENGINE_EXEC_FUSED_H

#include "engine/executor.h"
#include "engine/plan.h"
#include "kernels/fused.h"

extern const wn_executor wn_exec_fused;

/* A run of fused layers, for tests to look into. */
typedef struct wn_fused_program {
    const wn_plan *plan;
    const wn_kernels *table; /* whose vectors a row fills best: the plan's, or a narrower one */
    int first_op, n_ops, n;
    wn_fused_layer *layers;   /* [n] */
    const wn_tap_ring **ring; /* [n] of its convolution; NULL: none */
    int *layer_of;            /* [operations] */
    int *first_of;            /* [n] its first operation */
} wn_fused_program;

#endif
