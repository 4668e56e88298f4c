/* SPDX-License-Identifier: MIT
 * config_control.h - controls of a config.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_FORMAT_CONFIG_CONTROL_H
#define WN_FORMAT_CONFIG_CONTROL_H

#include "format/config_out.h"
#include "format/json.h"

/* The list "controls" of `config` into the model. */
void wn_config_read_controls(wn_json *r, wn_model *model, const json_t *config);

/* A control; a new reference. */
json_t *wn_config_write_control(wn_out *o, const wn_model_control *control);

#endif
