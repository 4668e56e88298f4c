/* SPDX-License-Identifier: MIT
 * config_stage.h - condition stages of a config.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_FORMAT_CONFIG_STAGE_H
#define WN_FORMAT_CONFIG_STAGE_H

#include "format/config_out.h"
#include "format/json.h"

/* One stage that takes `width` channels, its weights zero and in the arena. */
void wn_config_read_stage(wn_json *r, wn_arena *arena, const json_t *object, int width, wn_stage *stage);
json_t *wn_config_write_stage(wn_out *o, const wn_stage *stage, int width);

#endif
