/* SPDX-License-Identifier: MIT
 * vocoder.h - wavenet_vocoder checkpoints: weights in safetensors, hyper-parameters in hparams.json.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_FORMAT_VOCODER_H
#define WN_FORMAT_VOCODER_H

#include <jansson.h>

#include "format/safetensors.h"

/* Whether the tensors are named as that program names them. */
bool wn_vocoder_detect(const wn_safetensors *file);

/* The model of a parsed checkpoint, weight norm folded; hparams is the object of the JSON file `hparams_path`. */
wn_status wn_vocoder_read(wn_model **out, wn_safetensors *file, const json_t *hparams, const char *hparams_path,
                          wn_error *error);

/* The same from bytes (for tests that have no files) and from files. */
wn_status wn_vocoder_import_memory(wn_model **out, const void *weights, size_t weights_size, const char *name,
                                   const void *hparams, size_t hparams_size, const char *hparams_name, wn_error *error);
wn_status wn_vocoder_import(wn_model **out, const char *path, const char *hparams_path, wn_error *error);

#endif
