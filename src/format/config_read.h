/* SPDX-License-Identifier: MIT
 * config_read.h - a model from its config.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_FORMAT_CONFIG_READ_H
#define WN_FORMAT_CONFIG_READ_H

#include <jansson.h>

#include "model/model.h"

/* Make the description that `config` (an object) asks for, checked as a whole, with weights allocated and zero.
 * `where` begins the place in messages: the file. On failure *out is NULL. */
wn_status wn_config_read(wn_model **out, const json_t *config, const char *where, wn_error *error);

#endif
