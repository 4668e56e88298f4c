/* SPDX-License-Identifier: MIT
 * config_condition.c - controls, features, pipeline and harmonic source of a config.
 * Copyright (c) 2026 the wavenet authors */
#include <stdio.h>
#include <string.h>

#include "model/check.h"
#include "format/config_parts.h"

/* What the functions of this file share. */
struct reading {
    wn_json *r;
    wn_model *model;
};

/* ---- controls --------------------------------------------------------------------------------------------------- */

static void read_choices(struct reading *x, const json_t *object, const json_t *choices, wn_model_control *c)
{
    int n = (int)json_array_size(choices);
    c->kind = WN_CONTROL_CHOICE;
    c->n_choices = n;
    c->maximum = n - 1;
    c->choices = wn_config_alloc(x->r, x->model->arena, (size_t)n, sizeof *c->choices);
    for (int i = 0; c->choices && i < n; i++) {
        const char *text = json_string_value(json_array_get(choices, (size_t)i));
        if (!text) wn_json_fail(x->r, "choices", "must be texts");
        c->choices[i] = wn_config_strdup(x->r, x->model->arena, text);
    }
    if (x->r->status || !n) return;
    c->default_value = wn_json_word(x->r, object, "default", 0, (const char *const *)c->choices, n);
}

static void read_control(struct reading *x, const json_t *object, wn_model_control *c)
{
    static const char *const keys[] = {"name", "unit", "min", "max", "default", "choices", NULL};
    wn_json *r = x->r;
    wn_json_keys(r, object, keys);
    wn_json_need(r, object, "name");
    c->name = wn_config_strdup(r, x->model->arena, wn_json_text(r, object, "name", ""));
    c->unit = wn_config_strdup(r, x->model->arena, wn_json_text(r, object, "unit", ""));
    const json_t *choices = wn_json_array(r, object, "choices", WN_MAX_CHOICES);
    if (choices) {
        read_choices(x, object, choices, c);
        return;
    }
    wn_json_need(r, object, "min");
    wn_json_need(r, object, "max");
    wn_json_need(r, object, "default");
    c->minimum = wn_json_number(r, object, "min", 0.0, -1e12, 1e12);
    c->maximum = wn_json_number(r, object, "max", 0.0, -1e12, 1e12);
    c->default_value = wn_json_number(r, object, "default", 0.0, -1e12, 1e12);
}

static void read_controls(struct reading *x, const json_t *config)
{
    const json_t *list = wn_json_array(x->r, config, "controls", WN_MAX_CONTROLS);
    wn_model *m = x->model;
    m->n_controls = (int)json_array_size(list);
    m->controls = wn_config_alloc(x->r, m->arena, (size_t)m->n_controls, sizeof *m->controls);
    for (int i = 0; !x->r->status && i < m->n_controls; i++) {
        size_t mark = wn_json_enter(x->r, "controls", i);
        read_control(x, json_array_get(list, (size_t)i), &m->controls[i]);
        wn_json_leave(x->r, mark);
    }
}

/* Index of the control named by `key`; -1 where it is absent and there is no fallback. */
static int control_of(struct reading *x, const json_t *object, const char *key, const char *fallback)
{
    const char *name = wn_json_text(x->r, object, key, fallback);
    if (!name || x->r->status) return -1;
    int index = wn_model_find_control(x->model, name);
    if (index < 0) wn_json_fail(x->r, key, "\"%.64s\" is none of the controls", name);
    return index;
}

/* ---- features --------------------------------------------------------------------------------------------------- */

static void read_taus(struct reading *x, const json_t *object, wn_feature *f)
{
    const json_t *list = wn_json_array(x->r, object, "taus", 1024);
    f->n = (int)json_array_size(list);
    if (!f->n) wn_json_fail(x->r, "taus", "is missing, expected a list of seconds");
    f->taus = wn_config_alloc(x->r, x->model->arena, (size_t)f->n, sizeof *f->taus);
    for (int i = 0; f->taus && i < f->n; i++) {
        const json_t *value = json_array_get(list, (size_t)i);
        if (!json_is_number(value)) wn_json_fail(x->r, "taus", "must be numbers");
        f->taus[i] = json_number_value(value);
    }
}

