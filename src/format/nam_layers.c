/* SPDX-License-Identifier: MIT
 * nam_layers.c - one layer array of a WaveNet capture: what is one for all layers, then each layer.
 * Copyright (c) 2026 the wavenet authors */
#include "format/nam_layers.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "format/nam_act.h"
#include "format/nam_reader.h"
#include "model/description.h"

/* FiLM as the array says it, the same in every layer. */
struct film {
    bool active, shift;
    int groups;
};

/* An activation that is given once for all layers. */
struct shared {
    bool known;
    wn_act act;
};

/* The keys of a layer array that hold for all of its layers. */
struct array {
    wn_nam_reader *x;
    const json_t *object;
    wn_stack *stack;
    int n, bottleneck, condition;
    int groups, mixin_groups;
    bool residual, skip;
    int residual_groups, skip_groups;
    struct film film[WN_FILM_COUNT];
    struct shared act, gate;
};

const char *const wn_nam_film_keys[WN_FILM_COUNT] = {
    "conv_pre_film",       "conv_post_film",       "input_mixin_pre_film", "input_mixin_post_film",
    "activation_pre_film", "activation_post_film", "layer1x1_post_film",   "head1x1_post_film"};

static const char *const keys[] = {"input_size",
                                   "condition_size",
                                   "channels",
                                   "bottleneck",
                                   "dilations",
                                   "kernel_size",
                                   "kernel_sizes",
                                   "activation",
                                   "gating_mode",
                                   "secondary_activation",
                                   "gated",
                                   "head",
                                   "head_size",
                                   "head_bias",
                                   "layer1x1",
                                   "head1x1",
                                   "groups_input",
                                   "groups_input_mixin",
                                   "slimmable",
                                   "conv_pre_film",
                                   "conv_post_film",
                                   "input_mixin_pre_film",
                                   "input_mixin_post_film",
                                   "activation_pre_film",
                                   "activation_post_film",
                                   "layer1x1_post_film",
                                   "head1x1_post_film",
                                   NULL};

/* A width that the file repeats, and that follows from the rest. */
static void check_width(wn_json *r, const json_t *object, const char *key, int expected, const char *of)
{
    wn_json_need(r, object, key);
    int width = wn_json_int(r, object, key, expected, 1, WN_MAX_CHANNELS);
    if (width != expected) wn_json_fail(r, key, "is %d, expected the %d channels of %s", width, expected, of);
}

/* ---- once for all layers -------------------------------------------------------------------------------------------- */

/* {active, groups, ...} at `key`; returns the object if it is there. */
static const json_t *read_1x1(struct array *a, const char *key, const char *const *known, bool *active, int *groups)
{
    wn_json *r = a->x->r;
    const json_t *object = wn_json_object(r, a->object, key);
    size_t mark = wn_json_enter(r, key, -1);
    *groups = 1;
    if (object) {
        wn_json_keys(r, object, known);
        wn_json_need(r, object, "active");
        *active = wn_json_bool(r, object, "active", *active);
        *groups = wn_json_int(r, object, "groups", 1, 1, WN_MAX_CHANNELS);
    }
    wn_json_leave(r, mark);
    return object;
}

static void read_1x1s(struct array *a)
{
    static const char *const residual[] = {"active", "groups", NULL};
    static const char *const skip[] = {"active", "out_channels", "groups", NULL};
    wn_json *r = a->x->r;
    a->residual = true;
    read_1x1(a, "layer1x1", residual, &a->residual, &a->residual_groups);
    if (!a->residual && a->bottleneck != a->stack->channels)
        wn_json_fail(r, "bottleneck", "is %d, expected the %d channels where layer1x1 is not active", a->bottleneck,
                     a->stack->channels);
    const json_t *object = read_1x1(a, "head1x1", skip, &a->skip, &a->skip_groups);
    size_t mark = wn_json_enter(r, "head1x1", -1);
    if (a->skip) wn_json_need(r, object, "out_channels");
    a->stack->skip_channels = a->skip ? wn_json_int(r, object, "out_channels", 1, 1, WN_MAX_CHANNELS) : a->bottleneck;
    wn_json_leave(r, mark);
}

