/* SPDX-License-Identifier: MIT
 * pipe.h - the condition pipeline over the stretch of a clip that a chunk needs.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_TRAIN_PIPE_H
#define WN_TRAIN_PIPE_H

#include "train/work.h"

/* Length in samples of `rows` feature rows after the whole pipeline. */
int64_t wn_tcondition_length(const wn_tcondition *condition, int64_t rows);

/* Compute the conditions of the chunk into work->local and work->held. */
void wn_tpipe_forward(wn_twork *work, const wn_real *parameters, const wn_tchunk *chunk);

/* Add the gradient of the pipeline's parameters to grad, from work->dlocal and work->dheld. */
void wn_tpipe_backward(wn_twork *work, const wn_real *parameters, const wn_tchunk *chunk, wn_real *grad);

#endif
