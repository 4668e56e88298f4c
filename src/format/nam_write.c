/* SPDX-License-Identifier: MIT
 * nam_write.c - a model as an amp capture of version 0.7.0. Keys appear where they differ from what old players assume.
 * Copyright (c) 2026 the wavenet authors */
#include "format/nam_write.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "format/config_out.h"
#include "format/nam_act.h"
#include "format/nam_fit.h"
#include "format/nam_layers.h"
#include "format/nam_lists.h"
#include "format/nam_metadata.h"
#include "format/nam_plain.h"
#include "format/nam_weights.h"

/* ---- weights ----------------------------------------------------------------------------------------------------------- */

static wn_status append_run(void *list, float **data, int64_t n)
{
    for (int64_t i = 0; i < n; i++)
        if (json_array_append_new(list, json_real((double)(*data)[i]))) return WN_ERROR_MEMORY;
    return WN_OK;
}

static void put_weights(wn_out *o, json_t *root, wn_model *m, bool head_scale)
{
    json_t *list = json_array();
    if (wn_nam_runs(m, head_scale, append_run, list)) o->failed = true;
    wn_out_put(o, root, "weights", list);
}

/* ---- layer arrays ------------------------------------------------------------------------------------------------------ */

/* A list with one value a layer, or the value itself where all are equal. */
static void put_layers(wn_out *o, json_t *object, const char *one, const char *many, json_t *list)
{
    bool same = true;
    for (size_t i = 1; i < json_array_size(list); i++)
        if (!json_equal(json_array_get(list, i), json_array_get(list, 0))) same = false;
    wn_out_put(o, object, same ? one : many, same ? json_incref(json_array_get(list, 0)) : json_incref(list));
    json_decref(list);
}

static bool has_parameters(const wn_act *a)
{
    const wn_act_row *row = wn_act_row_of(a->kind);
    return wn_act_parameters(row) > 0 || row->flags & WN_ACT_PER_CHANNEL;
}

/* A name where that says everything, as files of old have it. */
static json_t *activation(const wn_act *a)
{
    json_t *object = wn_nam_write_act(a);
    if (has_parameters(a)) return object;
    json_t *name = json_incref(json_object_get(object, "type"));
    json_decref(object);
    return name;
}

static void put_gating(wn_out *o, json_t *object, const wn_stack *s)
{
    static const char *const modes[] = {"none", "gated", "blended"};
    bool old = true;
    for (int i = 0; i < s->n_layers; i++) {
        const wn_layer *l = &s->layers[i];
        bool paper = l->gating == WN_GATING_NONE || (l->gating == WN_GATING_GATED && l->gate.kind == WN_ACT_SIGMOID);
        if (!paper || l->gating != s->layers[0].gating) old = false;
    }
    if (old) {
        wn_out_put(o, object, "gated", json_boolean(s->n_layers && s->layers[0].gating == WN_GATING_GATED));
        return;
    }
    json_t *gatings = json_array(), *gates = json_array();
    for (int i = 0; i < s->n_layers; i++) {
        const wn_layer *l = &s->layers[i];
        wn_out_append(o, gatings, json_string(modes[l->gating]));
        wn_out_append(o, gates, l->gating == WN_GATING_NONE ? json_null() : activation(&l->gate));
    }
    wn_out_put(o, object, "gating_mode", gatings);
    wn_out_put(o, object, "secondary_activation", gates);
}

static void put_1x1(wn_out *o, json_t *object, const char *key, const wn_conv *c, bool out)
{
    json_t *value = json_object();
    wn_out_put(o, value, "active", json_boolean(c->out != 0));
    if (out) wn_out_put(o, value, "out_channels", json_integer(c->out));
    wn_out_put(o, value, "groups", json_integer(c->out ? c->groups : 1));
    wn_out_put(o, object, key, value);
}

