/* SPDX-License-Identifier: MIT
 * native.h - the native model file: safetensors with the config in its metadata.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_FORMAT_NATIVE_H
#define WN_FORMAT_NATIVE_H

#include "format/safetensors.h"

/* Key of the config in __metadata__. */
#define WN_NATIVE_KEY "wavenet"

/* The model in a parsed file. */
wn_status wn_native_read(wn_model **out, wn_safetensors *file, wn_error *error);

/* Fill a model's tensors from the file, each by its role name: missing, mis-shaped and left-over ones are errors. */
wn_status wn_native_weights(wn_model *model, wn_safetensors *file, wn_error *error);

/* Write the file, complete or not at all. */
wn_status wn_native_write(const wn_model *model, const char *path, wn_error *error);

#endif