static void read_film(struct array *a, int place)
{
    static const char *const known[] = {"active", "shift", "groups", NULL};
    wn_json *r = a->x->r;
    struct film *f = &a->film[place];
    const json_t *value = wn_json_get(a->object, wn_nam_film_keys[place]);
    if (!value || json_is_false(value)) return;
    if (!json_is_object(value)) wn_json_fail(r, wn_nam_film_keys[place], "is neither false nor an object");
    size_t mark = wn_json_enter(r, wn_nam_film_keys[place], -1);
    wn_json_keys(r, value, known);
    f->active = wn_json_bool(r, value, "active", true);
    f->shift = wn_json_bool(r, value, "shift", true);
    f->groups = wn_json_int(r, value, "groups", 1, 1, WN_MAX_CHANNELS);
    wn_json_leave(r, mark);
    bool missing = (place == WN_FILM_RESIDUAL_POST && !a->residual) || (place == WN_FILM_SKIP_POST && !a->skip);
    if (f->active && missing) wn_json_fail(r, wn_nam_film_keys[place], "is active, but what it modulates is not");
}

/* The convolution of the summed layers: an object, or the two keys it had before version 0.7. */
static void read_head(struct array *a)
{
    static const char *const known[] = {"out_channels", "kernel_size", "bias", "head_dilation", NULL};
    wn_json *r = a->x->r;
    wn_stack *s = a->stack;
    const json_t *head = wn_json_object(r, a->object, "head");
    if (!head) {
        wn_json_need(r, a->object, "head_size");
        wn_json_need(r, a->object, "head_bias");
        int out = wn_json_int(r, a->object, "head_size", 1, 1, WN_MAX_CHANNELS);
        bool bias = wn_json_bool(r, a->object, "head_bias", false);
        wn_nam_shape(a->x, "head_size", &s->head, s->skip_channels, out, 1, 1, 1, bias);
        return;
    }
    size_t mark = wn_json_enter(r, "head", -1);
    wn_json_keys(r, head, known);
    for (int i = 0; i < 3; i++) wn_json_need(r, head, known[i]);
    int out = wn_json_int(r, head, "out_channels", 1, 1, WN_MAX_CHANNELS);
    int kernel = wn_json_int(r, head, "kernel_size", 1, 1, WN_MAX_KERNEL);
    int dilation = wn_json_int(r, head, "head_dilation", 1, 1, WN_MAX_DILATION);
    bool bias = wn_json_bool(r, head, "bias", false);
    wn_nam_shape(a->x, "", &s->head, s->skip_channels, out, kernel, dilation, 1, bias);
    wn_json_leave(r, mark);
}

/* The number of channels that slimming leaves. */
static void read_slimmable(struct array *a, int index)
{
    static const char *const methods[] = {"slice_channels_uniform"}, *const known[] = {"method", "kwargs", NULL};
    wn_json *r = a->x->r;
    const json_t *object = wn_json_object(r, a->object, "slimmable");
    if (!object || r->status) return;
    size_t mark = wn_json_enter(r, "slimmable", -1);
    wn_json_keys(r, object, known);
    wn_json_need(r, object, "method");
    wn_json_word(r, object, "method", 0, methods, 1);
    const json_t *kwargs = wn_json_object(r, object, "kwargs");
    size_t within = wn_json_enter(r, "kwargs", -1);
    const json_t *allowed = wn_json_array(r, kwargs, "allowed_channels", WN_MAX_CHANNELS);
    int n = allowed ? (int)json_array_size(allowed) : a->stack->channels, before = 0;
    if (!n) wn_json_fail(r, "allowed_channels", "is empty");
    int wanted = (int)fmin(floor(a->x->slim * n), n - 1);
    int keep = wanted + 1;
    for (int i = 0; allowed && i < n; i++) {
        size_t at = wn_json_enter(r, "allowed_channels", i);
        int width = wn_json_as_int(r, json_array_get(allowed, (size_t)i), "", 1, 1, a->stack->channels);
        if (width <= before) wn_json_fail(r, "", "is %d, expected more than the %d before it", width, before);
        if (i == wanted) keep = width;
        before = width;
        wn_json_leave(r, at);
    }
    if (allowed && before != a->stack->channels)
        wn_json_fail(r, "allowed_channels", "ends with %d, expected the %d channels of the array", before,
                     a->stack->channels);
    wn_json_leave(r, within);
    wn_json_leave(r, mark);
    a->x->keep[index] = keep;
    a->x->can_slim = true;
}

