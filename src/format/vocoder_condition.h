/* SPDX-License-Identifier: MIT
 * vocoder_condition.h - the conditions of wavenet_vocoder checkpoints.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_FORMAT_VOCODER_CONDITION_H
#define WN_FORMAT_VOCODER_CONDITION_H

#include "format/vocoder_reader.h"

/* Local features and upsampling, speakers. Widths are known after it. */
void wn_import_condition(wn_vocoder_reader *x);

#endif
