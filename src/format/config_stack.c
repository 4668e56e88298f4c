/* SPDX-License-Identifier: MIT
 * config_stack.c - stacks and head of a config.
 * Copyright (c) 2026 the wavenet authors */
#include "format/config_stack.h"

#include <stdio.h>
#include <string.h>

#include "format/config_conv.h"
#include "format/config_layer.h"
#include "format/config_parts.h"
#include "model/check.h"
#include "model/check_model.h"
#include "model/description.h"
#include "model/tensors.h"

enum { MAX_LAYER_KEYS = 40 };

/* Keys of a stack whose value may be one for all layers, or a list with one per layer. NULL ends the list. */
static void list_layer_keys(const char *keys[MAX_LAYER_KEYS])
{
    static const char *const others[] = {"dilations",     "gating",         "activation",         "gate",
                                         "film_conv_pre", "film_conv_post", "film_mixin_pre",     "film_mixin_post",
                                         "film_act_pre",  "film_act_post",  "film_residual_post", "film_skip_post"};
    int n = 0;
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) keys[n++] = others[i];
    for (const wn_key *key = wn_config_layer_conv_keys; key->name; key++) keys[n++] = key->name;
    for (const wn_key *key = wn_config_layer_path_keys; key->name; key++) keys[n++] = key->name;
    keys[n] = NULL;
}

#define STACK(name) offsetof(wn_stack, name), 0

const wn_key wn_config_stack_width_keys[] = {
    {"channels", WN_KEY_INT, STACK(channels), 1, WN_MAX_CHANNELS, true},
    {0},
};

const wn_key wn_config_stack_skip_keys[] = {
    {"skip_channels", WN_KEY_INT, STACK(skip_channels), 1, WN_MAX_CHANNELS, false},
    {0},
};

const wn_key wn_config_stack_output_keys[] = {
    {"skip_out_scale", WN_KEY_FLOAT, STACK(skip_out_scale), -1e6, 1e6, false},
    {"plain_output", WN_KEY_BOOL, STACK(plain_output), 0, 0, false},
    {0},
};

wn_stack wn_config_stack_defaults(int channels)
{
    return (wn_stack){.channels = channels, .skip_channels = channels, .skip_out_scale = 1};
}

static const char *const stack_keys[] = {"channels",       "skip_channels", "repeat", "rechannel", "skip_sum",
                                         "skip_out_scale", "plain_output",  "head",   NULL};

static bool listed(const char *const *list, const char *key)
{
    while (*list && strcmp(*list, key)) list++;
    return *list != NULL;
}

static void check_stack_keys(wn_json *r, const json_t *stack)
{
    const char *key, *layer_keys[MAX_LAYER_KEYS];
    json_t *value;
    list_layer_keys(layer_keys);
    json_object_foreach ((json_t *)stack, key, value)
        if (!listed(layer_keys, key) && !listed(stack_keys, key))
            wn_json_fail(r, "", "has the unknown key \"%.64s\"", key);
}

/* Lists must have one entry per layer, or one per layer of the cycle that "repeat" repeats. */
static void check_lists(wn_json *r, const json_t *stack, int layers, int cycle)
{
    const char *layer_keys[MAX_LAYER_KEYS];
    list_layer_keys(layer_keys);
    for (const char *const *key = layer_keys; *key; key++) {
        const json_t *value = wn_json_get(stack, *key);
        size_t n = json_array_size(value);
        if (json_is_array(value) && n != (size_t)layers && n != (size_t)cycle)
            wn_json_fail(r, *key, "lists %zu values, expected one for each of %d layers", n, layers);
    }
}

/* The values of layer i as an object of its own: lists replaced by their entry. A new reference. */
static json_t *layer_view(wn_json *r, const json_t *stack, int i)
{
    const char *layer_keys[MAX_LAYER_KEYS];
    json_t *view = json_object();
    bool failed = !view;
    list_layer_keys(layer_keys);
    for (const char *const *key = layer_keys; *key; key++) {
        json_t *value = json_object_get(stack, *key);
        size_t n = json_array_size(value);
        if (json_is_array(value)) value = json_array_get(value, n ? (size_t)i % n : 0);
        if (value && json_object_set(view, *key, value)) failed = true;
    }
    if (!failed) return view;
    json_decref(view);
    if (!r->status) r->status = wn_fail_memory(r->error, r->file);
    return NULL;
}

/* ---- layer ------------------------------------------------------------------------------------------------------ */