/* ---- each layer ------------------------------------------------------------------------------------------------------ */

/* What `key` says of layer i: its own entry where the value is a list, which must have one a layer. NULL: nothing, or
 * null. */
static const json_t *of_layer(struct array *a, const char *key, int i)
{
    const json_t *value = wn_json_get(a->object, key);
    if (!json_is_array(value)) return value;
    if (json_array_size(value) != (size_t)a->n) {
        wn_json_fail(a->x->r, key, "lists %zu values, expected one for each of %d layers", json_array_size(value),
                     a->n);
        return NULL;
    }
    return json_array_get(value, (size_t)i);
}

/* The activation of layer i. Layers share one that is given once, so that no text becomes more slopes than it lists. */
static void read_act(struct array *a, const char *key, int i, struct shared *shared, wn_act *act)
{
    const json_t *value = of_layer(a, key, i);
    bool once = !json_is_array(wn_json_get(a->object, key));
    if (once && shared->known) {
        *act = shared->act;
        return;
    }
    wn_nam_read_act(a->x, value, key, a->bottleneck, act);
    if (once) *shared = (struct shared){true, *act};
}

static int read_kernel(struct array *a, int i)
{
    wn_json *r = a->x->r;
    bool one = wn_json_get(a->object, "kernel_size"), list = wn_json_get(a->object, "kernel_sizes");
    if (one && list) wn_json_fail(r, "kernel_sizes", "and \"kernel_size\" are both there, expected one of them");
    if (!one && !list) wn_json_fail(r, "kernel_size", "is missing");
    if (!list) return wn_json_int(r, a->object, "kernel_size", 1, 1, WN_MAX_KERNEL);
    wn_json_array(r, a->object, "kernel_sizes", WN_MAX_LAYERS);
    const json_t *value = r->status ? NULL : of_layer(a, "kernel_sizes", i);
    size_t mark = wn_json_enter(r, "kernel_sizes", i);
    int kernel = wn_json_as_int(r, value, "", 1, 1, WN_MAX_KERNEL);
    wn_json_leave(r, mark);
    return kernel;
}

static wn_gating read_gating(struct array *a, int i)
{
    static const char *const modes[] = {"none", "gated", "blended"};
    const json_t *value = of_layer(a, "gating_mode", i);
    if (wn_json_get(a->object, "gating_mode"))
        return (wn_gating)wn_json_as_word(a->x->r, value, "gating_mode", 0, modes, 3);
    return wn_json_bool(a->x->r, a->object, "gated", false) ? WN_GATING_GATED : WN_GATING_NONE;
}

static bool is_nothing(const json_t *value)
{
    return !value || json_is_null(value) || (json_is_string(value) && !*json_string_value(value));
}

/* Absent altogether it is Sigmoid; a layer without a gate may say nothing. */
static void read_gate(struct array *a, int i, wn_layer *l)
{
    const json_t *all = wn_json_get(a->object, "secondary_activation"), *value = of_layer(a, "secondary_activation", i);
    wn_act unused = {0};
    if (l->gating == WN_GATING_NONE) {
        if (!is_nothing(value)) read_act(a, "secondary_activation", i, &a->gate, &unused);
        return;
    }
    bool old = !wn_json_get(a->object, "gating_mode");
    l->gate.kind = WN_ACT_SIGMOID;
    if (!old && all) read_act(a, "secondary_activation", i, &a->gate, &l->gate);
}

static void read_films(struct array *a, wn_layer *l)
{
    const int s = a->condition, z = l->conv.out;
    const int widths[WN_FILM_COUNT] = {l->conv.in, z, s, z, z, l->bottleneck, l->residual.out, l->skip.out};
    for (int i = 0; i < WN_FILM_COUNT; i++) {
        const struct film *f = &a->film[i];
        l->film[i].active = f->active;
        l->film[i].shift = f->shift;
        if (f->active)
            wn_nam_shape(a->x, wn_nam_film_keys[i], &l->film[i].conv, s, f->shift ? 2 * widths[i] : widths[i], 1, 1,
                         f->groups, true);
    }
}

