/* SPDX-License-Identifier: MIT
 * config_feature.h - features of a config.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_FORMAT_CONFIG_FEATURE_H
#define WN_FORMAT_CONFIG_FEATURE_H

#include "format/config_out.h"
#include "format/json.h"

/* One feature, whose control is among those of `model`. */
void wn_config_read_feature(wn_json *r, const wn_model *model, const json_t *object, wn_feature *feature);
json_t *wn_config_write_feature(wn_out *o, const wn_feature *feature);

/* Index of the control that `key` names; -1 where it is absent and there is no fallback. */
int wn_config_control_of(wn_json *r, const wn_model *model, const json_t *object, const char *key,
                         const char *fallback);

#endif
