/* SPDX-License-Identifier: MIT
 * config_control.c - controls of a config.
 * Copyright (c) 2026 the wavenet authors */
#include "format/config_control.h"

#include "format/config_keys.h"
#include "format/config_parts.h"

#define FIELD(name) offsetof(wn_model_control, name), 0
#define VALUE(name) WN_KEY_DOUBLE, FIELD(name), -1e12, 1e12, true

static const wn_key label_keys[] = {
    {"name", WN_KEY_TEXT, FIELD(name), 0, 0, true},
    {"unit", WN_KEY_TEXT, FIELD(unit), 0, 0, false},
    {0},
};

static const wn_key number_keys[] = {
    {"min", VALUE(minimum)},
    {"max", VALUE(maximum)},
    {"default", VALUE(default_value)},
    {0},
};

static void read_choices(wn_json *r, wn_arena *arena, const json_t *object, const json_t *choices, wn_model_control *c)
{
    int n = (int)json_array_size(choices);
    c->kind = WN_CONTROL_CHOICE;
    c->n_choices = n;
    c->maximum = n - 1;
    c->choices = wn_config_texts(r, arena, "choices", choices);
    if (r->status || !n) return;
    c->default_value = wn_json_word(r, object, "default", 0, (const char *const *)c->choices, n);
}

static void read_control(wn_json *r, wn_arena *arena, const json_t *object, wn_model_control *c)
{
    static const char *const keys[] = {"name", "unit", "min", "max", "default", "choices", NULL};
    wn_json_keys(r, object, keys);
    wn_config_read_keys(r, arena, object, label_keys, c);
    const json_t *choices = wn_json_array(r, object, "choices", WN_MAX_CHOICES);
    if (choices)
        read_choices(r, arena, object, choices, c);
    else
        wn_config_read_keys(r, arena, object, number_keys, c);
}

void wn_config_read_controls(wn_json *r, wn_model *m, const json_t *config)
{
    const json_t *list = wn_json_array(r, config, "controls", WN_MAX_CONTROLS);
    m->n_controls = (int)json_array_size(list);
    m->controls = wn_config_alloc(r, m->arena, (size_t)m->n_controls, sizeof *m->controls);
    for (int i = 0; !r->status && i < m->n_controls; i++) {
        size_t mark = wn_json_enter(r, "controls", i);
        read_control(r, m->arena, json_array_get(list, (size_t)i), &m->controls[i]);
        wn_json_leave(r, mark);
    }
}

json_t *wn_config_write_control(wn_out *o, const wn_model_control *c)
{
    const wn_model_control defaults = {0};
    json_t *object = json_object();
    wn_config_write_keys(o, object, label_keys, c, &defaults);
    if (c->kind == WN_CONTROL_NUMBER) {
        wn_config_write_keys(o, object, number_keys, c, &defaults);
        return object;
    }
    wn_out_put(o, object, "choices", wn_out_texts(o, c->choices, c->n_choices));
    if (c->default_value != 0.0) wn_out_put(o, object, "default", json_string(c->choices[(int)c->default_value]));
    return object;
}