static void read_film(wn_json *r, wn_model *m, const json_t *view, wn_layer *l, int place)
{
    static const char *const keys[] = {"shift", "groups", "bias", NULL};
    char key[40];
    snprintf(key, sizeof key, "film_%s", wn_film_name(place));
    const json_t *value = wn_json_get(view, key), *object = json_is_object(value) ? value : NULL;
    wn_film *film = &l->film[place];
    film->active = object || wn_json_bool(r, view, key, false);
    if (!film->active || r->status) return;
    if (object) wn_json_keys(r, object, keys);
    film->shift = wn_json_bool(r, object, "shift", true);
    int local = m->condition.local_channels, width = wn_film_width(l, place, local);
    if (!local || !width)
        wn_json_fail(r, key, "has nothing to %s", local ? "modulate in this layer" : "compute it from");
    int groups = wn_json_int(r, object, "groups", 1, 1, WN_MAX_CHANNELS);
    bool bias = wn_json_bool(r, object, "bias", true);
    wn_config_make_conv(r, m->arena, key, local, film->shift ? 2 * width : width, 1, 1, groups, bias, &film->conv);
}

/* The 1x1 that `key` switches on. */
static void make_1x1(wn_json *r, wn_model *m, const char *key, bool on, int in, int out, int groups, bool bias,
                     wn_conv *conv)
{
    if (!on) return;
    if (!in) wn_json_fail(r, key, "needs a condition that the model does not have");
    wn_config_make_conv(r, m->arena, key, in, out, 1, 1, groups, bias, conv);
}

static void read_layer(wn_json *r, wn_model *m, const json_t *view, const wn_stack *s, wn_layer *l)
{
    const wn_condition *c = &m->condition;
    wn_layer_settings x = wn_layer_defaults(c, s, wn_json_bool(r, view, "plain", false));
    wn_config_read_keys(r, m->arena, view, wn_config_layer_conv_keys, &x);
    wn_config_read_keys(r, m->arena, view, wn_config_layer_path_keys, &x);
    l->gating = (wn_gating)wn_json_word(r, view, "gating", WN_GATING_GATED, wn_gating_names, 3);
    int dilation = wn_json_int(r, view, "dilations", 1, 1, WN_MAX_DILATION), b = x.bottleneck;
    int rows = l->gating == WN_GATING_NONE ? b : 2 * b;
    l->plain = x.plain;
    l->bottleneck = b;
    l->residual_scale = x.residual_scale;
    l->skip_scale = x.skip_scale;
    wn_config_make_conv(r, m->arena, "kernel", s->channels, rows, x.kernel, dilation, x.groups, x.bias, &l->conv);
    make_1x1(r, m, "mixin", x.mixin, c->local_channels, rows, x.mixin_groups, false, &l->mixin);
    make_1x1(r, m, "held", x.held, c->held_channels, rows, 1, false, &l->held);
    make_1x1(r, m, "skip", x.skip, b, s->skip_channels, x.skip_groups, x.skip_bias, &l->skip);
    make_1x1(r, m, "residual", x.residual, b, s->channels, x.residual_groups, x.residual_bias, &l->residual);
    wn_config_act(r, m->arena, view, "activation", WN_ACT_TANH, b, &l->act);
    if (l->gating != WN_GATING_NONE) wn_config_act(r, m->arena, view, "gate", WN_ACT_SIGMOID, b, &l->gate);
    for (int i = 0; i < WN_FILM_COUNT; i++) read_film(r, m, view, l, i);
}

static void read_layers(wn_json *r, wn_model *m, const json_t *stack, wn_stack *s)
{
    wn_json_need(r, stack, "dilations");
    int cycle = (int)json_array_size(wn_json_array(r, stack, "dilations", WN_MAX_LAYERS));
    int repeat = wn_json_int(r, stack, "repeat", 1, 1, WN_MAX_LAYERS);
    if ((int64_t)cycle * repeat > WN_MAX_LAYERS) wn_json_fail(r, "repeat", "makes more than %d layers", WN_MAX_LAYERS);
    if (r->status) return;
    s->n_layers = cycle * repeat;
    check_lists(r, stack, s->n_layers, cycle);
    s->layers = wn_layers_new(m->arena, s->n_layers);
    if (!s->layers) r->status = wn_fail_memory(r->error, r->file);
    for (int i = 0; !r->status && i < s->n_layers; i++) {
        size_t mark = wn_json_enter(r, "layers", i);
        json_t *view = layer_view(r, stack, i);
        if (view) read_layer(r, m, view, s, &s->layers[i]);
        json_decref(view);
        wn_json_leave(r, mark);
    }
}

/* ---- stack, head ------------------------------------------------------------------------------------------------ */

