/* SPDX-License-Identifier: MIT
 * config_stack.h - "stacks" and "head" of a config.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_FORMAT_CONFIG_STACK_H
#define WN_FORMAT_CONFIG_STACK_H

#include "format/config_keys.h"

/* The keys of a stack, in three groups. The writer puts the layers between those of the skip and those of the output. */
extern const wn_key wn_config_stack_width_keys[], wn_config_stack_skip_keys[], wn_config_stack_output_keys[];

/* The defaults of absent keys for a stack of this width. */
wn_stack wn_config_stack_defaults(int channels);

/* Read "stacks" and "head" of a model's config. */
void wn_config_stacks(wn_json *r, wn_model *model, const json_t *config);

#endif