static void read_gaussian(wn_json *r, const json_t *object, const wn_model_control *control, wn_feature *f)
{
    wn_json_need(r, object, "n");
    wn_json_need(r, object, "sigma");
    f->n = wn_json_int(r, object, "n", 1, 1, WN_MAX_CHANNELS);
    f->lo = wn_json_number(r, object, "lo", control->minimum, -1e12, 1e12);
    f->hi = wn_json_number(r, object, "hi", control->maximum, -1e12, 1e12);
    f->sigma = wn_json_number(r, object, "sigma", 1.0, 1e-9, 1e12);
}

static void read_scaled(wn_json *r, const json_t *object, wn_feature *f)
{
    f->n = 1;
    f->offset = wn_json_number(r, object, "offset", 0.0, -1e12, 1e12);
    f->scale = wn_json_number(r, object, "scale", 1.0, -1e12, 1e12);
    f->power = wn_json_int(r, object, "power", 1, 1, 2);
}

static void read_feature(struct reading *x, const json_t *object, wn_feature *f)
{
    static const char *const scaled[] = {"kind", "control", "offset", "scale", "power", NULL};
    static const char *const onehot[] = {"kind", "control", NULL};
    static const char *const gaussian[] = {"kind", "control", "n", "lo", "hi", "sigma", NULL};
    static const char *const age[] = {"kind", "control", "taus", NULL};
    static const char *const *const keys[] = {scaled, onehot, gaussian, age, age};
    wn_json *r = x->r;
    wn_json_need(r, object, "kind");
    wn_json_need(r, object, "control");
    f->kind = (wn_feature_kind)wn_json_word(r, object, "kind", 0, wn_feature_names, 5);
    f->control = control_of(x, object, "control", NULL);
    if (r->status) return;
    wn_json_keys(r, object, keys[f->kind]);
    const wn_model_control *control = &x->model->controls[f->control];
    switch (f->kind) {
    case WN_FEATURE_SCALED: read_scaled(r, object, f); break;
    case WN_FEATURE_ONEHOT: f->n = control->n_choices; break;
    case WN_FEATURE_GAUSSIAN: read_gaussian(r, object, control, f); break;
    default: read_taus(x, object, f); break;
    }
}

static void read_features(struct reading *x, const json_t *object)
{
    wn_condition *c = &x->model->condition;
    const json_t *list = wn_json_array(x->r, object, "features", 1024);
    int64_t width = 0;
    c->n_features = (int)json_array_size(list);
    c->features = wn_config_alloc(x->r, x->model->arena, (size_t)c->n_features, sizeof *c->features);
    for (int i = 0; !x->r->status && i < c->n_features; i++) {
        size_t mark = wn_json_enter(x->r, "features", i);
        read_feature(x, json_array_get(list, (size_t)i), &c->features[i]);
        wn_json_leave(x->r, mark);
        width += c->features[i].n;
    }
    if (width > WN_MAX_CHANNELS)
        wn_json_fail(x->r, "features", "make more than %d channels", WN_MAX_CHANNELS);
    else
        c->feature_channels = (int)width;
}

/* ---- pipeline --------------------------------------------------------------------------------------------------- */

/* CONV_2D and TRANSPOSED_2D: one kernel for all channels. */
static void read_kernel_2d(struct reading *x, const json_t *object, wn_stage *s)
{
    wn_json *r = x->r;
    char where[192];
    if (s->kind == WN_STAGE_CONV_2D) wn_json_need(r, object, "width");
    s->height = wn_json_int(r, object, "height", 1, 1, WN_MAX_CHANNELS);
    s->width = s->kind == WN_STAGE_CONV_2D ? wn_json_int(r, object, "width", 1, 1, WN_MAX_KERNEL) : s->factor;
    wn_json_where(r, "", where, sizeof where);
    bool bias = wn_json_bool(r, object, "bias", false);
    if (!r->status)
        r->status = wn_weights_new(x->model->arena, &s->kernel, (int64_t)s->height * s->width, where, r->error);
    if (!r->status && bias) r->status = wn_weights_new(x->model->arena, &s->bias, 1, where, r->error);
}

