/* SPDX-License-Identifier: MIT
 * check_condition.h - what the conditions of a model must satisfy: controls, features, pipeline, harmonic source.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_MODEL_CHECK_CONDITION_H
#define WN_MODEL_CHECK_CONDITION_H

#include "model/check.h"

/* Check them; derives local_channels and held_channels. */
wn_status wn_check_condition(wn_check *check, wn_model *model);

#endif