static void read_rechannel(wn_json *r, wn_model *m, const json_t *stack, wn_stack *s, int in)
{
    static const char *const keys[] = {"kernel", "dilation", "groups", "bias", NULL};
    const json_t *object = wn_json_object(r, stack, "rechannel");
    size_t mark = wn_json_enter(r, "rechannel", -1);
    if (object) wn_json_keys(r, object, keys);
    wn_config_read_conv(r, m->arena, object, "", in, s->channels, &s->rechannel);
    wn_json_leave(r, mark);
}

static void read_stack_head(wn_json *r, wn_model *m, const json_t *stack, wn_stack *s)
{
    static const char *const keys[] = {"out", "kernel", "dilation", "groups", "bias", NULL};
    const json_t *object = wn_json_object(r, stack, "head");
    if (!object) return;
    size_t mark = wn_json_enter(r, "head", -1);
    wn_json_keys(r, object, keys);
    wn_json_need(r, object, "out");
    int out = wn_json_int(r, object, "out", 1, 1, WN_MAX_CLASSES);
    wn_config_read_conv(r, m->arena, object, "", s->skip_channels, out, &s->head);
    wn_json_leave(r, mark);
}

static void read_stack(wn_json *r, wn_model *m, const json_t *stack, wn_stack *s, int in)
{
    check_stack_keys(r, stack);
    s->channels = 1;
    wn_config_read_keys(r, m->arena, stack, wn_config_stack_width_keys, s);
    *s = wn_config_stack_defaults(s->channels);
    wn_config_read_keys(r, m->arena, stack, wn_config_stack_skip_keys, s);
    s->skip_sum = (wn_skip_sum)wn_json_word(r, stack, "skip_sum", WN_SKIP_SUM, wn_skip_sum_names, 2);
    wn_config_read_keys(r, m->arena, stack, wn_config_stack_output_keys, s);
    read_rechannel(r, m, stack, s, in);
    read_layers(r, m, stack, s);
    read_stack_head(r, m, stack, s);
}

static int stack_output(const wn_stack *s)
{
    return s->plain_output ? s->channels : s->head.out ? s->head.out : s->skip_channels;
}

/* The head of the paper where a config names none: ReLU, 1x1, ReLU, 1x1. Feed-forward PCM models have none. */
static void read_head(wn_json *r, wn_model *m, const json_t *config)
{
    static const char *const keys[] = {"activation", "out", "kernel", "dilation", "groups", "bias", NULL};
    const json_t *list = wn_json_array(r, config, "head", WN_MAX_HEAD);
    int width = stack_output(&m->stacks[m->n_stacks - 1]);
    m->n_head = list ? (int)json_array_size(list) : m->output == WN_OUTPUT_PCM ? 0 : 2;
    m->head = wn_config_alloc(r, m->arena, (size_t)m->n_head, sizeof *m->head);
    for (int i = 0; !r->status && i < m->n_head; i++) {
        const json_t *object = json_array_get(list, (size_t)i);
        size_t mark = wn_json_enter(r, "head", i);
        if (list && !json_is_object(object)) wn_json_fail(r, "", "is no object");
        if (list) wn_json_keys(r, object, keys);
        int out = wn_json_int(r, object, "out", i + 1 < m->n_head ? width : m->output_channels, 1, WN_MAX_CLASSES);
        wn_config_act(r, m->arena, object, "activation", WN_ACT_RELU, width, &m->head[i].act);
        wn_config_read_conv(r, m->arena, object, "", width, out, &m->head[i].conv);
        width = out;
        wn_json_leave(r, mark);
    }
}

void wn_config_stacks(wn_json *r, wn_model *m, const json_t *config)
{
    wn_json_need(r, config, "stacks");
    const json_t *list = wn_json_array(r, config, "stacks", WN_MAX_STACKS);
    if (!json_array_size(list)) wn_json_fail(r, "stacks", "is empty");
    if (r->status) return;
    m->n_stacks = (int)json_array_size(list);
    m->stacks = wn_stacks_new(m->arena, m->n_stacks);
    if (!m->stacks) r->status = wn_fail_memory(r->error, r->file);
    int in = m->input.n_classes ? m->input.n_classes : m->input.channels;
    for (int i = 0; !r->status && i < m->n_stacks; i++) {
        size_t mark = wn_json_enter(r, "stacks", i);
        read_stack(r, m, json_array_get(list, (size_t)i), &m->stacks[i], in);
        in = m->stacks[i].channels;
        wn_json_leave(r, mark);
    }
    if (!r->status) read_head(r, m, config);
}
