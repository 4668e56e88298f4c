/* SPDX-License-Identifier: MIT
 * nam_wavenet.h - the architecture WaveNet of amp captures: config to description.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_FORMAT_NAM_WAVENET_H
#define WN_FORMAT_NAM_WAVENET_H

#include "format/nam_reader.h"

void wn_nam_wavenet(wn_nam_reader *x, const json_t *config);

#endif