static void put_films(wn_out *o, json_t *object, const wn_layer *l)
{
    for (int i = 0; i < WN_FILM_COUNT; i++) {
        const wn_film *f = &l->film[i];
        if (!f->active) continue;
        json_t *value = json_object();
        wn_out_put(o, value, "active", json_true());
        wn_out_put(o, value, "shift", json_boolean(f->shift));
        wn_out_put(o, value, "groups", json_integer(f->conv.groups));
        wn_out_put(o, object, wn_nam_film_keys[i], value);
    }
}

static void put_stack_head(wn_out *o, json_t *object, const wn_conv *c)
{
    if (c->kernel == 1) {
        wn_out_put(o, object, "head_size", json_integer(c->out));
        wn_out_put(o, object, "head_bias", json_boolean(c->has_bias));
        return;
    }
    json_t *head = json_object();
    wn_out_put(o, head, "out_channels", json_integer(c->out));
    wn_out_put(o, head, "kernel_size", json_integer(c->kernel));
    wn_out_put(o, head, "bias", json_boolean(c->has_bias));
    wn_out_put_number(o, head, "head_dilation", c->dilation, 1);
    wn_out_put(o, object, "head", head);
}

static json_t *layer_array(wn_out *o, const wn_model *m, const wn_stack *s)
{
    const wn_layer *l = &s->layers[0];
    json_t *object = json_object(), *dilations = json_array(), *kernels = json_array(), *acts = json_array();
    for (int i = 0; i < s->n_layers; i++) {
        wn_out_append(o, dilations, json_integer(s->layers[i].conv.dilation));
        wn_out_append(o, kernels, json_integer(s->layers[i].conv.kernel));
        wn_out_append(o, acts, activation(&s->layers[i].act));
    }
    wn_out_put(o, object, "input_size", json_integer(s->rechannel.in));
    wn_out_put(o, object, "condition_size", json_integer(m->condition.local_channels));
    wn_out_put(o, object, "channels", json_integer(s->channels));
    wn_out_put_number(o, object, "bottleneck", l->bottleneck, s->channels);
    put_layers(o, object, "kernel_size", "kernel_sizes", kernels);
    wn_out_put(o, object, "dilations", dilations);
    put_layers(o, object, "activation", "activation", acts);
    put_gating(o, object, s);
    put_stack_head(o, object, &s->head);
    if (!l->residual.out || l->residual.groups > 1) put_1x1(o, object, "layer1x1", &l->residual, false);
    if (l->skip.out) put_1x1(o, object, "head1x1", &l->skip, true);
    wn_out_put_number(o, object, "groups_input", l->conv.groups, 1);
    wn_out_put_number(o, object, "groups_input_mixin", l->mixin.groups, 1);
    put_films(o, object, l);
    return object;
}

/* ---- networks ---------------------------------------------------------------------------------------------------------- */

static json_t *network(wn_out *o, wn_model *m);

static json_t *head(wn_out *o, const wn_model *m)
{
    if (!m->n_head) return json_null();
    json_t *object = json_object(), *kernels = json_array();
    for (int i = 0; i < m->n_head; i++) wn_out_append(o, kernels, json_integer(m->head[i].conv.kernel));
    wn_out_put(o, object, "channels", json_integer(m->head[0].conv.out));
    wn_out_put(o, object, "out_channels", json_integer(m->output_channels));
    wn_out_put(o, object, "kernel_sizes", kernels);
    wn_out_put(o, object, "activation", activation(&m->head[0].act));
    return object;
}

static void put_wavenet(wn_out *o, json_t *root, wn_model *m)
{
    json_t *config = json_object(), *arrays = json_array();
    for (int i = 0; i < m->n_stacks; i++) wn_out_append(o, arrays, layer_array(o, m, &m->stacks[i]));
    if (!wn_nam_restore_slimmable(m, arrays)) o->failed = true;
    wn_out_put_number(o, config, "in_channels", m->input.channels, 1);
    if (m->condition.nested) wn_out_put(o, config, "condition_dsp", network(o, m->condition.nested));
    wn_out_put(o, config, "layers", arrays);
    wn_out_put(o, config, "head", head(o, m));
    wn_out_put(o, config, "head_scale", json_real((double)m->head_scale));
    wn_out_put(o, root, "architecture", json_string("WaveNet"));
    wn_out_put(o, root, "config", config);
    put_weights(o, root, m, true);
}

