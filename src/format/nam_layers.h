/* SPDX-License-Identifier: MIT
 * nam_layers.h - one layer array of an amp capture.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_FORMAT_NAM_LAYERS_H
#define WN_FORMAT_NAM_LAYERS_H

#include "format/nam_reader.h"

/* Keys of the places of FiLM. */
extern const char *const wn_nam_film_keys[WN_FILM_COUNT];

/* Layer array `index`, which takes `in` channels from the one before. */
void wn_nam_layers(wn_nam_reader *x, const json_t *object, wn_stack *stack, int index, int in);

#endif
