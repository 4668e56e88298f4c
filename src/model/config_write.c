/* SPDX-License-Identifier: MIT
 * config_write.c - the shortest config that reads back as a model: values equal to their default are left out.
 * Copyright (c) 2026 the wavenet authors */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "model/config.h"

/* A config being written. Once memory has failed the result is thrown away, so that nothing else need check. */
struct out {
    bool failed;
    const wn_model *model;
};

/* ---- values; every function takes over the references it is given ------------------------------------------------- */

static void put(struct out *o, json_t *object, const char *key, json_t *value)
{
    if (json_object_set_new(object, key, value)) o->failed = true;
}

static void put_default(struct out *o, json_t *object, const char *key, json_t *value, json_t *fallback)
{
    if (!value || !fallback) o->failed = true;
    if (json_equal(value, fallback))
        json_decref(value);
    else
        put(o, object, key, value);
    json_decref(fallback);
}

static void append(struct out *o, json_t *list, json_t *value)
{
    if (json_array_append_new(list, value)) o->failed = true;
}

/* Whole numbers without a decimal point. */
static json_t *number(double x) { return x == floor(x) && fabs(x) < 1e15 ? json_integer((json_int_t)x) : json_real(x); }

static void put_number(struct out *o, json_t *object, const char *key, double x, double fallback)
{
    if (x != fallback) put(o, object, key, number(x));
}

static void put_bool(struct out *o, json_t *object, const char *key, bool x, bool fallback)
{
    if (x != fallback) put(o, object, key, json_boolean(x));
}

static void put_text(struct out *o, json_t *object, const char *key, const char *text)
{
    if (text && *text) put(o, object, key, json_string(text));
}

/* A list that is dropped if it is empty. */
static void put_list(struct out *o, json_t *object, const char *key, json_t *list)
{
    if (json_array_size(list))
        put(o, object, key, list);
    else
        json_decref(list);
}

static json_t *act(struct out *o, const wn_act *a)
{
    bool plain = a->kind != WN_ACT_LEAKY_RELU && a->kind != WN_ACT_PRELU && a->kind != WN_ACT_LEAKY_HARD_TANH;
    if (plain) return json_string(wn_act_names[a->kind]);
    json_t *object = json_object();
    put(o, object, "kind", json_string(wn_act_names[a->kind]));
    if (a->kind == WN_ACT_LEAKY_RELU) put(o, object, "slope", number(a->p[0]));
    if (a->kind == WN_ACT_PRELU) put(o, object, "slopes", json_integer(a->n_slopes));
    if (a->kind != WN_ACT_LEAKY_HARD_TANH) return object;
    static const char *const keys[] = {"min", "max", "below", "above"};
    for (int i = 0; i < 4; i++) put(o, object, keys[i], number(a->p[i]));
    return object;
}

static void put_act(struct out *o, json_t *object, const wn_act *a, wn_act_kind fallback)
{
    put_default(o, object, "activation", act(o, a), json_string(wn_act_names[fallback]));
}

static void put_conv(struct out *o, json_t *object, const wn_conv *c)
{
    put_number(o, object, "kernel", c->kernel, 1);
    put_number(o, object, "dilation", c->dilation, 1);
    put_number(o, object, "groups", c->groups, 1);
    put_bool(o, object, "bias", c->has_bias, true);
}

/* ---- controls and condition --------------------------------------------------------------------------------------- */

static json_t *control(struct out *o, const wn_model_control *c)
{
    json_t *object = json_object();
    put(o, object, "name", json_string(c->name));
    put_text(o, object, "unit", c->unit);
    if (c->kind == WN_CONTROL_NUMBER) {
        put(o, object, "min", number(c->minimum));
        put(o, object, "max", number(c->maximum));
        put(o, object, "default", number(c->fallback));
        return object;
    }
    json_t *choices = json_array();
    for (int i = 0; i < c->n_choices; i++) append(o, choices, json_string(c->choices[i]));
    put(o, object, "choices", choices);
    if (c->fallback != 0.0) put(o, object, "default", json_string(c->choices[(int)c->fallback]));
    return object;
}

static json_t *feature(struct out *o, const wn_feature *f)
{
    const wn_model_control *control = &o->model->controls[f->control];
    json_t *object = json_object();
    put(o, object, "kind", json_string(wn_feature_names[f->kind]));
    put(o, object, "control", json_string(control->name));
    if (f->kind == WN_FEATURE_SCALED) {
        put_number(o, object, "offset", f->offset, 0.0);
        put_number(o, object, "scale", f->scale, 1.0);
        put_number(o, object, "power", f->power, 1);
    } else if (f->kind == WN_FEATURE_BUMPS) {
        put(o, object, "n", json_integer(f->n));
        put_number(o, object, "lo", f->lo, control->minimum);
        put_number(o, object, "hi", f->hi, control->maximum);
        put(o, object, "sigma", number(f->sigma));
    } else if (f->kind != WN_FEATURE_ONEHOT) {
        json_t *taus = json_array();
        for (int i = 0; i < f->n; i++) append(o, taus, number(f->taus[i]));
        put(o, object, "taus", taus);
    }
    return object;
}

