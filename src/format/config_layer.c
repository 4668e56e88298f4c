/* SPDX-License-Identifier: MIT
 * config_layer.c - the numbers of a layer as a config spells them.
 * Copyright (c) 2026 the wavenet authors */
#include "format/config_layer.h"

#define FIELD(name) offsetof(wn_layer_settings, name), 0
#define GROUPS(name) WN_KEY_INT, FIELD(name), 1, WN_MAX_CHANNELS, false
#define SWITCH(name) WN_KEY_BOOL, FIELD(name), 0, 0, false
#define SCALE(name) WN_KEY_FLOAT, FIELD(name), -1e6, 1e6, false

const wn_key wn_config_layer_conv_keys[] = {
    {"kernel", WN_KEY_INT, FIELD(kernel), 1, WN_MAX_KERNEL, false},
    {"groups", GROUPS(groups)},
    {"bias", SWITCH(bias)},
    {"bottleneck", WN_KEY_INT, FIELD(bottleneck), 1, WN_MAX_CHANNELS, false},
    {0},
};

const wn_key wn_config_layer_path_keys[] = {
    {"mixin", SWITCH(mixin)},
    {"mixin_groups", GROUPS(mixin_groups)},
    {"held", SWITCH(held)},
    {"skip", SWITCH(skip)},
    {"skip_bias", SWITCH(skip_bias)},
    {"skip_groups", GROUPS(skip_groups)},
    {"skip_scale", SCALE(skip_scale)},
    {"residual", SWITCH(residual)},
    {"residual_bias", SWITCH(residual_bias)},
    {"residual_groups", GROUPS(residual_groups)},
    {"residual_scale", SCALE(residual_scale)},
    {"plain", SWITCH(plain)},
    {0},
};

wn_layer_settings wn_layer_defaults(const wn_condition *c, const wn_stack *s, bool plain)
{
    return (wn_layer_settings){.kernel = 2,
                               .groups = 1,
                               .bottleneck = s->channels,
                               .mixin_groups = 1,
                               .skip_groups = 1,
                               .residual_groups = 1,
                               .bias = true,
                               .mixin = c->local_channels > 0,
                               .held = c->held_channels > 0,
                               .skip = !plain && !s->plain_output,
                               .skip_bias = true,
                               .residual = !plain,
                               .residual_bias = true,
                               .skip_scale = 1,
                               .residual_scale = 1};
}

static int groups_of(const wn_conv *c) { return c->out ? c->groups : 1; }

static bool bias_of(const wn_conv *c) { return !c->out || c->has_bias; }

wn_layer_settings wn_layer_settings_of(const wn_layer *l)
{
    return (wn_layer_settings){.kernel = l->conv.kernel,
                               .groups = l->conv.groups,
                               .bottleneck = l->bottleneck,
                               .mixin_groups = groups_of(&l->mixin),
                               .skip_groups = groups_of(&l->skip),
                               .residual_groups = groups_of(&l->residual),
                               .bias = l->conv.has_bias,
                               .mixin = l->mixin.out > 0,
                               .held = l->held.out > 0,
                               .skip = l->skip.out > 0,
                               .skip_bias = bias_of(&l->skip),
                               .residual = l->residual.out > 0,
                               .residual_bias = bias_of(&l->residual),
                               .plain = l->plain,
                               .skip_scale = l->skip_scale,
                               .residual_scale = l->residual_scale};
}
