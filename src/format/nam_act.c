/* SPDX-License-Identifier: MIT
 * nam_act.c - activations as amp captures spell them.
 * Copyright (c) 2026 the wavenet authors */
#include <string.h>

#include "format/nam_parts.h"

/* The first spelling of a function is the one that is written. */
static const char *const names[] = {"Tanh",    "Hardtanh", "Fasttanh",  "ReLU",          "LeakyReLU",     "PReLU",
                                    "Sigmoid", "SiLU",     "Hardswish", "LeakyHardtanh", "LeakyHardTanh", "Softsign"};
static const wn_act_kind kinds[] = {WN_ACT_TANH,       WN_ACT_HARD_TANH,       WN_ACT_FAST_TANH,       WN_ACT_RELU,
                                    WN_ACT_LEAKY_RELU, WN_ACT_PRELU,           WN_ACT_SIGMOID,         WN_ACT_SILU,
                                    WN_ACT_HARD_SWISH, WN_ACT_LEAKY_HARD_TANH, WN_ACT_LEAKY_HARD_TANH, WN_ACT_SOFTSIGN};
enum { N_NAMES = sizeof names / sizeof *names };

static const double big = 1e6; /* parameters beyond it are a mistake */

/* One slope for all channels, or a list with one a channel. */
static void read_slopes(struct nam *x, const json_t *object, int channels, wn_act *act)
{
    const json_t *list = wn_json_array(x->r, object, "negative_slopes", WN_MAX_CHANNELS);
    int n = list ? (int)json_array_size(list) : 1;
    if (list && n != 1 && n != channels)
        wn_json_fail(x->r, "negative_slopes", "lists %d slopes, expected one for each of %d channels", n, channels);
    if (list && wn_json_get(object, "negative_slope"))
        wn_json_fail(x->r, "negative_slopes", "and \"negative_slope\" are both there, expected one of them");
    if (x->r->status) return;
    act->n_slopes = n;
    act->slopes = wn_arena_alloc(x->model->arena, (size_t)n, sizeof *act->slopes);
    if (!act->slopes) wn_json_memory(x->r);
    for (int i = 0; act->slopes && i < n; i++) {
        size_t mark = wn_json_enter(x->r, list ? "negative_slopes" : "negative_slope", list ? i : -1);
        const json_t *value = list ? json_array_get(list, (size_t)i) : wn_json_get(object, "negative_slope");
        act->slopes[i] = value ? (float)wn_json_as_number(x->r, value, "", 0.0, -big, big) : 0.01f;
        wn_json_leave(x->r, mark);
    }
}

static void read_parameters(struct nam *x, const json_t *object, int channels, wn_act *act)
{
    static const char *const none[] = {"type", NULL};
    static const char *const clamp[] = {"type", "min_val", "max_val", NULL};
    static const char *const slope[] = {"type", "negative_slope", NULL};
    static const char *const slopes[] = {"type", "negative_slope", "negative_slopes", NULL};
    static const char *const four[] = {"type", "min_val", "max_val", "min_slope", "max_slope", NULL};
    wn_json *r = x->r;
    switch (act->kind) {
    case WN_ACT_HARD_TANH:
        wn_json_keys(r, object, clamp);
        if (wn_json_number(r, object, "min_val", -1.0, -big, big) != -1.0 ||
            wn_json_number(r, object, "max_val", 1.0, -big, big) != 1.0)
            wn_nam_note(x, "the limits of Hardtanh are ignored, as players do: it clamps to -1..1");
        break;
    case WN_ACT_LEAKY_RELU:
        wn_json_keys(r, object, slope);
        act->p[0] = (float)wn_json_number(r, object, "negative_slope", 0.01, -big, big);
        break;
    case WN_ACT_PRELU:
        wn_json_keys(r, object, slopes);
        read_slopes(x, object, channels, act);
        break;
    case WN_ACT_LEAKY_HARD_TANH:
        wn_json_keys(r, object, four);
        act->p[0] = (float)wn_json_number(r, object, "min_val", -1.0, -big, big);
        act->p[1] = (float)wn_json_number(r, object, "max_val", 1.0, -big, big);
        act->p[2] = (float)wn_json_number(r, object, "min_slope", 0.01, -big, big);
        act->p[3] = (float)wn_json_number(r, object, "max_slope", 0.01, -big, big);
        if (act->p[0] > act->p[1]) wn_json_fail(r, "min_val", "is above max_val");
        break;
    default: wn_json_keys(r, object, none); break;
    }
}

void wn_nam_act(struct nam *x, const json_t *value, const char *key, int channels, wn_act *act)
{
    bool object = json_is_object(value);
    if (x->r->status) return;
    if (!object && !json_is_string(value)) {
        wn_json_fail(x->r, key, "is no activation, expected a name or an object");
        return;
    }
    size_t mark = wn_json_enter(x->r, key, -1);
    if (object) wn_json_need(x->r, value, "type");
    const json_t *name = object ? wn_json_get(value, "type") : value;
    if (name) act->kind = kinds[wn_json_as_word(x->r, name, object ? "type" : "", 0, names, N_NAMES)];
    if (!x->r->status) read_parameters(x, object ? value : NULL, channels, act);
    wn_json_leave(x->r, mark);
}

/* ---- writing ------------------------------------------------------------------------------------------------------- */

static const char *name_of(const wn_act *act)
{
    for (int i = 0; i < N_NAMES; i++)
        if (kinds[i] == act->kind) return names[i];
    return NULL;
}

bool wn_nam_act_fits(const wn_act *act) { return name_of(act) != NULL; }

static bool put(json_t *object, const char *key, double value)
{
    return !json_object_set_new(object, key, json_real(value));
}

static bool put_slopes(json_t *object, const wn_act *act)
{
    if (act->n_slopes == 1) return put(object, "negative_slope", (double)act->slopes[0]);
    json_t *list = json_array();
    bool good = !json_object_set_new(object, "negative_slopes", list);
    for (int i = 0; good && i < act->n_slopes; i++)
        good = !json_array_append_new(list, json_real((double)act->slopes[i]));
    return good;
}

json_t *wn_nam_act_out(const wn_act *act)
{
    json_t *object = json_object();
    bool good = !json_object_set_new(object, "type", json_string(name_of(act)));
    if (act->kind == WN_ACT_LEAKY_RELU) good = good && put(object, "negative_slope", (double)act->p[0]);
    if (act->kind == WN_ACT_PRELU) good = good && put_slopes(object, act);
    static const char *const keys[] = {"min_val", "max_val", "min_slope", "max_slope"};
    for (int i = 0; act->kind == WN_ACT_LEAKY_HARD_TANH && i < 4; i++)
        good = good && put(object, keys[i], (double)act->p[i]);
    if (good) return object;
    json_decref(object);
    return NULL;
}
