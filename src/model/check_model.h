/* SPDX-License-Identifier: MIT
 * check_model.h - every width meets its neighbour: what a description must satisfy before anything runs it.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_MODEL_CHECK_MODEL_H
#define WN_MODEL_CHECK_MODEL_H

#include "model/model.h"

/* Channels that FiLM at `place` modulates; 0 where that place does not exist in this layer. */
int wn_film_width(const wn_layer *layer, int place, int local);

/* All of wn_model_finish but the look at the weights. */
wn_status wn_model_check(wn_model *model, const char *path, wn_error *error);

/* Check the whole description: every width meets its neighbour, limits hold, weights are finite; derive local_channels,
 * held_channels, input.values. Every reader ends with this. */
wn_status wn_model_finish(wn_model *model, const char *path, wn_error *error);

#endif
