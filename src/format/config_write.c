/* SPDX-License-Identifier: MIT
 * config_write.c - the shortest config that reads back as a model.
 * Copyright (c) 2026 the wavenet authors */
#include "format/config_write.h"

#include <math.h>

#include "format/config_analysis.h"
#include "format/config_feature.h"
#include "format/config_model.h"
#include "format/config_out.h"
#include "format/config_parts.h"
#include "format/config_stage.h"
#include "format/config_write_stack.h"
#include "model/companding.h"
#include "model/stage.h"

/* ---- controls and condition --------------------------------------------------------------------------------------- */

static json_t *control(wn_out *o, const wn_model_control *c)
{
    json_t *object = json_object();
    wn_out_put(o, object, "name", json_string(c->name));
    wn_out_put_text(o, object, "unit", c->unit);
    if (c->kind == WN_CONTROL_NUMBER) {
        wn_out_put(o, object, "min", wn_out_number(c->minimum));
        wn_out_put(o, object, "max", wn_out_number(c->maximum));
        wn_out_put(o, object, "default", wn_out_number(c->default_value));
        return object;
    }
    json_t *choices = json_array();
    for (int i = 0; i < c->n_choices; i++) wn_out_append(o, choices, json_string(c->choices[i]));
    wn_out_put(o, object, "choices", choices);
    if (c->default_value != 0.0) wn_out_put(o, object, "default", json_string(c->choices[(int)c->default_value]));
    return object;
}

static void put_pipeline(wn_out *o, json_t *object, const wn_condition *c)
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
    if (c->source == WN_CONDITION_FEATURES) wn_out_put(o, object, "channels", json_integer(c->feature_channels));
    wn_out_put(o, object, "hop", json_integer(c->hop));
    wn_out_put_bool(o, object, "held", c->to_held, rate == 1 && c->hop > 1);
    if (c->has_analysis) wn_out_put(o, object, "analysis", wn_config_write_analysis(o, &c->analysis));
}

static void put_pitch(wn_out *o, json_t *object, const wn_harmonic_source *e)
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

static void put_harmonic_source(wn_out *o, json_t *object, const wn_harmonic_source *e)
{
    if (!e->n) return;
    json_t *harmonic_source = json_object(), *harmonics = json_array();
    for (int i = 0; i < e->n; i++) wn_out_append(o, harmonics, json_integer(e->harmonics[i]));
    wn_out_put(o, harmonic_source, "harmonics", harmonics);
    if (e->phase_offsets) {
        json_t *phase_offsets = json_array();
        for (int i = 0; i < e->n; i++) wn_out_append(o, phase_offsets, wn_out_number(e->phase_offsets[i]));
        wn_out_put(o, harmonic_source, "leads", phase_offsets);
    }
    put_pitch(o, harmonic_source, e);
    if (e->lock) wn_out_put(o, harmonic_source, "lock", json_string(wn_phase_lock_names[e->lock]));
    wn_out_put_number(o, harmonic_source, "limit", e->limit, 0.45);
    wn_out_put(o, object, "excitation", harmonic_source);
}

static json_t *condition(wn_out *o, const wn_condition *c)
{
    json_t *object = json_object();
    if (c->source != WN_CONDITION_NONE) wn_out_put(o, object, "source", json_string(wn_source_names[c->source]));
    if (c->source == WN_CONDITION_FEATURES || c->source == WN_CONDITION_CONTROLS) put_pipeline(o, object, c);
    put_harmonic_source(o, object, &c->harmonic_source);
    wn_out_put_number(o, object, "global", c->global_channels, 0);
    wn_out_put_number(o, object, "speakers", c->n_speakers, 0);
    if (c->nested) wn_out_put(o, object, "nested", wn_config_write(c->nested));
    return object;
}

/* ---- model ---------------------------------------------------------------------------------------------------------- */

static json_t *input(wn_out *o, const wn_encoding *e)
{
    const wn_encoding defaults = {.channels = 1, .gain = 1};
    json_t *object = json_object();
    wn_out_put_number(o, object, "classes", e->n_classes, 0);
    if (e->companding) wn_out_put(o, object, "companding", json_string(wn_companding_name(e->companding)));
    wn_config_write_keys(o, object, wn_config_input_keys, e, &defaults);
    return object;
}

static json_t *output(wn_out *o, const wn_model *m)
{
    json_t *object = json_object();
    wn_model defaults = {.output_channels = m->input.channels, .log_scale_min = -INFINITY};
    wn_out_put(o, object, "kind", json_string(wn_distributions[m->output].name));
    wn_config_write_keys(o, object, wn_config_output_keys(m->output), m, &defaults);
    return object;
}

static json_t *head(wn_out *o, const wn_model *m)
{
    json_t *list = json_array();
    for (int i = 0; i < m->n_head; i++) {
        json_t *object = json_object();
        wn_out_put_act(o, object, &m->head[i].act, WN_ACT_RELU);
        wn_out_put(o, object, "out", json_integer(m->head[i].conv.out));
        wn_out_put_conv(o, object, &m->head[i].conv);
        wn_out_append(o, list, object);
    }
    return list;
}

static json_t *sampling(wn_out *o, const wn_model *m)
{
    const wn_model defaults = {.temperature = 1, .top_p = 1, .temperature_channel = -1};
    json_t *object = json_object();
    wn_config_write_keys(o, object, wn_config_sampling_keys, m, &defaults);
    return object;
}

static void put_lists(wn_out *o, json_t *object, const wn_model *m)
{
    json_t *controls = json_array(), *stacks = json_array();
    for (int i = 0; i < m->n_controls; i++) wn_out_append(o, controls, control(o, &m->controls[i]));
    wn_out_put_list(o, object, "controls", controls);
    wn_out_put_default(o, object, "condition", condition(o, &m->condition), json_object());
    for (int i = 0; i < m->n_stacks; i++) wn_out_append(o, stacks, wn_out_stack(o, &m->stacks[i]));
    wn_out_put(o, object, "stacks", stacks);
    wn_out_put(o, object, "head", head(o, m));
}

json_t *wn_config_write(const wn_model *m)
{
    wn_out o = {false, m};
    json_t *object = json_object();
    wn_out_put(&o, object, "version", json_integer(wn_config_version(m)));
    wn_out_put_text(&o, object, "name", m->name);
    wn_out_put_number(&o, object, "sample_rate", m->sample_rate, 0.0);
    wn_out_put_bool(&o, object, "autoregressive", m->autoregressive, m->output != WN_OUTPUT_PCM);
    wn_out_put_default(&o, object, "input", input(&o, &m->input), json_object());
    wn_out_put(&o, object, "output", output(&o, m));
    put_lists(&o, object, m);
    wn_out_put_number(&o, object, "head_scale", m->head_scale, 1.0);
    wn_out_put_default(&o, object, "sampling", sampling(&o, m), json_object());
    wn_config_write_keys(&o, object, wn_config_level_keys, m,
                         &(wn_model){.loudness = NAN, .input_level_dbu = NAN, .output_level_dbu = NAN});
    wn_out_put_text(&o, object, "note", m->note);
    if (m->metadata) wn_out_put(&o, object, "metadata", json_loads(m->metadata, 0, NULL));
    if (!o.failed) return object;
    json_decref(object);
    return NULL;
}
