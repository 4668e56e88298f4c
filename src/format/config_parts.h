/* SPDX-License-Identifier: MIT
 * config_parts.h - shared by the files that read a config.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_FORMAT_CONFIG_PARTS_H
#define WN_FORMAT_CONFIG_PARTS_H

#include "format/json.h"

/* A text from the file into the arena, NULL stays NULL. */
char *wn_config_strdup(wn_json *r, wn_arena *arena, const char *text);

/* The texts of `list`, the value of `key`. */
char **wn_config_texts(wn_json *r, wn_arena *arena, const char *key, const json_t *list);

/* n zeroed objects; NULL, with the failure recorded, if memory fails. */
void *wn_config_alloc(wn_json *r, wn_arena *arena, size_t n, size_t size);

/* An activation at `key`: "tanh", or {"kind": "leaky-relu", "slope": 0.2}. channels: width it is applied to. */
void wn_config_act(wn_json *r, wn_arena *arena, const json_t *object, const char *key, wn_act_kind fallback,
                   int channels, wn_act *act);

/* The newest version of the config; older ones are read. */
enum { WN_CONFIG_VERSION = 2 };

/* The oldest version that can describe the model, which is the one that is written. */
int wn_config_version(const wn_model *model);

/* Default of `autoregressive`, which follows from the output. */
bool wn_config_is_fed_back(const wn_model *model);

/* Names of enumerated values as the config spells them. */
extern const char *const wn_act_names[WN_ACT_COUNT];
extern const char *const wn_gating_names[3];
extern const char *const wn_skip_sum_names[2];
extern const char *const wn_source_names[4];
extern const char *const wn_phase_lock_names[2];

#endif