static json_t *stage(struct out *o, const wn_stage *s, int width)
{
    json_t *object = json_object();
    put(o, object, "kind", json_string(wn_stage_names[s->kind]));
    if (s->kind == WN_STAGE_STRETCH || s->kind == WN_STAGE_TRANSPOSED || s->kind == WN_STAGE_TRANSPOSED_2D)
        put(o, object, "factor", json_integer(s->factor));
    if (s->kind == WN_STAGE_STRETCH) put_bool(o, object, "linear", s->linear, false);
    if (s->kind == WN_STAGE_CONV || s->kind == WN_STAGE_TRANSPOSED) {
        put_number(o, object, "out", s->conv.out, width);
        put_number(o, object, "kernel", s->conv.kernel, s->kind == WN_STAGE_CONV ? 1 : s->factor);
        put_bool(o, object, "bias", s->conv.has_bias, true);
    }
    if (s->kind == WN_STAGE_SMOOTH || s->kind == WN_STAGE_TRANSPOSED_2D) {
        put_number(o, object, "height", s->height, 1);
        if (s->kind == WN_STAGE_SMOOTH) put(o, object, "width", json_integer(s->width));
        put_bool(o, object, "bias", s->bias != NULL, false);
    }
    if (s->kind == WN_STAGE_TRANSPOSED) put_number(o, object, "trim", s->trim, 0);
    if (s->kind == WN_STAGE_CUT) put(o, object, "trim", json_integer(s->trim));
    if (s->kind != WN_STAGE_CUT && s->kind != WN_STAGE_STRETCH) put_act(o, object, &s->act, WN_ACT_IDENTITY);
    return object;
}

static void put_pipeline(struct out *o, json_t *object, const wn_condition *c)
{
    json_t *features = json_array(), *stages = json_array();
    int width = c->feature_channels, rate = 1;
    for (int i = 0; i < c->n_features; i++) append(o, features, feature(o, &c->features[i]));
    put_list(o, object, "features", features);
    for (int i = 0; i < c->n_stages; i++) {
        append(o, stages, stage(o, &c->stages[i], width));
        rate *= wn_stage_rate(&c->stages[i]);
        if (c->stages[i].conv.out) width = c->stages[i].conv.out;
    }
    put_list(o, object, "stages", stages);
    if (c->source == WN_CONDITION_FEATURES) put(o, object, "channels", json_integer(c->feature_channels));
    put(o, object, "hop", json_integer(c->hop));
    put_bool(o, object, "held", c->to_held, rate == 1 && c->hop > 1);
}

static void put_excitation(struct out *o, json_t *object, const wn_excitation *e)
{
    if (!e->n) return;
    json_t *excitation = json_object(), *harmonics = json_array();
    for (int i = 0; i < e->n; i++) append(o, harmonics, json_integer(e->harmonics[i]));
    put(o, excitation, "harmonics", harmonics);
    put(o, excitation, "key", json_string(o->model->controls[e->key].name));
    if (e->bend >= 0) put(o, excitation, "bend", json_string(o->model->controls[e->bend].name));
    put_number(o, excitation, "limit", e->limit, 0.45);
    put(o, object, "excitation", excitation);
}

static json_t *condition(struct out *o, const wn_condition *c)
{
    json_t *object = json_object();
    if (c->source != WN_CONDITION_NONE) put(o, object, "source", json_string(wn_source_names[c->source]));
    if (c->source == WN_CONDITION_FEATURES || c->source == WN_CONDITION_CONTROLS) put_pipeline(o, object, c);
    put_excitation(o, object, &c->excitation);
    put_number(o, object, "global", c->global_channels, 0);
    put_number(o, object, "speakers", c->n_speakers, 0);
    if (c->nested) put(o, object, "nested", wn_config_write(c->nested));
    return object;
}

/* ---- stacks --------------------------------------------------------------------------------------------------------- */

/* One value a layer: a list, or the value itself where all layers agree, or nothing where that is the default. */
static void put_layers(struct out *o, json_t *stack, const char *key, json_t *list, json_t *fallback)
{
    bool same = true;
    for (size_t i = 1; i < json_array_size(list); i++)
        if (!json_equal(json_array_get(list, i), json_array_get(list, 0))) same = false;
    json_t *value = same ? json_incref(json_array_get(list, 0)) : json_incref(list);
    if (json_array_size(list))
        put_default(o, stack, key, value, fallback);
    else
        json_decref(fallback);
    json_decref(list);
}

