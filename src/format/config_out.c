/* SPDX-License-Identifier: MIT
 * config_out.c - values into a config: what equals its default is left out.
 * Copyright (c) 2026 the wavenet authors */
#include "format/config_out.h"
#include "format/config_parts.h"

#include <math.h>

void wn_out_put(wn_out *o, json_t *object, const char *key, json_t *value)
{
    if (json_object_set_new(object, key, value)) o->failed = true;
}

void wn_out_put_default(wn_out *o, json_t *object, const char *key, json_t *value, json_t *fallback)
{
    if (!value || !fallback) o->failed = true;
    if (json_equal(value, fallback))
        json_decref(value);
    else
        wn_out_put(o, object, key, value);
    json_decref(fallback);
}

void wn_out_append(wn_out *o, json_t *list, json_t *value)
{
    if (json_array_append_new(list, value)) o->failed = true;
}

/* Whole numbers without a decimal point. */
json_t *wn_out_number(double x) { return x == floor(x) && fabs(x) < 1e15 ? json_integer((json_int_t)x) : json_real(x); }

void wn_out_put_number(wn_out *o, json_t *object, const char *key, double x, double fallback)
{
    if (x != fallback) wn_out_put(o, object, key, wn_out_number(x));
}

void wn_out_put_bool(wn_out *o, json_t *object, const char *key, bool x, bool fallback)
{
    if (x != fallback) wn_out_put(o, object, key, json_boolean(x));
}

void wn_out_put_text(wn_out *o, json_t *object, const char *key, const char *text)
{
    if (text && *text) wn_out_put(o, object, key, json_string(text));
}

/* A list that is dropped if it is empty. */
void wn_out_put_list(wn_out *o, json_t *object, const char *key, json_t *list)
{
    if (json_array_size(list))
        wn_out_put(o, object, key, list);
    else
        json_decref(list);
}

json_t *wn_out_texts(wn_out *o, char *const *texts, int n)
{
    json_t *list = json_array();
    for (int i = 0; i < n; i++) wn_out_append(o, list, json_string(texts[i]));
    return list;
}

json_t *wn_out_act(wn_out *o, const wn_act *a)
{
    const wn_act_row *row = wn_act_row_of(a->kind);
    bool per_channel = row->flags & WN_ACT_PER_CHANNEL;
    if (!per_channel && !wn_act_parameters(row)) return json_string(row->name);
    json_t *object = json_object();
    wn_out_put(o, object, "kind", json_string(row->name));
    if (per_channel) wn_out_put(o, object, "slopes", json_integer(a->n_slopes));
    for (int i = 0; i < wn_act_parameters(row); i++)
        wn_out_put(o, object, row->parameter[i].key, wn_out_number(a->p[i]));
    return object;
}

void wn_out_put_act(wn_out *o, json_t *object, const wn_act *a, wn_act_kind fallback)
{
    wn_out_put_default(o, object, "activation", wn_out_act(o, a), json_string(wn_act_names[fallback]));
}
