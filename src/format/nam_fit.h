/* SPDX-License-Identifier: MIT
 * nam_fit.h - a model in the shape that the .nam format wants.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_FORMAT_NAM_FIT_H
#define WN_FORMAT_NAM_FIT_H

#include "model/model.h"

/* A copy of `model` that has every part the format wants (biases of zeros, say), or NULL: what does not fit is in
 * *error. `path` is where it should go. */
wn_status wn_nam_fit(wn_model **out, const wn_model *model, const char *path, wn_error *error);

#endif