static void read_stage_conv(struct reading *x, const json_t *object, wn_stage *s, int width)
{
    wn_json *r = x->r;
    bool transposed = s->kind == WN_STAGE_TRANSPOSED;
    int out = wn_json_int(r, object, "out", width, 1, WN_MAX_CHANNELS);
    int kernel = wn_json_int(r, object, "kernel", transposed ? s->factor : 1, 1, WN_MAX_KERNEL);
    bool bias = wn_json_bool(r, object, "bias", true);
    if (transposed) s->trim = wn_json_int(r, object, "trim", 0, 0, WN_MAX_KERNEL);
    wn_config_conv_of(r, x->model->arena, "", width, out, kernel, 1, 1, bias, &s->conv);
}

/* Reads a stage that takes `width` channels; returns the width it gives. */
static int read_stage(struct reading *x, const json_t *object, wn_stage *s, int width)
{
    static const char *const conv[] = {"kind", "out", "kernel", "bias", "activation", NULL};
    static const char *const stretch[] = {"kind", "factor", "linear", NULL};
    static const char *const smooth[] = {"kind", "height", "width", "bias", "activation", NULL};
    static const char *const transposed_2d[] = {"kind", "factor", "height", "bias", "activation", NULL};
    static const char *const transposed[] = {"kind", "factor", "out", "kernel", "trim", "bias", "activation", NULL};
    static const char *const cut[] = {"kind", "trim", NULL};
    static const char *const *const keys[] = {conv, stretch, smooth, transposed_2d, transposed, cut};
    wn_json *r = x->r;
    wn_json_need(r, object, "kind");
    s->kind = (wn_stage_kind)wn_json_word(r, object, "kind", 0, wn_stage_names, 6);
    if (r->status) return width;
    wn_json_keys(r, object, keys[s->kind]);
    bool up = s->kind == WN_STAGE_UPSAMPLE || s->kind == WN_STAGE_TRANSPOSED || s->kind == WN_STAGE_TRANSPOSED_2D;
    if (up) {
        wn_json_need(r, object, "factor");
        s->factor = wn_json_int(r, object, "factor", 1, 1, WN_MAX_HOP);
    }
    if (s->kind == WN_STAGE_UPSAMPLE) s->linear = wn_json_bool(r, object, "linear", false);
    if (s->kind == WN_STAGE_CONV_2D || s->kind == WN_STAGE_TRANSPOSED_2D) read_kernel_2d(x, object, s);
    if (s->kind == WN_STAGE_CONV || s->kind == WN_STAGE_TRANSPOSED) read_stage_conv(x, object, s, width);
    if (s->kind == WN_STAGE_CROP) {
        wn_json_need(r, object, "trim");
        s->trim = wn_json_int(r, object, "trim", 0, 0, WN_MAX_HOP);
    }
    width = s->conv.out ? s->conv.out : width;
    wn_config_act(r, x->model->arena, object, "activation", WN_ACT_IDENTITY, width, &s->act);
    return width;
}

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
        width = read_stage(x, json_array_get(list, (size_t)i), &c->stages[i], width);
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
    c->hop = wn_json_int(x->r, object, "hop", rate, 1, WN_MAX_HOP);
    c->to_held = wn_json_bool(x->r, object, "held", rate == 1 && c->hop > 1);
}

/* ---- harmonic source, speakers, all ------------------------------------------------------------------------------ */

