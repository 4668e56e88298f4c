/* SPDX-License-Identifier: MIT
 * config_write.h - the config of a model.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_FORMAT_CONFIG_WRITE_H
#define WN_FORMAT_CONFIG_WRITE_H

#include <jansson.h>

#include "model/model.h"

/* The shortest config that reads back as `model`: a new reference, or NULL if memory fails. */
json_t *wn_config_write(const wn_model *model);

#endif
