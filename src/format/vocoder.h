/* SPDX-License-Identifier: MIT
 * vocoder.h - wavenet_vocoder checkpoints: weights in safetensors, hyper-parameters in hparams.json.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_FORMAT_VOCODER_H
#define WN_FORMAT_VOCODER_H

#include "format/format_row.h"

extern const wn_format wn_format_vocoder;

/* The model of a checkpoint's bytes and those of its hparams.json, weight norm folded. */
wn_status wn_vocoder_import_memory(wn_model **out, const void *weights, size_t weights_size, const char *name,
                                   const void *hparams, size_t hparams_size, const char *hparams_name, wn_error *error);

#endif
