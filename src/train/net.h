/* SPDX-License-Identifier: MIT
 * net.h - forward and backward passes of the whole network over a chunk: inputs, stacks, head.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_TRAIN_NET_H
#define WN_TRAIN_NET_H

#include "train/work.h"

/* Compute the network's output for the chunk into work->y. `state` [net->state] is the stream's state, which is
 * updated. */
void wn_tnet_forward(wn_twork *work, const wn_real *parameters, const wn_tchunk *chunk, wn_real *state);

/* After a forward pass, with the gradient of the output in work->dy: add the gradient of the parameters to
 * grad [params.count]. */
void wn_tnet_backward(wn_twork *work, const wn_real *parameters, const wn_tchunk *chunk, wn_real *grad);

#endif
