/* SPDX-License-Identifier: MIT
 * config_stage.c - condition stages by the parts that their kind has.
 * Copyright (c) 2026 the wavenet authors */
#include "format/config_stage.h"

#include "format/config_conv.h"
#include "format/config_keys.h"
#include "format/config_parts.h"
#include "model/description.h"
#include "model/stage.h"

enum { ANY_CONV = WN_STAGE_HAS_CONV | WN_STAGE_HAS_TRANSPOSED, MAX_STAGE_KEYS = 10 };

/* Keys of the parts, the factor first: defaults of others depend on it. A key belongs to a kind that has one of `parts`
 * and none of `without`. */
static const struct stage_key {
    unsigned parts, without;
    wn_key key;
} stage_keys[] = {
#define FIELD(name) offsetof(wn_stage, name), 0
    {WN_STAGE_HAS_FACTOR, 0, {"factor", WN_KEY_INT, FIELD(factor), 1, WN_MAX_HOP, true}},
    {WN_STAGE_HAS_LINEAR, 0, {"linear", WN_KEY_BOOL, FIELD(linear), 0, 0, false}},
    {ANY_CONV, 0, {"out", WN_KEY_INT, FIELD(conv.out), 1, WN_MAX_CHANNELS, false}},
    {ANY_CONV, 0, {"kernel", WN_KEY_INT, FIELD(conv.kernel), 1, WN_MAX_KERNEL, false}},
    {WN_STAGE_HAS_KERNEL_2D, 0, {"height", WN_KEY_INT, FIELD(height), 1, WN_MAX_CHANNELS, false}},
    {WN_STAGE_HAS_KERNEL_2D, WN_STAGE_HAS_FACTOR, {"width", WN_KEY_INT, FIELD(width), 1, WN_MAX_KERNEL, true}},
    {ANY_CONV | WN_STAGE_HAS_KERNEL_2D, 0, {"bias", WN_KEY_BOOL, FIELD(conv.has_bias), 0, 0, false}},
    {WN_STAGE_HAS_TRIM, ANY_CONV, {"trim", WN_KEY_INT, FIELD(trim), 0, WN_MAX_HOP, true}},
    {WN_STAGE_HAS_TRANSPOSED, 0, {"trim", WN_KEY_INT, FIELD(trim), 0, WN_MAX_KERNEL, false}},
};

/* The table of one kind. */
static void keys_of(wn_stage_kind kind, wn_key keys[MAX_STAGE_KEYS + 1])
{
    unsigned parts = wn_stage_types[kind].parts;
    int n = 0;
    for (size_t i = 0; i < sizeof stage_keys / sizeof *stage_keys; i++)
        if (parts & stage_keys[i].parts && !(parts & stage_keys[i].without)) keys[n++] = stage_keys[i].key;
    keys[n] = (wn_key){0};
}

/* A stage of a kind, a factor and an input width as it is without other keys. */
static wn_stage stage_defaults(wn_stage_kind kind, int factor, int width)
{
    wn_stage s = {.kind = kind, .factor = factor};
    if (wn_stage_has(&s, ANY_CONV))
        s.conv =
            (wn_conv){.out = width, .kernel = wn_stage_has(&s, WN_STAGE_HAS_TRANSPOSED) ? factor : 1, .has_bias = true};
    if (wn_stage_has(&s, WN_STAGE_HAS_KERNEL_2D)) {
        s.height = 1;
        s.width = wn_stage_has(&s, WN_STAGE_HAS_FACTOR) ? factor : 1;
    }
    return s;
}

static void make_kernel_2d(wn_json *r, wn_arena *arena, wn_stage *s)
{
    char where[192];
    bool bias = s->conv.has_bias;
    s->conv = (wn_conv){0};
    wn_json_where(r, "", where, sizeof where);
    if (!r->status) r->status = wn_weights_new(arena, &s->kernel, (int64_t)s->height * s->width, where, r->error);
    if (!r->status && bias) r->status = wn_weights_new(arena, &s->bias, 1, where, r->error);
}

void wn_config_read_stage(wn_json *r, wn_arena *arena, const json_t *object, int width, wn_stage *s)
{
    static const char *const always[] = {"kind", NULL};
    static const char *const with_act[] = {"kind", "activation", NULL};
    const char *names[WN_STAGE_COUNT];
    wn_key keys[MAX_STAGE_KEYS + 1];
    for (int i = 0; i < WN_STAGE_COUNT; i++) names[i] = wn_stage_types[i].name;
    wn_json_need(r, object, "kind");
    s->kind = (wn_stage_kind)wn_json_word(r, object, "kind", 0, names, WN_STAGE_COUNT);
    if (r->status) return;
    bool conv = wn_stage_has(s, ANY_CONV), upsamples = wn_stage_has(s, WN_STAGE_HAS_FACTOR);
    keys_of(s->kind, keys);
    wn_config_known_keys(r, object, wn_stage_has(s, WN_STAGE_HAS_ACT) ? with_act : always, keys);
    if (upsamples) wn_config_read_keys(r, arena, object, (wn_key[]){keys[0], {0}}, s);
    *s = stage_defaults(s->kind, s->factor, width);
    wn_config_read_keys(r, arena, object, keys + upsamples, s);
    if (conv)
        wn_config_make_conv(r, arena, "", width, s->conv.out, s->conv.kernel, 1, 1, s->conv.has_bias, &s->conv);
    else if (wn_stage_has(s, WN_STAGE_HAS_KERNEL_2D))
        make_kernel_2d(r, arena, s);
    wn_config_act(r, arena, object, "activation", WN_ACT_IDENTITY, wn_stage_channels(s, width), &s->act);
}

json_t *wn_config_write_stage(wn_out *o, const wn_stage *s, int width)
{
    json_t *object = json_object();
    wn_key keys[MAX_STAGE_KEYS + 1];
    wn_stage written = *s, defaults = stage_defaults(s->kind, s->factor, width);
    if (wn_stage_has(s, WN_STAGE_HAS_KERNEL_2D)) written.conv.has_bias = s->bias != NULL;
    keys_of(s->kind, keys);
    wn_out_put(o, object, "kind", json_string(wn_stage_types[s->kind].name));
    wn_config_write_keys(o, object, keys, &written, &defaults);
    if (wn_stage_has(s, WN_STAGE_HAS_ACT)) wn_out_put_act(o, object, &s->act, WN_ACT_IDENTITY);
    return object;
}
