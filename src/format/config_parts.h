/* SPDX-License-Identifier: MIT
 * config_parts.h - shared by the files that read a config.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_FORMAT_CONFIG_PARTS_H
#define WN_FORMAT_CONFIG_PARTS_H

#include "format/config.h"
#include "format/json.h"

/* A text from the file into the arena, NULL stays NULL. */
char *wn_config_strdup(wn_json *r, wn_arena *arena, const char *text);
/* n zeroed objects; NULL, with the failure recorded, if memory fails. */
void *wn_config_alloc(wn_json *r, wn_arena *arena, size_t n, size_t size);

/* An activation at `key`: "tanh", or {"kind": "leaky-relu", "slope": 0.2}. channels: width it is applied to. */
void wn_config_act(wn_json *r, wn_arena *arena, const json_t *object, const char *key, wn_act_kind fallback,
                   int channels, wn_act *act);

/* A convolution with the keys kernel, dilation, groups and bias of `object`, which may be NULL. key: its name. */
void wn_config_conv(wn_json *r, wn_arena *arena, const json_t *object, const char *key, int in, int out, wn_conv *conv);
/* As above from values. Does nothing after a failure. */
void wn_config_conv_of(wn_json *r, wn_arena *arena, const char *key, int in, int out, int kernel, int dilation,
                       int groups, bool bias, wn_conv *conv);

/* config_condition.c: "controls" and "condition" of a model's config; local and held widths are known after it. */
void wn_config_conditions(wn_json *r, wn_model *model, const json_t *config, int depth);

/* config_stack.c: "stacks" and "head". */
void wn_config_stacks(wn_json *r, wn_model *model, const json_t *config);

/* config_read.c: wn_config_read at a depth of nesting. */
wn_status wn_config_read_nested(wn_model **out, const json_t *config, const char *where, int depth, wn_error *error);

#endif
