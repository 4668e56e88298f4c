/* SPDX-License-Identifier: MIT
 * description.h - making the parts of a model's description.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_MODEL_DESCRIPTION_H
#define WN_MODEL_DESCRIPTION_H

#include "model/model.h"

/* An empty model with an arena and every scale at 1; NULL if memory fails. */
wn_model *wn_model_new(void);

/* Arrays of n stacks or layers with every scale at 1; NULL if memory fails. */
wn_stack *wn_stacks_new(wn_arena *arena, int n);
wn_layer *wn_layers_new(wn_arena *arena, int n);

/* n zeroed floats of weights, counted against WN_MAX_PARAMETERS. */
wn_status wn_weights_new(wn_arena *arena, float **weights, int64_t n, const char *where, wn_error *error);

/* Describe a conv and allocate its zeroed weights in the arena. Checks limits. where names it in the error. */
wn_status wn_conv_init(wn_arena *arena, wn_conv *conv, int in, int out, int kernel, int dilation, int groups, bool bias,
                       const char *where, wn_error *error);
wn_status wn_conv_check(const wn_conv *conv, const char *where, wn_error *error); /* limits only */
int64_t wn_conv_weights(const wn_conv *conv);                                     /* floats in weight, 0 if absent */
int64_t wn_conv_reach(const wn_conv *conv); /* (kernel-1) * dilation, 0 if absent */

#endif
