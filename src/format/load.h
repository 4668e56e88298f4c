/* SPDX-License-Identifier: MIT
 * load.h - models from files of every kind.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_FORMAT_LOAD_H
#define WN_FORMAT_LOAD_H

#include "model/model.h"

/* How large a model file that begins like this may be, for wn_file_read_limited. */
size_t wn_model_file_limit(const void *head, size_t n);

#endif
