/* SPDX-License-Identifier: MIT
 * config_conv.c - convolutions of a config.
 * Copyright (c) 2026 the wavenet authors */
#include "format/config_conv.h"

#include "model/description.h"

#define FIELD(name) offsetof(wn_conv, name), 0

const wn_key wn_config_conv_keys[] = {
    {"kernel", WN_KEY_INT, FIELD(kernel), 1, WN_MAX_KERNEL, false},
    {"dilation", WN_KEY_INT, FIELD(dilation), 1, WN_MAX_DILATION, false},
    {"groups", WN_KEY_INT, FIELD(groups), 1, WN_MAX_CHANNELS, false},
    {"bias", WN_KEY_BOOL, FIELD(has_bias), 0, 0, false},
    {0},
};

static const wn_conv defaults = {.kernel = 1, .dilation = 1, .groups = 1, .has_bias = true};

void wn_config_make_conv(wn_json *r, wn_arena *arena, const char *key, int in, int out, int kernel, int dilation,
                         int groups, bool bias, wn_conv *conv)
{
    char where[192];
    if (r->status) return;
    wn_json_where(r, key, where, sizeof where);
    r->status = wn_conv_init(arena, conv, in, out, kernel, dilation, groups, bias, where, r->error);
}

void wn_config_read_conv(wn_json *r, wn_arena *arena, const json_t *object, const char *key, int in, int out,
                         wn_conv *conv)
{
    wn_conv x = defaults;
    wn_config_read_keys(r, arena, object, wn_config_conv_keys, &x);
    wn_config_make_conv(r, arena, key, in, out, x.kernel, x.dilation, x.groups, x.has_bias, conv);
}

void wn_config_write_conv(wn_out *o, json_t *object, const wn_conv *conv)
{
    wn_config_write_keys(o, object, wn_config_conv_keys, conv, &defaults);
}
