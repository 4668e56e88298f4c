/* SPDX-License-Identifier: MIT
 * config_layer.h - the numbers of a layer as a config spells them, in one table for reader and writer.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_FORMAT_CONFIG_LAYER_H
#define WN_FORMAT_CONFIG_LAYER_H

#include "format/config_keys.h"

/* A layer's keys that are numbers or switches. Dilations, gating, activations and FiLM have
 * code of their own. */
typedef struct wn_layer_settings {
    int kernel, groups, bottleneck, mixin_groups, skip_groups, residual_groups;
    bool bias, mixin, held, skip, skip_bias, residual, residual_bias, plain;
    float skip_scale, residual_scale;
} wn_layer_settings;

/* In the order that configs are written in: those before the gating, and those after the activations. */
extern const wn_key wn_config_layer_conv_keys[];
extern const wn_key wn_config_layer_path_keys[];

/* The defaults of absent keys for a layer of this stack. */
wn_layer_settings wn_layer_defaults(const wn_condition *condition, const wn_stack *stack, bool plain);
wn_layer_settings wn_layer_settings_of(const wn_layer *layer);

#endif