static json_t *film(struct out *o, const wn_film *f)
{
    if (!f->active) return json_false();
    json_t *object = json_object();
    put_bool(o, object, "shift", f->shift, true);
    put_number(o, object, "groups", f->conv.groups, 1);
    put_bool(o, object, "bias", f->conv.has_bias, true);
    if (json_object_size(object)) return object;
    json_decref(object);
    return json_true();
}

/* The keys of a layer, in the order of the document; `layer_value` gives a layer's value, `layer_default` what is left
 * out. */
enum {
    KERNEL,
    GROUPS,
    BIAS,
    BOTTLENECK,
    GATING,
    ACTIVATION,
    GATE,
    MIXIN,
    MIXIN_GROUPS,
    HELD,
    SKIP,
    SKIP_BIAS,
    SKIP_GROUPS,
    SKIP_SCALE,
    RESIDUAL,
    RESIDUAL_BIAS,
    RESIDUAL_GROUPS,
    RESIDUAL_SCALE,
    PLAIN,
    N_KEYS
};

static const char *const keys[N_KEYS] = {
    "kernel",          "groups",         "bias", "bottleneck", "gating",      "activation", "gate",     "mixin",
    "mixin_groups",    "held",           "skip", "skip_bias",  "skip_groups", "skip_scale", "residual", "residual_bias",
    "residual_groups", "residual_scale", "plain"};

static json_t *conv_groups(const wn_conv *c) { return json_integer(c->out ? c->groups : 1); }

static json_t *layer_value(struct out *o, int key, const wn_layer *l)
{
    static const wn_act sigmoid = {.kind = WN_ACT_SIGMOID};
    switch (key) {
    case KERNEL: return json_integer(l->conv.kernel);
    case GROUPS: return json_integer(l->conv.groups);
    case BIAS: return json_boolean(l->conv.has_bias);
    case BOTTLENECK: return json_integer(l->bottleneck);
    case GATING: return json_string(wn_gating_names[l->gating]);
    case ACTIVATION: return act(o, &l->act);
    case GATE: return act(o, l->gating == WN_GATING_NONE ? &sigmoid : &l->gate);
    case MIXIN: return json_boolean(l->mixin.out);
    case MIXIN_GROUPS: return conv_groups(&l->mixin);
    case HELD: return json_boolean(l->held.out);
    case SKIP: return json_boolean(l->skip.out);
    case SKIP_BIAS: return json_boolean(!l->skip.out || l->skip.has_bias);
    case SKIP_GROUPS: return conv_groups(&l->skip);
    case SKIP_SCALE: return number(l->skip_scale);
    case RESIDUAL: return json_boolean(l->residual.out);
    case RESIDUAL_BIAS: return json_boolean(!l->residual.out || l->residual.has_bias);
    case RESIDUAL_GROUPS: return conv_groups(&l->residual);
    case RESIDUAL_SCALE: return number(l->residual_scale);
    default: return json_boolean(l->plain);
    }
}

static json_t *layer_default(struct out *o, int key, const wn_stack *s)
{
    const wn_condition *c = &o->model->condition;
    int plain = 0;
    for (int i = 0; i < s->n_layers; i++) plain += s->layers[i].plain;
    if ((key == SKIP || key == RESIDUAL) && plain % (s->n_layers ? s->n_layers : 1))
        return json_null(); /* the default differs from layer to layer: always written */
    switch (key) {
    case KERNEL: return json_integer(2);
    case BOTTLENECK: return json_integer(s->channels);
    case GATING: return json_string(wn_gating_names[WN_GATING_GATED]);
    case ACTIVATION: return json_string(wn_act_names[WN_ACT_TANH]);
    case GATE: return json_string(wn_act_names[WN_ACT_SIGMOID]);
    case MIXIN: return json_boolean(c->local_channels);
    case HELD: return json_boolean(c->held_channels);
    case SKIP: return json_boolean(!plain && !s->plain_output);
    case RESIDUAL: return json_boolean(!plain);
    case BIAS:
    case SKIP_BIAS:
    case RESIDUAL_BIAS: return json_true();
    case PLAIN: return json_false();
    default: return json_integer(1); /* groups, scales */
    }
}

static void put_layer_values(struct out *o, json_t *object, const wn_stack *s)
{
    json_t *dilations = json_array();
    for (int i = 0; i < s->n_layers; i++) append(o, dilations, json_integer(s->layers[i].conv.dilation));
    put(o, object, "dilations", dilations);
    for (int key = 0; key < N_KEYS; key++) {
        json_t *list = json_array();
        for (int i = 0; i < s->n_layers; i++) append(o, list, layer_value(o, key, &s->layers[i]));
        put_layers(o, object, keys[key], list, layer_default(o, key, s));
    }
    for (int place = 0; place < WN_FILM_COUNT; place++) {
        char key[40];
        snprintf(key, sizeof key, "film_%s", wn_film_name(place));
        json_t *list = json_array();
        for (int i = 0; i < s->n_layers; i++) append(o, list, film(o, &s->layers[i].film[place]));
        put_layers(o, object, key, list, json_false());
    }
}

