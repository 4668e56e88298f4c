/* SPDX-License-Identifier: MIT
 * config_analysis.h - parameters of analysis: the object "analysis" of a config, and files that hold it alone.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_FORMAT_CONFIG_ANALYSIS_H
#define WN_FORMAT_CONFIG_ANALYSIS_H

#include "format/config_out.h"
#include "format/json.h"

/* *analysis holds the defaults: those of wn_analysis_default, and the rate and hop that follow from the model, if any. Lists
 * are allocated in the arena. */
void wn_config_read_analysis(wn_json *r, wn_arena *arena, const json_t *object, wn_analysis_config *analysis);

/* The object that reads back as `analysis`: a new reference. */
json_t *wn_config_write_analysis(wn_out *o, const wn_analysis_config *analysis);

/* Read a JSON file that holds such an object, checked. Lists are allocated in the arena. */
wn_status wn_config_load_analysis(wn_analysis_config *analysis, wn_arena *arena, const char *path, wn_error *error);

#endif
