/* SPDX-License-Identifier: MIT
 * check_condition.h - what the conditions of a model must satisfy: controls, features, pipeline, harmonic source.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_MODEL_CHECK_CONDITION_H
#define WN_MODEL_CHECK_CONDITION_H

#include "model/check.h"

/* Check the analysis that makes `channels` channels. `place` is its name in messages. */
wn_status wn_check_analysis(wn_check *check, const char *place, const wn_analysis_config *analysis, int channels);

/* Check the conditions; derives local_channels and held_channels. */
wn_status wn_check_condition(wn_check *check, wn_model *model);

#endif
