/* SPDX-License-Identifier: MIT
 * config_write_stack.c - a stack into a config: one value for all layers where they agree.
 * Copyright (c) 2026 the wavenet authors */
#include "format/config_write_stack.h"

#include <stdio.h>

#include "format/config_conv.h"
#include "format/config_layer.h"
#include "format/config_out.h"
#include "format/config_parts.h"
#include "format/config_stack.h"
#include "model/tensors.h"

/* One value per layer: a list, or the value itself where all layers agree, or nothing where that is the default. */
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

static json_t *film_value(wn_out *o, const wn_film *f)
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

static json_t *gating_value(wn_out *o, const wn_layer *l) { return json_string(wn_gating_names[l->gating]); }

static json_t *activation_value(wn_out *o, const wn_layer *l) { return wn_out_act(o, &l->act); }

static json_t *gate_value(wn_out *o, const wn_layer *l)
{
    static const wn_act sigmoid = {.kind = WN_ACT_SIGMOID};
    return wn_out_act(o, l->gating == WN_GATING_NONE ? &sigmoid : &l->gate);
}

/* One value per layer, from a function of the layer. */
static void put_layers_of(wn_out *o, json_t *object, const wn_stack *s, const char *key,
                          json_t *(*value)(wn_out *, const wn_layer *), const char *fallback)
{
    json_t *list = json_array();
    for (int i = 0; i < s->n_layers; i++) wn_out_append(o, list, value(o, &s->layers[i]));
    put_layers(o, object, key, list, json_string(fallback));
}

/* One value per layer, of every key of a table. */
static void put_layer_keys(wn_out *o, json_t *object, const wn_stack *s, const wn_key *keys)
{
    int n_plain = 0;
    for (int i = 0; i < s->n_layers; i++) n_plain += s->layers[i].plain;
    bool mixed = n_plain && n_plain < s->n_layers;
    wn_layer_settings defaults = wn_layer_defaults(&o->model->condition, s, n_plain > 0);
    for (const wn_key *key = keys; key->name; key++) {
        bool follows_plain =
            key->offset == offsetof(wn_layer_settings, skip) || key->offset == offsetof(wn_layer_settings, residual);
        json_t *list = json_array();
        for (int i = 0; i < s->n_layers; i++) {
            wn_layer_settings x = wn_layer_settings_of(&s->layers[i]);
            wn_out_append(o, list, wn_config_key_value(o, key, &x));
        }
        /* Where the default differs from layer to layer the key is always written. */
        put_layers(o, object, key->name, list,
                   mixed && follows_plain ? json_null() : wn_config_key_value(o, key, &defaults));
    }
}

static void put_layer_values(wn_out *o, json_t *object, const wn_stack *s)
{
    json_t *dilations = json_array();
    for (int i = 0; i < s->n_layers; i++) wn_out_append(o, dilations, json_integer(s->layers[i].conv.dilation));
    wn_out_put(o, object, "dilations", dilations);
    put_layer_keys(o, object, s, wn_config_layer_conv_keys);
    put_layers_of(o, object, s, "gating", gating_value, wn_gating_names[WN_GATING_GATED]);
    put_layers_of(o, object, s, "activation", activation_value, wn_act_names[WN_ACT_TANH]);
    put_layers_of(o, object, s, "gate", gate_value, wn_act_names[WN_ACT_SIGMOID]);
    put_layer_keys(o, object, s, wn_config_layer_path_keys);
    for (int place = 0; place < WN_FILM_COUNT; place++) {
        char key[40];
        snprintf(key, sizeof key, "film_%s", wn_film_name(place));
        json_t *list = json_array();
        for (int i = 0; i < s->n_layers; i++) wn_out_append(o, list, film_value(o, &s->layers[i].film[place]));
        put_layers(o, object, key, list, json_false());
    }
}

json_t *wn_out_stack(wn_out *o, const wn_stack *s)
{
    const wn_stack defaults = wn_config_stack_defaults(s->channels);
    json_t *object = json_object(), *rechannel = json_object();
    wn_config_write_keys(o, object, wn_config_stack_width_keys, s, &defaults);
    if (!s->plain_output) wn_config_write_keys(o, object, wn_config_stack_skip_keys, s, &defaults);
    put_layer_values(o, object, s);
    wn_config_write_conv(o, rechannel, &s->rechannel);
    wn_out_put_default(o, object, "rechannel", rechannel, json_object());
    if (s->skip_sum != WN_SKIP_SUM) wn_out_put(o, object, "skip_sum", json_string(wn_skip_sum_names[s->skip_sum]));
    wn_config_write_keys(o, object, wn_config_stack_output_keys, s, &defaults);
    if (s->head.out) {
        json_t *head = json_object();
        wn_out_put(o, head, "out", json_integer(s->head.out));
        wn_config_write_conv(o, head, &s->head);
        wn_out_put(o, object, "head", head);
    }
    return object;
}
