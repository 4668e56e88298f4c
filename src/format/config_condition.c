/* SPDX-License-Identifier: MIT
 * config_condition.c - the condition of a config: features, pipeline, harmonic source, global vector.
 * Copyright (c) 2026 the wavenet authors */
#include "format/config_condition.h"

#include <stdio.h>
#include <string.h>

#include "format/config_analysis.h"
#include "format/config_control.h"
#include "format/config_feature.h"
#include "format/config_keys.h"
#include "format/config_parts.h"
#include "format/config_stage.h"
#include "kinds/analysis.h"
#include "model/check.h"
#include "model/check_condition.h"
#include "model/description.h"
#include "model/stage.h"

/* The state that the reading functions share. */
struct reading {
    wn_json *r;
    wn_model *model;
};

/* ---- keys ------------------------------------------------------------------------------------------------------- */

#define CONDITION(name) offsetof(wn_condition, name), 0

static const wn_key width_keys[] = {
    {"channels", WN_KEY_INT, CONDITION(feature_channels), 1, WN_MAX_CHANNELS, false},
    {0},
};

static const wn_key hop_keys[] = {
    {"hop", WN_KEY_INT, CONDITION(hop), 1, WN_MAX_HOP, false},
    {0},
};

static const wn_key held_keys[] = {
    {"held", WN_KEY_BOOL, CONDITION(to_held), 0, 0, false},
    {0},
};

static const wn_key global_keys[] = {
    {"global", WN_KEY_INT, CONDITION(global_channels), 0, WN_MAX_CHANNELS, false},
    {"speakers", WN_KEY_INT, CONDITION(n_speakers), 0, WN_MAX_SPEAKERS, false},
    {0},
};

static const wn_key harmonic_keys[] = {
    {"limit", WN_KEY_DOUBLE, offsetof(wn_harmonic_source, limit), 0, 1e-6, 0.5, false},
    {0},
};

static const wn_harmonic_source harmonic_defaults = {.limit = 0.45};

/* Without "held", rows that no stage upsamples are held. */
static bool is_held_by_default(int rate, int hop) { return rate == 1 && hop > 1; }

/* ---- features --------------------------------------------------------------------------------------------------- */

static void read_features(struct reading *x, const json_t *object)
{
    wn_condition *c = &x->model->condition;
    const json_t *list = wn_json_array(x->r, object, "features", 1024);
    int64_t width = 0;
    c->n_features = (int)json_array_size(list);
    c->features = wn_config_alloc(x->r, x->model->arena, (size_t)c->n_features, sizeof *c->features);
    for (int i = 0; !x->r->status && i < c->n_features; i++) {
        size_t mark = wn_json_enter(x->r, "features", i);
        wn_config_read_feature(x->r, x->model, json_array_get(list, (size_t)i), &c->features[i]);
        wn_json_leave(x->r, mark);
        width += c->features[i].n;
    }
    if (width > WN_MAX_CHANNELS)
        wn_json_fail(x->r, "features", "make more than %d channels", WN_MAX_CHANNELS);
    else
        c->feature_channels = (int)width;
}

/* ---- pipeline --------------------------------------------------------------------------------------------------- */

/* Reads the stages; returns the samples (frames, with "held") they make of one frame. */
static int read_stages(struct reading *x, const json_t *object)
{
    wn_condition *c = &x->model->condition;
    const json_t *list = wn_json_array(x->r, object, "stages", WN_MAX_STAGES);
    int width = c->feature_channels;
    int64_t rate = 1;
    c->n_stages = (int)json_array_size(list);
    c->stages = wn_config_alloc(x->r, x->model->arena, (size_t)c->n_stages, sizeof *c->stages);
    for (int i = 0; !x->r->status && i < c->n_stages; i++) {
        size_t mark = wn_json_enter(x->r, "stages", i);
        wn_config_read_stage(x->r, x->model->arena, json_array_get(list, (size_t)i), width, &c->stages[i]);
        width = wn_stage_channels(&c->stages[i], width);
        rate *= wn_stage_rate(&c->stages[i]);
        if (rate > WN_MAX_HOP) wn_json_fail(x->r, "factor", "makes more than %d samples of a frame", WN_MAX_HOP);
        wn_json_leave(x->r, mark);
    }
    return x->r->status ? 1 : (int)rate;
}

