/* SPDX-License-Identifier: MIT
 * init.h - the weights that training starts from.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_TRAIN_INIT_H
#define WN_TRAIN_INIT_H

#include <stdint.h>

#include "model/model.h"

/* Fill every tensor of `model`, from `seed`. */
wn_status wn_init_weights(wn_model *model, uint64_t seed);

/* Copy the tensors of the model file `path` that have the name and shape of one of `model`. *shared: their number, of
 * *all. It is an error if there are none. */
wn_status wn_init_copy(wn_model *model, const char *path, int *shared, int *all, wn_error *error);

#endif
