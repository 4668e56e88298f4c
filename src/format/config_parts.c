/* SPDX-License-Identifier: MIT
 * config_parts.c - names and activations of a config.
 * Copyright (c) 2026 the wavenet authors */
#include "format/config_parts.h"

#include "model/description.h"

#define NAME(ID, function, flags, name, ...) name,
const char *const wn_act_names[WN_ACT_COUNT] = {WN_ACTIVATIONS(NAME)};
#undef NAME
const char *const wn_gating_names[3] = {"none", "gated", "blended"};
const char *const wn_skip_sum_names[2] = {"sum", "running"};
const char *const wn_source_names[4] = {"none", "features", "controls", "input"};
const char *const wn_phase_lock_names[2] = {"harmonics", "fundamental"};

int wn_config_version(const wn_model *m)
{
    const wn_harmonic_source *e = &m->condition.harmonic_source;
    bool emphasis = m->input.pre_emphasis != 0 || m->input.gain != 1;
    bool recognises = m->labels.n || m->delay || m->input.has_analysis;
    bool speaks = m->condition.has_analysis || emphasis || e->reference != 0 || e->lock || m->temperature_channel >= 0;
    return recognises || speaks ? 2 : 1;
}

bool wn_config_is_fed_back(const wn_model *m) { return m->output != WN_OUTPUT_PCM && !m->labels.n; }

char *wn_config_strdup(wn_json *r, wn_arena *arena, const char *text)
{
    char *copy = wn_arena_strdup(arena, text);
    if (text && !copy) wn_json_memory(r);
    return copy;
}

char **wn_config_texts(wn_json *r, wn_arena *arena, const char *key, const json_t *list)
{
    size_t n = json_array_size(list);
    char **texts = wn_config_alloc(r, arena, n, sizeof *texts);
    for (size_t i = 0; texts && i < n; i++) {
        const char *text = json_string_value(json_array_get(list, i));
        if (!text) wn_json_fail(r, key, "must be texts");
        texts[i] = wn_config_strdup(r, arena, text);
    }
    return texts;
}

void *wn_config_alloc(wn_json *r, wn_arena *arena, size_t n, size_t size)
{
    void *p = wn_arena_alloc(arena, n, size);
    if (!p) wn_json_memory(r);
    return p;
}

static const double big = 1e6; /* parameters beyond it are a mistake */

static void act_slopes(wn_json *r, wn_arena *arena, const json_t *object, int channels, wn_act *act)
{
    char where[192];
    wn_json_where(r, "slopes", where, sizeof where);
    act->n_slopes = wn_json_int(r, object, "slopes", channels, 1, WN_MAX_CHANNELS);
    if (!r->status) r->status = wn_weights_new(arena, &act->slopes, act->n_slopes, where, r->error);
}

static void act_parameters(wn_json *r, wn_arena *arena, const json_t *object, int channels, wn_act *act)
{
    const wn_act_row *row = wn_act_row_of(act->kind);
    bool per_channel = row->flags & WN_ACT_PER_CHANNEL;
    const char *keys[WN_ACT_PARAMETERS + 2] = {"kind", per_channel ? "slopes" : NULL};
    for (int i = 0; i < wn_act_parameters(row); i++) keys[i + 1] = row->parameter[i].key;
    wn_json_keys(r, object, keys);
    if (per_channel) act_slopes(r, arena, object, channels, act);
    for (int i = 0; i < wn_act_parameters(row); i++)
        act->p[i] = (float)wn_json_number(r, object, row->parameter[i].key, row->parameter[i].fallback, -big, big);
}

void wn_config_act(wn_json *r, wn_arena *arena, const json_t *object, const char *key, wn_act_kind fallback,
                   int channels, wn_act *act)
{
    const json_t *value = wn_json_get(object, key);
    *act = (wn_act){.kind = fallback};
    if (!json_is_object(value)) {
        act->kind = (wn_act_kind)wn_json_word(r, object, key, (int)fallback, wn_act_names, WN_ACT_COUNT);
        act_parameters(r, arena, NULL, channels, act);
        return;
    }
    size_t mark = wn_json_enter(r, key, -1);
    wn_json_need(r, value, "kind");
    act->kind = (wn_act_kind)wn_json_word(r, value, "kind", (int)fallback, wn_act_names, WN_ACT_COUNT);
    act_parameters(r, arena, value, channels, act);
    wn_json_leave(r, mark);
}
