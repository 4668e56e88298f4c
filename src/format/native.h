/* SPDX-License-Identifier: MIT
 * native.h - the native model file: safetensors with the config in its metadata.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_FORMAT_NATIVE_H
#define WN_FORMAT_NATIVE_H

#include "format/format_row.h"

/* Key of the config in __metadata__. */
#define WN_NATIVE_KEY "wavenet"

extern const wn_format wn_format_native;

#endif
