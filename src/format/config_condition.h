/* SPDX-License-Identifier: MIT
 * config_condition.h - "controls" and "condition" of a config.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_FORMAT_CONFIG_CONDITION_H
#define WN_FORMAT_CONFIG_CONDITION_H

#include "format/config_out.h"
#include "format/json.h"

/* Reads the config of a nested model, at a depth of nesting. */
typedef wn_status wn_config_nested_fn(wn_model **out, const json_t *config, const char *where, int depth,
                                      wn_error *error);

/* Read "controls" and "condition" of a model's config; the local and held widths are known after it. */
void wn_config_conditions(wn_json *r, wn_model *model, const json_t *config, int depth,
                          wn_config_nested_fn *read_config);

/* The condition without its nested model; a new reference. */
json_t *wn_config_write_condition(wn_out *o, const wn_condition *condition);

#endif