static void read_rate(struct reading *x, const json_t *object, int rate)
{
    wn_condition *c = &x->model->condition;
    bool rows = c->source == WN_CONDITION_FEATURES || c->source == WN_CONDITION_CONTROLS;
    if (!rows) return;
    if (rate == 1) wn_json_need(x->r, object, "hop");
    c->hop = rate;
    wn_config_read_keys(x->r, x->model->arena, object, hop_keys, c);
    c->to_held = is_held_by_default(rate, c->hop);
    wn_config_read_keys(x->r, x->model->arena, object, held_keys, c);
}

/* ---- harmonic source, speakers, all ------------------------------------------------------------------------------ */

static void read_phase_offsets(struct reading *x, const json_t *object, wn_harmonic_source *e)
{
    const json_t *list = wn_json_array(x->r, object, "leads", WN_MAX_CHANNELS / 2);
    if (!list) return;
    if ((int)json_array_size(list) != e->n)
        wn_json_fail(x->r, "leads", "has %zu numbers, expected one for each of %d harmonics", json_array_size(list),
                     e->n);
    e->phase_offsets = wn_config_alloc(x->r, x->model->arena, (size_t)e->n, sizeof *e->phase_offsets);
    for (int i = 0; e->phase_offsets && i < e->n; i++) {
        const json_t *value = json_array_get(list, (size_t)i);
        if (!json_is_number(value)) wn_json_fail(x->r, "leads", "must be numbers of cycles");
        e->phase_offsets[i] = json_number_value(value);
    }
}

/* From the feature rows, or from controls. */
static void read_pitch(struct reading *x, const json_t *object, wn_harmonic_source *e)
{
    if (!wn_json_get(object, "pitch")) {
        if (wn_json_get(object, "voicing")) wn_json_fail(x->r, "voicing", "is only for a pitch from the rows");
        if (wn_json_get(object, "reference")) wn_json_fail(x->r, "reference", "is only for a pitch from the rows");
        e->key = wn_config_control_of(x->r, x->model, object, "key", "key");
        e->bend = wn_config_control_of(x->r, x->model, object, "bend", NULL);
        return;
    }
    if (wn_json_get(object, "key")) wn_json_fail(x->r, "key", "and pitch exclude each other");
    if (wn_json_get(object, "bend")) wn_json_fail(x->r, "bend", "and pitch exclude each other");
    wn_json_need(x->r, object, "reference");
    e->pitch = wn_json_int(x->r, object, "pitch", 0, 0, WN_MAX_CHANNELS);
    e->voicing = wn_json_int(x->r, object, "voicing", -1, 0, WN_MAX_CHANNELS);
    e->reference = wn_json_number(x->r, object, "reference", 0, 1e-3, 1e6);
}

