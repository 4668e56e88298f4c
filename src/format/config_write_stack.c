/* SPDX-License-Identifier: MIT
 * config_write_stack.c - a stack into a config: one value for all layers where they agree.
 * Copyright (c) 2026 the wavenet authors */
#include <stdio.h>

#include "format/config_out.h"

/* One value a layer: a list, or the value itself where all layers agree, or nothing where that is the default. */
static void put_layers(wn_out *o, json_t *stack, const char *key, json_t *list, json_t *fallback)
{
    bool same = true;
    for (size_t i = 1; i < json_array_size(list); i++)
        if (!json_equal(json_array_get(list, i), json_array_get(list, 0))) same = false;
    json_t *value = same ? json_incref(json_array_get(list, 0)) : json_incref(list);
    if (json_array_size(list))
        wn_out_put_default(o, stack, key, value, fallback);
    else
        json_decref(fallback);
    json_decref(list);
}

static json_t *film(wn_out *o, const wn_film *f)
{
    if (!f->active) return json_false();
    json_t *object = json_object();
    wn_out_put_bool(o, object, "shift", f->shift, true);
    wn_out_put_number(o, object, "groups", f->conv.groups, 1);
    wn_out_put_bool(o, object, "bias", f->conv.has_bias, true);
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

static json_t *layer_value(wn_out *o, int key, const wn_layer *l)
{
    static const wn_act sigmoid = {.kind = WN_ACT_SIGMOID};
    switch (key) {
    case KERNEL: return json_integer(l->conv.kernel);
    case GROUPS: return json_integer(l->conv.groups);
    case BIAS: return json_boolean(l->conv.has_bias);
    case BOTTLENECK: return json_integer(l->bottleneck);
    case GATING: return json_string(wn_gating_names[l->gating]);
    case ACTIVATION: return wn_out_act(o, &l->act);
    case GATE: return wn_out_act(o, l->gating == WN_GATING_NONE ? &sigmoid : &l->gate);
    case MIXIN: return json_boolean(l->mixin.out);
    case MIXIN_GROUPS: return conv_groups(&l->mixin);
    case HELD: return json_boolean(l->held.out);
    case SKIP: return json_boolean(l->skip.out);
    case SKIP_BIAS: return json_boolean(!l->skip.out || l->skip.has_bias);
    case SKIP_GROUPS: return conv_groups(&l->skip);
    case SKIP_SCALE: return wn_out_number(l->skip_scale);
    case RESIDUAL: return json_boolean(l->residual.out);
    case RESIDUAL_BIAS: return json_boolean(!l->residual.out || l->residual.has_bias);
    case RESIDUAL_GROUPS: return conv_groups(&l->residual);
    case RESIDUAL_SCALE: return wn_out_number(l->residual_scale);
    default: return json_boolean(l->plain);
    }
}

static json_t *layer_default(wn_out *o, int key, const wn_stack *s)
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

static void put_layer_values(wn_out *o, json_t *object, const wn_stack *s)
{
    json_t *dilations = json_array();
    for (int i = 0; i < s->n_layers; i++) wn_out_append(o, dilations, json_integer(s->layers[i].conv.dilation));
    wn_out_put(o, object, "dilations", dilations);
    for (int key = 0; key < N_KEYS; key++) {
        json_t *list = json_array();
        for (int i = 0; i < s->n_layers; i++) wn_out_append(o, list, layer_value(o, key, &s->layers[i]));
        put_layers(o, object, keys[key], list, layer_default(o, key, s));
    }
    for (int place = 0; place < WN_FILM_COUNT; place++) {
        char key[40];
        snprintf(key, sizeof key, "film_%s", wn_film_name(place));
        json_t *list = json_array();
        for (int i = 0; i < s->n_layers; i++) wn_out_append(o, list, film(o, &s->layers[i].film[place]));
        put_layers(o, object, key, list, json_false());
    }
}

json_t *wn_out_stack(wn_out *o, const wn_stack *s)
{
    json_t *object = json_object(), *rechannel = json_object();
    wn_out_put(o, object, "channels", json_integer(s->channels));
    if (!s->plain_output) wn_out_put_number(o, object, "skip_channels", s->skip_channels, s->channels);
    put_layer_values(o, object, s);
    wn_out_put_conv(o, rechannel, &s->rechannel);
    wn_out_put_default(o, object, "rechannel", rechannel, json_object());
    if (s->skip_sum != WN_SKIP_SUM) wn_out_put(o, object, "skip_sum", json_string(wn_skip_sum_names[s->skip_sum]));
    wn_out_put_number(o, object, "skip_out_scale", s->skip_out_scale, 1.0);
    wn_out_put_bool(o, object, "plain_output", s->plain_output, false);
    if (s->head.out) {
        json_t *head = json_object();
        wn_out_put(o, head, "out", json_integer(s->head.out));
        wn_out_put_conv(o, head, &s->head);
        wn_out_put(o, object, "head", head);
    }
    return object;
}