static json_t *stack(struct out *o, const wn_stack *s)
{
    json_t *object = json_object(), *rechannel = json_object();
    put(o, object, "channels", json_integer(s->channels));
    if (!s->plain_output) put_number(o, object, "skip_channels", s->skip_channels, s->channels);
    put_layer_values(o, object, s);
    put_conv(o, rechannel, &s->rechannel);
    put_default(o, object, "rechannel", rechannel, json_object());
    if (s->skip_sum != WN_SKIP_SUM) put(o, object, "skip_sum", json_string(wn_skip_sum_names[s->skip_sum]));
    put_number(o, object, "skip_out_scale", s->skip_out_scale, 1.0);
    put_bool(o, object, "plain_output", s->plain_output, false);
    if (s->head.out) {
        json_t *head = json_object();
        put(o, head, "out", json_integer(s->head.out));
        put_conv(o, head, &s->head);
        put(o, object, "head", head);
    }
    return object;
}

/* ---- model ---------------------------------------------------------------------------------------------------------- */

static json_t *input(struct out *o, const wn_encoding *e)
{
    json_t *object = json_object();
    put_number(o, object, "classes", e->n_classes, 0);
    if (e->companding) put(o, object, "companding", json_string(wn_companding_name(e->companding)));
    put_number(o, object, "channels", e->channels, 1);
    put_number(o, object, "mu", e->mu, 0.0);
    put_number(o, object, "first", e->first, 0.0);
    return object;
}

static json_t *output(struct out *o, const wn_model *m)
{
    json_t *object = json_object();
    bool mixtures = m->output == WN_OUTPUT_LOGISTICS || m->output == WN_OUTPUT_GAUSSIANS;
    put(o, object, "kind", json_string(wn_output_names[m->output]));
    if (m->output == WN_OUTPUT_PCM) put_number(o, object, "channels", m->output_channels, m->input.channels);
    if (mixtures) put(o, object, "mixtures", json_integer(m->n_mixtures));
    if ((mixtures || m->output == WN_OUTPUT_GAUSSIAN) && isfinite(m->log_scale_min))
        put(o, object, "log_scale_min", number(m->log_scale_min));
    return object;
}

static json_t *head(struct out *o, const wn_model *m)
{
    json_t *list = json_array();
    for (int i = 0; i < m->n_head; i++) {
        json_t *object = json_object();
        put_act(o, object, &m->head[i].act, WN_ACT_RELU);
        put(o, object, "out", json_integer(m->head[i].conv.out));
        put_conv(o, object, &m->head[i].conv);
        append(o, list, object);
    }
    return list;
}

static json_t *sampling(struct out *o, const wn_model *m)
{
    json_t *object = json_object();
    put_number(o, object, "temperature", m->temperature, 1.0);
    put_number(o, object, "top_k", m->top_k, 0);
    put_number(o, object, "top_p", m->top_p, 1.0);
    return object;
}

static void put_lists(struct out *o, json_t *object, const wn_model *m)
{
    json_t *controls = json_array(), *stacks = json_array();
    for (int i = 0; i < m->n_controls; i++) append(o, controls, control(o, &m->controls[i]));
    put_list(o, object, "controls", controls);
    put_default(o, object, "condition", condition(o, &m->condition), json_object());
    for (int i = 0; i < m->n_stacks; i++) append(o, stacks, stack(o, &m->stacks[i]));
    put(o, object, "stacks", stacks);
    put(o, object, "head", head(o, m));
}

json_t *wn_config_write(const wn_model *m)
{
    struct out o = {false, m};
    json_t *object = json_object();
    put(&o, object, "version", json_integer(WN_CONFIG_VERSION));
    put_text(&o, object, "name", m->name);
    put_number(&o, object, "sample_rate", m->sample_rate, 0.0);
    put_bool(&o, object, "autoregressive", m->autoregressive, m->output != WN_OUTPUT_PCM);
    put_default(&o, object, "input", input(&o, &m->input), json_object());
    put(&o, object, "output", output(&o, m));
    put_lists(&o, object, m);
    put_number(&o, object, "head_scale", m->head_scale, 1.0);
    put_default(&o, object, "sampling", sampling(&o, m), json_object());
    if (m->metadata) put(&o, object, "metadata", json_loads(m->metadata, 0, NULL));
    if (!o.failed) return object;
    json_decref(object);
    return NULL;
}
