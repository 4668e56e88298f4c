/* SPDX-License-Identifier: MIT
 * nam_plain.h - the architectures ConvNet and Linear of amp captures: config to description; then the weights.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_FORMAT_NAM_PLAIN_H
#define WN_FORMAT_NAM_PLAIN_H

#include "format/nam_reader.h"

void wn_nam_convnet(wn_nam_reader *x, const json_t *config);
void wn_nam_linear(wn_nam_reader *x, const json_t *config);
void wn_nam_convnet_weights(wn_nam_reader *x);
void wn_nam_linear_weights(wn_nam_reader *x);
void wn_nam_reverse(float *taps, int n); /* Linear lists taps from the newest on */

#endif
