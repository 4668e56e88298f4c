/* SPDX-License-Identifier: MIT
 * config_write.c - the shortest config that reads back as a model. A chain is described, too, but not read back.
 * Copyright (c) 2026 the wavenet authors */
#include "format/config_write.h"

#include <math.h>

#include "format/config_analysis.h"
#include "format/config_condition.h"
#include "format/config_control.h"
#include "format/config_conv.h"
#include "format/config_model.h"
#include "format/config_out.h"
#include "format/config_parts.h"
#include "format/config_write_stack.h"
#include "model/companding.h"

static json_t *write_condition(wn_out *o, const wn_condition *c)
{
    json_t *object = wn_config_write_condition(o, c);
    if (c->nested) wn_out_put(o, object, "nested", wn_config_write(c->nested));
    return object;
}

static json_t *write_input(wn_out *o, const wn_encoding *e)
{
    const wn_encoding defaults = {.channels = 1, .gain = 1};
    json_t *object = json_object();
    wn_out_put_number(o, object, "classes", e->n_classes, 0);
    if (e->companding) wn_out_put(o, object, "companding", json_string(wn_companding_name(e->companding)));
    wn_config_write_keys(o, object, wn_config_input_keys, e, &defaults);
    if (e->has_analysis) wn_out_put(o, object, "analysis", wn_config_write_analysis(o, &e->analysis));
    return object;
}

static json_t *write_output(wn_out *o, const wn_model *m)
{
    json_t *object = json_object();
    wn_model defaults = {.output_channels = m->input.channels, .log_scale_min = -INFINITY};
    wn_out_put(o, object, "kind", json_string(wn_distributions[m->output].name));
    wn_config_write_keys(o, object, wn_config_output_keys(m->output), m, &defaults);
    if (m->labels.names) wn_out_put(o, object, "names", wn_out_texts(o, m->labels.names, m->labels.n));
    return object;
}

static json_t *write_head(wn_out *o, const wn_model *m)
{
    json_t *list = json_array();
    for (int i = 0; i < m->n_head; i++) {
        json_t *object = json_object();
        wn_out_put_act(o, object, &m->head[i].act, WN_ACT_RELU);
        wn_out_put(o, object, "out", json_integer(m->head[i].conv.out));
        wn_config_write_conv(o, object, &m->head[i].conv);
        wn_out_append(o, list, object);
    }
    return list;
}

static json_t *write_sampling(wn_out *o, const wn_model *m)
{
    const wn_model defaults = {.temperature = 1, .top_p = 1, .temperature_channel = -1};
    json_t *object = json_object();
    wn_config_write_keys(o, object, wn_config_sampling_keys, m, &defaults);
    return object;
}

static void write_lists(wn_out *o, json_t *object, const wn_model *m)
{
    json_t *controls = json_array(), *stacks = json_array(), *chain = json_array();
    for (int i = 0; i < m->n_controls; i++) wn_out_append(o, controls, wn_config_write_control(o, &m->controls[i]));
    wn_out_put_list(o, object, "controls", controls);
    wn_out_put_default(o, object, "condition", write_condition(o, &m->condition), json_object());
    for (int i = 0; i < m->n_chain; i++) wn_out_append(o, chain, wn_config_write(m->chain[i]));
    wn_out_put_list(o, object, "chain", chain);
    for (int i = 0; i < m->n_stacks; i++) wn_out_append(o, stacks, wn_out_stack(o, &m->stacks[i]));
    wn_out_put(o, object, "stacks", stacks);
    wn_out_put(o, object, "head", write_head(o, m));
}

json_t *wn_config_write(const wn_model *m)
{
    wn_out o = {false, m};
    json_t *object = json_object();
    wn_out_put(&o, object, "version", json_integer(wn_config_version(m)));
    wn_out_put_text(&o, object, "name", m->name);
    wn_out_put_number(&o, object, "sample_rate", m->sample_rate, 0.0);
    wn_out_put_bool(&o, object, "autoregressive", m->autoregressive, wn_config_is_fed_back(m));
    wn_out_put_default(&o, object, "input", write_input(&o, &m->input), json_object());
    wn_out_put(&o, object, "output", write_output(&o, m));
    write_lists(&o, object, m);
    wn_out_put_number(&o, object, "head_scale", m->head_scale, 1.0);
    wn_out_put_default(&o, object, "sampling", write_sampling(&o, m), json_object());
    wn_config_write_keys(&o, object, wn_config_level_keys, m,
                         &(wn_model){.loudness = NAN, .input_level_dbu = NAN, .output_level_dbu = NAN});
    wn_out_put_text(&o, object, "note", m->note);
    if (m->metadata) wn_out_put(&o, object, "metadata", json_loads(m->metadata, 0, NULL));
    if (!o.failed) return object;
    json_decref(object);
    return NULL;
}
