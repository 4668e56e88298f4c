/* SPDX-License-Identifier: MIT
 * receptive.h - what follows from the description: reach, memory, parameters, work per sample.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_MODEL_RECEPTIVE_H
#define WN_MODEL_RECEPTIVE_H

#include "model/model.h"

int64_t wn_model_receptive(const wn_model *model);
int64_t
wn_model_remembered(const wn_model *model); /* floats that the rings of one voice hold at least, nested ones too */
int64_t wn_model_parameters(const wn_model *model);
int64_t wn_model_macs(const wn_model *model); /* per sample; held and frame-rate work divided by its hop */

/* FiLM at any of the places first .. last. */
bool wn_film_any(const wn_layer *layer, int first, int last);

#endif
