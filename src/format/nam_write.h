/* SPDX-License-Identifier: MIT
 * nam_write.h - a model as an amp capture of version 0.7.0.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_FORMAT_NAM_WRITE_H
#define WN_FORMAT_NAM_WRITE_H

#include "model/model.h"

/* `model` as version 0.7.0, a new string; WN_ERROR_UNSUPPORTED if it does not fit the format. path: named in messages. */
wn_status wn_nam_text(char **out, const wn_model *model, const char *path, wn_error *error);

/* Write that to a file, complete or not at all. */
wn_status wn_nam_write(const wn_model *model, const char *path, wn_error *error);

#endif
