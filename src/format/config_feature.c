/* SPDX-License-Identifier: MIT
 * config_feature.c - features by the tables of their kinds.
 * Copyright (c) 2026 the wavenet authors */
#include "format/config_feature.h"

#include "format/config_keys.h"
#include "model/feature.h"

int wn_config_control_of(wn_json *r, const wn_model *model, const json_t *object, const char *key, const char *fallback)
{
    const char *name = wn_json_text(r, object, key, fallback);
    if (!name || r->status) return -1;
    int index = wn_model_find_control(model, name);
    if (index < 0) wn_json_fail(r, key, "\"%.64s\" is none of the controls", name);
    return index;
}

void wn_config_read_feature(wn_json *r, const wn_model *model, const json_t *object, wn_feature *f)
{
    static const char *const always[] = {"kind", "control", NULL};
    const char *names[WN_FEATURE_COUNT];
    for (int i = 0; i < WN_FEATURE_COUNT; i++) names[i] = wn_feature_types[i].name;
    wn_json_need(r, object, "kind");
    wn_json_need(r, object, "control");
    f->kind = (wn_feature_kind)wn_json_word(r, object, "kind", 0, names, WN_FEATURE_COUNT);
    f->control = wn_config_control_of(r, model, object, "control", NULL);
    if (r->status) return;
    const wn_feature_type *type = &wn_feature_types[f->kind];
    wn_config_known_keys(r, object, always, type->keys);
    type->set_defaults(f, &model->controls[f->control]);
    wn_config_read_keys(r, model->arena, object, type->keys, f);
}

json_t *wn_config_write_feature(wn_out *o, const wn_feature *f)
{
    const wn_model_control *control = &o->model->controls[f->control];
    const wn_feature_type *type = &wn_feature_types[f->kind];
    wn_feature defaults = {.kind = f->kind};
    json_t *object = json_object();
    type->set_defaults(&defaults, control);
    wn_out_put(o, object, "kind", json_string(type->name));
    wn_out_put(o, object, "control", json_string(control->name));
    wn_config_write_keys(o, object, type->keys, f, &defaults);
    return object;
}
