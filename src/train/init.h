/* SPDX-License-Identifier: MIT
 * init.h - the weights that training starts from.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_TRAIN_INIT_H
#define WN_TRAIN_INIT_H

#include <stdint.h>

#include "model/model.h"

/* Fill every tensor of `model`, from `seed`. */
wn_status wn_init_weights(wn_model *model, uint64_t seed);

#endif
