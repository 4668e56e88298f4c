/* SPDX-License-Identifier: MIT
 * clone.h - a deep copy of a model.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_MODEL_CLONE_H
#define WN_MODEL_CLONE_H

#include "model/model.h"

/* A deep copy in an arena of its own, or NULL. */
wn_model *wn_model_clone(const wn_model *model);

#endif