static void read_harmonic_source(struct reading *x, const json_t *condition)
{
    static const char *const keys[] = {"harmonics", "leads",   "key",       "bend", "limit",
                                       "pitch",     "voicing", "reference", "lock", NULL};
    const json_t *object = wn_json_object(x->r, condition, "excitation");
    if (!object) return;
    wn_harmonic_source *e = &x->model->condition.harmonic_source;
    size_t mark = wn_json_enter(x->r, "excitation", -1);
    wn_json_keys(x->r, object, keys);
    wn_json_need(x->r, object, "harmonics");
    const json_t *list = wn_json_array(x->r, object, "harmonics", WN_MAX_CHANNELS / 2);
    e->n = (int)json_array_size(list);
    e->harmonics = wn_config_alloc(x->r, x->model->arena, (size_t)e->n, sizeof *e->harmonics);
    for (int i = 0; e->harmonics && i < e->n; i++) {
        json_int_t h = json_integer_value(json_array_get(list, (size_t)i));
        if (h < 1 || h > 65536) wn_json_fail(x->r, "harmonics", "must be whole numbers from 1 to 65536");
        e->harmonics[i] = (int)(h < 1 || h > 65536 ? 1 : h);
    }
    read_phase_offsets(x, object, e);
    read_pitch(x, object, e);
    e->lock = (wn_phase_lock)wn_json_word(x->r, object, "lock", WN_LOCK_HARMONICS, wn_phase_lock_names, 2);
    e->limit = harmonic_defaults.limit;
    wn_config_read_keys(x->r, x->model->arena, object, harmonic_keys, e);
    wn_json_leave(x->r, mark);
}

static void read_analysis(struct reading *x, const json_t *condition)
{
    const json_t *object = wn_json_object(x->r, condition, "analysis");
    if (!object) return;
    wn_condition *c = &x->model->condition;
    size_t mark = wn_json_enter(x->r, "analysis", -1);
    c->has_analysis = true;
    c->analysis = wn_analysis_default();
    c->analysis.sample_rate = x->model->sample_rate;
    c->analysis.hop = c->hop;
    wn_config_read_analysis(x->r, x->model->arena, object, &c->analysis);
    wn_json_leave(x->r, mark);
}

static void read_global(struct reading *x, const json_t *object)
{
    wn_condition *c = &x->model->condition;
    char where[192];
    wn_config_read_keys(x->r, x->model->arena, object, global_keys, c);
    if (x->r->status || !c->n_speakers) return;
    wn_json_where(x->r, "speakers", where, sizeof where);
    x->r->status =
        wn_weights_new(x->model->arena, &c->embedding, (int64_t)c->n_speakers * c->global_channels, where, x->r->error);
}

static void read_nested(struct reading *x, const json_t *condition, int depth, wn_config_nested_fn *read_config)
{
    const json_t *object = wn_json_object(x->r, condition, "nested");
    if (!object || x->r->status) return;
    char where[192];
    wn_json_where(x->r, "nested", where, sizeof where);
    x->r->status = read_config(&x->model->condition.nested, object, where, depth + 1, x->r->error);
}

static wn_condition_source guess_source(const json_t *object)
{
    if (wn_json_get(object, "features")) return WN_CONDITION_CONTROLS;
    if (wn_json_get(object, "channels")) return WN_CONDITION_FEATURES;
    return wn_json_get(object, "nested") ? WN_CONDITION_INPUT : WN_CONDITION_NONE;
}

static void read_condition(struct reading *x, const json_t *object, int depth, wn_config_nested_fn *read_config)
{
    static const char *const keys[] = {"source",     "channels", "hop",      "held",   "features", "stages",
                                       "excitation", "global",   "speakers", "nested", "analysis", NULL};
    wn_json *r = x->r;
    wn_condition *c = &x->model->condition;
    wn_json_keys(r, object, keys);
    c->source = (wn_condition_source)wn_json_word(r, object, "source", guess_source(object), wn_source_names, 4);
    wn_config_read_keys(r, x->model->arena, object, width_keys, c);
    bool rows = c->source == WN_CONDITION_FEATURES, made = c->source == WN_CONDITION_CONTROLS;
    if (!rows && c->feature_channels) wn_json_fail(r, "channels", "is only for features given from outside");
    if (!made && wn_json_get(object, "features")) wn_json_fail(r, "features", "are only made from controls");
    if (made) read_features(x, object);
    read_rate(x, object, read_stages(x, object));
    read_analysis(x, object);
    read_harmonic_source(x, object);
    read_global(x, object);
    read_nested(x, object, depth, read_config);
}

