/* SPDX-License-Identifier: MIT
 * linear.h - the model with its nonlinearities taken out, for verification and reach.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_MODEL_LINEAR_H
#define WN_MODEL_LINEAR_H

#include "model/model.h"

typedef enum wn_linear_kind {
    WN_LINEAR_WEIGHTS, /* the model's own weights */
    WN_LINEAR_POSITIVE /* every weight a small positive number, so that no path cancels another */
} wn_linear_kind;

/* A copy with activation = identity, gate = 1, biases and conditions 0, FiLM off, scalar PCM input (a class model's
 * embedding becomes one column) and PCM output. NULL if memory fails. */
wn_model *wn_model_linearised(const wn_model *model, wn_linear_kind kind);

#endif
