/* SPDX-License-Identifier: MIT
 * config_conv.h - convolutions of a config.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_FORMAT_CONFIG_CONV_H
#define WN_FORMAT_CONFIG_CONV_H

#include "format/config_keys.h"

/* kernel, dilation, groups and bias of a wn_conv. */
extern const wn_key wn_config_conv_keys[];

/* A convolution with those keys of `object`, which may be NULL. key: its name in errors. */
void wn_config_read_conv(wn_json *r, wn_arena *arena, const json_t *object, const char *key, int in, int out,
                         wn_conv *conv);

/* The same from values. Does nothing after a failure. */
void wn_config_make_conv(wn_json *r, wn_arena *arena, const char *key, int in, int out, int kernel, int dilation,
                         int groups, bool bias, wn_conv *conv);

/* Those keys into `object`. */
void wn_config_write_conv(wn_out *o, json_t *object, const wn_conv *conv);

#endif