void wn_config_conditions(wn_json *r, wn_model *model, const json_t *config, int depth,
                          wn_config_nested_fn *read_config)
{
    struct reading x = {r, model};
    wn_config_read_controls(r, model, config);
    const json_t *object = wn_json_object(r, config, "condition");
    size_t mark = wn_json_enter(r, "condition", -1);
    if (object && !r->status) read_condition(&x, object, depth, read_config);
    wn_json_leave(r, mark);
    wn_check check = {r->file, "", r->error};
    if (!r->status) r->status = wn_check_condition(&check, model);
}

/* ---- writing ---------------------------------------------------------------------------------------------------- */

static void write_pipeline(wn_out *o, json_t *object, const wn_condition *c)
{
    json_t *features = json_array(), *stages = json_array();
    int width = c->feature_channels, rate = 1;
    for (int i = 0; i < c->n_features; i++) wn_out_append(o, features, wn_config_write_feature(o, &c->features[i]));
    wn_out_put_list(o, object, "features", features);
    for (int i = 0; i < c->n_stages; i++) {
        wn_out_append(o, stages, wn_config_write_stage(o, &c->stages[i], width));
        rate *= wn_stage_rate(&c->stages[i]);
        width = wn_stage_channels(&c->stages[i], width);
    }
    wn_out_put_list(o, object, "stages", stages);
    const wn_condition defaults = {.to_held =
                                       is_held_by_default(rate, c->hop)}; /* of no width and no hop: they are written */
    if (c->source == WN_CONDITION_FEATURES) wn_config_write_keys(o, object, width_keys, c, &defaults);
    wn_config_write_keys(o, object, hop_keys, c, &defaults);
    wn_config_write_keys(o, object, held_keys, c, &defaults);
    if (c->has_analysis) wn_out_put(o, object, "analysis", wn_config_write_analysis(o, &c->analysis));
}

static void write_pitch(wn_out *o, json_t *object, const wn_harmonic_source *e)
{
    if (e->reference == 0) {
        wn_out_put(o, object, "key", json_string(o->model->controls[e->key].name));
        if (e->bend >= 0) wn_out_put(o, object, "bend", json_string(o->model->controls[e->bend].name));
        return;
    }
    wn_out_put(o, object, "pitch", json_integer(e->pitch));
    wn_out_put_number(o, object, "voicing", e->voicing, -1);
    wn_out_put(o, object, "reference", wn_out_number(e->reference));
}

static void write_harmonic_source(wn_out *o, json_t *condition, const wn_harmonic_source *e)
{
    if (!e->n) return;
    json_t *object = json_object(), *harmonics = json_array();
    for (int i = 0; i < e->n; i++) wn_out_append(o, harmonics, json_integer(e->harmonics[i]));
    wn_out_put(o, object, "harmonics", harmonics);
    if (e->phase_offsets) {
        json_t *phase_offsets = json_array();
        for (int i = 0; i < e->n; i++) wn_out_append(o, phase_offsets, wn_out_number(e->phase_offsets[i]));
        wn_out_put(o, object, "leads", phase_offsets);
    }
    write_pitch(o, object, e);
    if (e->lock) wn_out_put(o, object, "lock", json_string(wn_phase_lock_names[e->lock]));
    wn_config_write_keys(o, object, harmonic_keys, e, &harmonic_defaults);
    wn_out_put(o, condition, "excitation", object);
}

json_t *wn_config_write_condition(wn_out *o, const wn_condition *c)
{
    const wn_condition defaults = {0};
    json_t *object = json_object();
    if (c->source != WN_CONDITION_NONE) wn_out_put(o, object, "source", json_string(wn_source_names[c->source]));
    if (c->source == WN_CONDITION_FEATURES || c->source == WN_CONDITION_CONTROLS) write_pipeline(o, object, c);
    write_harmonic_source(o, object, &c->harmonic_source);
    wn_config_write_keys(o, object, global_keys, c, &defaults);
    return object;
}
