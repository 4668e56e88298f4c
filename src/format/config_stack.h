/* SPDX-License-Identifier: MIT
 * config_stack.h - "stacks" and "head" of a config.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_FORMAT_CONFIG_STACK_H
#define WN_FORMAT_CONFIG_STACK_H

#include "format/json.h"

/* Read "stacks" and "head" of a model's config. */
void wn_config_stacks(wn_json *r, wn_model *model, const json_t *config);

#endif