static void read_phase_offsets(struct reading *x, const json_t *object, wn_harmonic_source *e)
{
    const json_t *list = wn_json_array(x->r, object, "leads", WN_MAX_CHANNELS / 2);
    if (!list) return;
    if ((int)json_array_size(list) != e->n)
        wn_json_fail(x->r, "leads", "has %zu numbers, expected one for each of %d harmonics", json_array_size(list), e->n);
    e->phase_offsets = wn_config_alloc(x->r, x->model->arena, (size_t)e->n, sizeof *e->phase_offsets);
    for (int i = 0; e->phase_offsets && i < e->n; i++) {
        const json_t *value = json_array_get(list, (size_t)i);
        if (!json_is_number(value)) wn_json_fail(x->r, "leads", "must be numbers of cycles");
        e->phase_offsets[i] = json_number_value(value);
    }
}

static void read_harmonic_source(struct reading *x, const json_t *condition)
{
    static const char *const keys[] = {"harmonics", "leads", "key", "bend", "limit", NULL};
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
    e->key = control_of(x, object, "key", "key");
    e->bend = control_of(x, object, "bend", NULL);
    e->limit = wn_json_number(x->r, object, "limit", 0.45, 1e-6, 0.5);
    wn_json_leave(x->r, mark);
}

static void read_global(struct reading *x, const json_t *object)
{
    wn_condition *c = &x->model->condition;
    char where[192];
    c->global_channels = wn_json_int(x->r, object, "global", 0, 0, WN_MAX_CHANNELS);
    c->n_speakers = wn_json_int(x->r, object, "speakers", 0, 0, WN_MAX_SPEAKERS);
    if (x->r->status || !c->n_speakers) return;
    wn_json_where(x->r, "speakers", where, sizeof where);
    x->r->status =
        wn_weights_new(x->model->arena, &c->embedding, (int64_t)c->n_speakers * c->global_channels, where, x->r->error);
}

static void read_nested(struct reading *x, const json_t *condition, int depth)
{
    const json_t *object = wn_json_object(x->r, condition, "nested");
    if (!object || x->r->status) return;
    char where[192];
    wn_json_where(x->r, "nested", where, sizeof where);
    x->r->status = wn_config_read_nested(&x->model->condition.nested, object, where, depth + 1, x->r->error);
}

static wn_condition_source guess_source(const json_t *object)
{
    if (wn_json_get(object, "features")) return WN_CONDITION_CONTROLS;
    if (wn_json_get(object, "channels")) return WN_CONDITION_FEATURES;
    return wn_json_get(object, "nested") ? WN_CONDITION_INPUT : WN_CONDITION_NONE;
}

static void read_condition(struct reading *x, const json_t *object, int depth)
{
    static const char *const keys[] = {"source",     "channels", "hop",      "held",   "features", "stages",
                                       "excitation", "global",   "speakers", "nested", NULL};
    wn_json *r = x->r;
    wn_condition *c = &x->model->condition;
    wn_json_keys(r, object, keys);
    c->source = (wn_condition_source)wn_json_word(r, object, "source", guess_source(object), wn_source_names, 4);
    c->feature_channels = wn_json_int(r, object, "channels", 0, 1, WN_MAX_CHANNELS);
    bool rows = c->source == WN_CONDITION_FEATURES, made = c->source == WN_CONDITION_CONTROLS;
    if (!rows && c->feature_channels) wn_json_fail(r, "channels", "is only for features given from outside");
    if (!made && wn_json_get(object, "features")) wn_json_fail(r, "features", "are only made from controls");
    if (made) read_features(x, object);
    read_rate(x, object, read_stages(x, object));
    read_harmonic_source(x, object);
    read_global(x, object);
    read_nested(x, object, depth);
}

void wn_config_conditions(wn_json *r, wn_model *model, const json_t *config, int depth)
{
    struct reading x = {r, model};
    read_controls(&x, config);
    const json_t *object = wn_json_object(r, config, "condition");
    size_t mark = wn_json_enter(r, "condition", -1);
    if (object && !r->status) read_condition(&x, object, depth);
    wn_json_leave(r, mark);
    wn_check check = {r->file, "", r->error};
    if (!r->status) r->status = wn_check_condition(&check, model);
}