static void read_layer(struct array *a, const json_t *dilations, int i, wn_layer *l)
{
    wn_json *r = a->x->r;
    int b = l->bottleneck = a->bottleneck;
    l->gating = read_gating(a, i);
    int rows = l->gating == WN_GATING_NONE ? b : 2 * b, kernel = read_kernel(a, i);
    read_act(a, "activation", i, &a->act, &l->act);
    read_gate(a, i, l);
    if (a->stack->channels % a->groups || rows % a->groups)
        wn_json_fail(r, "groups_input", "%d groups do not divide %d inputs and %d outputs", a->groups,
                     a->stack->channels, rows);
    size_t mark = wn_json_enter(r, "dilations", i);
    int dilation = wn_json_as_int(r, json_array_get(dilations, (size_t)i), "", 1, 1, WN_MAX_DILATION);
    wn_nam_shape(a->x, "", &l->conv, a->stack->channels, rows, kernel, dilation, a->groups, true);
    wn_json_leave(r, mark);
    wn_nam_shape(a->x, "groups_input_mixin", &l->mixin, a->condition, rows, 1, 1, a->mixin_groups, false);
    if (a->residual)
        wn_nam_shape(a->x, "layer1x1", &l->residual, b, a->stack->channels, 1, 1, a->residual_groups, true);
    if (a->skip) wn_nam_shape(a->x, "head1x1", &l->skip, b, a->stack->skip_channels, 1, 1, a->skip_groups, true);
    read_films(a, l);
}

static void read_layers(struct array *a, const json_t *dilations)
{
    wn_stack *s = a->stack;
    wn_model *m = a->x->model;
    int before = 0;
    for (const wn_stack *other = m->stacks; other < s; other++) before += other->n_layers;
    if (before + a->n > WN_MAX_LAYERS)
        wn_json_fail(a->x->r, "dilations", "make more than %d layers in all", WN_MAX_LAYERS);
    if (a->x->r->status) return;
    s->n_layers = a->n;
    s->layers = wn_layers_new(m->arena, a->n);
    if (!s->layers) wn_json_memory(a->x->r);
    for (int i = 0; !a->x->r->status && i < a->n; i++) read_layer(a, dilations, i, &s->layers[i]);
}

void wn_nam_layers(wn_nam_reader *x, const json_t *object, wn_stack *stack, int index, int in)
{
    struct array a = {.x = x, .object = object, .stack = stack, .condition = x->model->condition.local_channels};
    wn_json *r = x->r;
    if (!json_is_object(object)) wn_json_fail(r, "", "is no object, expected a layer array");
    wn_nam_keys(x, object, keys);
    check_width(r, object, "input_size", in, index ? "the array before" : "the input");
    check_width(r, object, "condition_size", a.condition, "the condition");
    wn_json_need(r, object, "channels");
    wn_json_need(r, object, "dilations");
    wn_json_need(r, object, "activation");
    stack->channels = wn_json_int(r, object, "channels", 1, 1, WN_MAX_CHANNELS);
    a.bottleneck = wn_json_int(r, object, "bottleneck", stack->channels, 1, WN_MAX_CHANNELS);
    a.groups = wn_json_int(r, object, "groups_input", 1, 1, WN_MAX_CHANNELS);
    a.mixin_groups = wn_json_int(r, object, "groups_input_mixin", 1, 1, WN_MAX_CHANNELS);
    const json_t *dilations = wn_json_array(r, object, "dilations", WN_MAX_LAYERS);
    a.n = (int)json_array_size(dilations);
    if (!a.n) wn_json_fail(r, "dilations", "is empty, expected one for each layer");
    read_1x1s(&a);
    for (int i = 0; i < WN_FILM_COUNT; i++) read_film(&a, i);
    wn_nam_shape(x, "input_size", &stack->rechannel, in, stack->channels, 1, 1, 1, false);
    read_layers(&a, dilations);
    read_head(&a);
    read_slimmable(&a, index);
}
