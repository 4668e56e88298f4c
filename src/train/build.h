/* SPDX-License-Identifier: MIT
 * build.h - builds the trainer's network from a model.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_TRAIN_BUILD_H
#define WN_TRAIN_BUILD_H

#include "train/structure.h"

/* Build the network of `model`, which must outlive it. WN_ERROR_UNSUPPORTED, with the reason, if the model cannot be
 * trained. */
wn_status wn_tnet_new(wn_tnet **out, wn_model *model, wn_error *error);

/* NULL is allowed. */
void wn_tnet_free(wn_tnet *net);

#endif