static void put_convnet(wn_out *o, json_t *root, wn_model *m)
{
    json_t *config = json_object(), *dilations = json_array();
    for (int i = 0; i < m->n_head; i++)
        wn_out_append(o, dilations, json_integer(i ? m->head[i - 1].conv.dilation : m->stacks->rechannel.dilation));
    wn_out_put(o, config, "channels", json_integer(m->stacks->channels));
    wn_out_put(o, config, "dilations", dilations);
    wn_out_put(o, config, "batchnorm", json_false());
    wn_out_put(o, config, "activation", activation(&m->head[0].act));
    wn_out_put(o, root, "architecture", json_string("ConvNet"));
    wn_out_put(o, root, "config", config);
    put_weights(o, root, m, false);
}

static void put_linear(wn_out *o, json_t *root, wn_model *m)
{
    wn_conv *c = &m->stacks->rechannel;
    json_t *config = json_object();
    wn_out_put(o, config, "receptive_field", json_integer(c->kernel));
    wn_out_put(o, config, "bias", json_boolean(c->has_bias));
    wn_out_put(o, root, "architecture", json_string("Linear"));
    wn_out_put(o, root, "config", config);
    wn_nam_reverse(c->weight, c->kernel); /* the model is a copy, which ends here */
    put_weights(o, root, m, false);
}

static void put_sequence(wn_out *o, json_t *root, const wn_model *m)
{
    json_t *config = json_object(), *models = json_array();
    for (int i = 0; i < m->n_chain; i++) wn_out_append(o, models, network(o, m->chain[i]));
    wn_out_put(o, config, "models", models);
    wn_out_put(o, root, "architecture", json_string("Sequential"));
    wn_out_put(o, root, "config", config);
    wn_out_put(o, root, "weights", json_array());
}

/* A part of a container stands for all of it. */
static json_t *network(wn_out *o, wn_model *m)
{
    if (m->container) return json_loads(m->container, 0, NULL);
    json_t *root = json_object();
    wn_out_put(o, root, "version", json_string("0.7.0"));
    if (!wn_nam_restore(m, root)) o->failed = true;
    if (m->n_chain)
        put_sequence(o, root, m);
    else if (!m->stacks->plain_output)
        put_wavenet(o, root, m);
    else if (m->n_head)
        put_convnet(o, root, m);
    else
        put_linear(o, root, m);
    if (m->sample_rate > 0.0) wn_out_put(o, root, "sample_rate", wn_out_number(m->sample_rate));
    return root;
}

static wn_status write_text(const char *text, const char *path, wn_error *error)
{
    wn_writer *writer;
    size_t size = strlen(text);
    if (size > WN_NAM_MAX_FILE || wn_nam_tree(text, size) > WN_NAM_MAX_TREE)
        return wn_fail(error, WN_ERROR_UNSUPPORTED, path,
                       "the model does not fit a .nam file: %zu bytes, more than a reader would take", size);
    wn_status status = wn_writer_open(&writer, path, error);
    if (status) return status;
    status = wn_writer_write(writer, text, size, error);
    if (!status) return wn_writer_commit(writer, error);
    wn_writer_abort(writer);
    return status;
}

wn_status wn_nam_text(char **out, const wn_model *model, const char *path, wn_error *error)
{
    wn_model *m;
    *out = NULL;
    wn_status status = wn_nam_fit(&m, model, path, error);
    if (status) return status;
    wn_out o = {false, m};
    json_t *root = network(&o, m);
    *out = o.failed || !root ? NULL : json_dumps(root, JSON_COMPACT);
    json_decref(root);
    wn_model_free(m);
    return *out ? WN_OK : wn_fail_memory(error, path);
}

wn_status wn_nam_write(const wn_model *model, const char *path, wn_error *error)
{
    char *text;
    wn_status status = wn_nam_text(&text, model, path, error);
    if (!status) status = write_text(text, path, error);
    free(text);
    return status;
}
