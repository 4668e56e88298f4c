/* SPDX-License-Identifier: MIT
 * tensors.h - the one list of a model's tensors, with the names of their roles.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_MODEL_TENSORS_H
#define WN_MODEL_TENSORS_H

#include "model/model.h"

/* Call fn for every float tensor of the model with its role name ("stacks.0.layers.3.conv.weight") and shape (ndim <= 3):
 * the one list that reading, writing, training, counting and linearising share. Stops at, and returns, the first non-OK. */
typedef wn_status wn_tensor_fn(void *user, const char *name, float *data, int ndim, const int64_t *shape);
wn_status wn_model_tensors(wn_model *model, wn_tensor_fn *fn, void *user);

/* "conv_pre" ... of WN_FILM_CONV_PRE ... */
const char *wn_film_name(int place);

#endif
