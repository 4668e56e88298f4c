/* SPDX-License-Identifier: MIT
 * stack.h - forward and backward passes of one stack over a chunk.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_TRAIN_STACK_H
#define WN_TRAIN_STACK_H

#include "train/work.h"

/* Compute stack number `stack` for `frames` frames into work->out[stack]. */
void wn_tstack_forward(wn_twork *work, const wn_real *parameters, int stack, int frames);

/* On entry work->dout is the gradient of the stack's output and work->dh that of its last h. On return they are the
 * gradients of the previous stack's. Adds the gradient of the parameters to grad. */
void wn_tstack_backward(wn_twork *work, const wn_real *parameters, int stack, const wn_tchunk *chunk, wn_real *grad);

/* Number of output channels. */
int wn_tstack_outputs(const wn_tstack *stack);

#endif
