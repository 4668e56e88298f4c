/* SPDX-License-Identifier: MIT
 * config_read.c - a model's description from its config: input, output, sampling, and the rest through its files.
 * Copyright (c) 2026 the wavenet authors */
#include "format/config_read.h"

#include <math.h>
#include <stdlib.h>

#include "format/config_analysis.h"
#include "format/config_condition.h"
#include "format/config_model.h"
#include "format/config_parts.h"
#include "format/config_stack.h"
#include "kinds/analysis.h"
#include "model/check.h"
#include "model/check_model.h"
#include "model/companding.h"
#include "model/description.h"

static void read_input_analysis(wn_json *r, wn_model *m, const json_t *input)
{
    const json_t *object = wn_json_object(r, input, "analysis");
    if (!object) return;
    size_t mark = wn_json_enter(r, "analysis", -1);
    m->input.has_analysis = true;
    m->input.analysis = wn_analysis_default();
    wn_config_read_analysis(r, m->arena, object, &m->input.analysis);
    wn_json_leave(r, mark);
}

static void read_input(wn_json *r, wn_model *m, const json_t *config)
{
    static const char *const others[] = {"classes", "companding", "analysis", NULL};
    const json_t *object = wn_json_object(r, config, "input");
    if (!object) return;
    const char *names[WN_COMPANDING_COUNT];
    for (int i = 0; i < WN_COMPANDING_COUNT; i++) names[i] = wn_companding_name((wn_companding)i);
    size_t mark = wn_json_enter(r, "input", -1);
    wn_encoding *e = &m->input;
    wn_config_known_keys(r, object, others, wn_config_input_keys);
    e->n_classes = wn_json_int(r, object, "classes", 0, 4, WN_MAX_CLASSES);
    if (e->n_classes) wn_json_need(r, object, "companding");
    e->companding =
        (wn_companding)wn_json_word(r, object, "companding", WN_COMPANDING_NONE, names, WN_COMPANDING_COUNT);
    wn_config_read_keys(r, m->arena, object, wn_config_input_keys, e);
    read_input_analysis(r, m, object);
    wn_json_leave(r, mark);
}

/* Names of the classes that the network recognises. */
static void read_labels(wn_json *r, wn_model *m, const json_t *output)
{
    const json_t *names = wn_json_array(r, output, "names", WN_MAX_CHOICES);
    int n = (int)json_array_size(names);
    if (!names || r->status) return;
    if (n != m->labels.n)
        wn_json_fail(r, "names", "are %d, expected one for each of the %d classes", n, m->labels.n);
    else
        m->labels.names = wn_config_texts(r, m->arena, "names", names);
}

static void read_output(wn_json *r, wn_model *m, const json_t *config)
{
    static const char *const always[] = {"kind", NULL}, *const with_names[] = {"kind", "names", NULL};
    const char *names[WN_OUTPUT_COUNT];
    for (int i = 0; i < WN_OUTPUT_COUNT; i++) names[i] = wn_distributions[i].name;
    wn_json_need(r, config, "output");
    const json_t *object = wn_json_object(r, config, "output");
    size_t mark = wn_json_enter(r, "output", -1);
    wn_json_need(r, object, "kind");
    m->output = (wn_output_kind)wn_json_word(r, object, "kind", 0, names, WN_OUTPUT_COUNT);
    bool classes = wn_distributions[m->output].parts & WN_DISTRIBUTION_CLASSES;
    if (!r->status) wn_config_known_keys(r, object, classes ? with_names : always, wn_config_output_keys(m->output));
    m->output_channels = m->input.channels;
    wn_config_read_keys(r, m->arena, object, wn_config_output_keys(m->output), m);
    if (classes) read_labels(r, m, object);
    if (wn_distributions[m->output].parts)
        m->output_channels =
            wn_distribution_channels(m->output, m->labels.n ? m->labels.n : m->input.n_classes, m->n_mixtures);
    if (!r->status && !m->output_channels)
        wn_json_fail(r, "kind", "is categorical, expected input classes or classes of its own");
    wn_json_leave(r, mark);
    m->autoregressive = wn_json_bool(r, config, "autoregressive", wn_config_is_fed_back(m));
}

static void read_sampling(wn_json *r, wn_model *m, const json_t *config)
{
    static const char *const others[] = {NULL};
    const json_t *object = wn_json_object(r, config, "sampling");
    if (!object) return;
    size_t mark = wn_json_enter(r, "sampling", -1);
    wn_config_known_keys(r, object, others, wn_config_sampling_keys);
    wn_config_read_keys(r, m->arena, object, wn_config_sampling_keys, m);
    wn_json_leave(r, mark);
}

/* Kept as text: the library never looks into it. */
static void read_metadata(wn_json *r, wn_model *m, const json_t *config)
{
    const json_t *object = wn_json_object(r, config, "metadata");
    if (!object || r->status) return;
    char *text = json_dumps(object, JSON_COMPACT);
    m->metadata = text ? wn_config_strdup(r, m->arena, text) : NULL;
    free(text);
    if (!m->metadata && !r->status) r->status = wn_fail_memory(r->error, r->file);
}

static wn_config_nested_fn read_nested;

static void read_model(wn_json *r, wn_model *m, const json_t *config, int depth)
{
    static const char *const others[] = {"version",    "name",     "sample_rate", "autoregressive", "input",
                                         "output",     "controls", "condition",   "stacks",         "head",
                                         "head_scale", "sampling", "metadata",    "note",           NULL};
    int version = wn_json_int(r, config, "version", WN_CONFIG_VERSION, 1, 1 << 30);
    if (version > WN_CONFIG_VERSION)
        wn_json_fail(r, "version", "is %d, but this program reads versions up to %d", version, WN_CONFIG_VERSION);
    wn_config_known_keys(r, config, others, wn_config_level_keys);
    m->name = wn_config_strdup(r, m->arena, wn_json_text(r, config, "name", ""));
    m->sample_rate = wn_json_number(r, config, "sample_rate", 0.0, 0.0, 1e8);
    m->head_scale = (float)wn_json_number(r, config, "head_scale", 1.0, -1e6, 1e6);
    wn_config_read_keys(r, m->arena, config, wn_config_level_keys, m);
    read_input(r, m, config);
    read_output(r, m, config);
    read_sampling(r, m, config);
    m->note = wn_config_strdup(r, m->arena, wn_json_text(r, config, "note", NULL));
    read_metadata(r, m, config);
    if (!r->status) wn_config_conditions(r, m, config, depth, read_nested);
    if (!r->status) wn_config_stacks(r, m, config);
    if (!r->status && version < wn_config_version(m))
        wn_json_fail(r, "version", "is %d, but there are keys of version %d", version, wn_config_version(m));
    if (!r->status) r->status = wn_model_check(m, r->file, r->error);
}

static wn_status read_nested(wn_model **out, const json_t *config, const char *where, int depth, wn_error *error)
{
    *out = NULL;
    if (!json_is_object(config))
        return wn_fail(error, WN_ERROR_FORMAT, where, "is no model config, expected an object");
    if (depth > WN_MAX_NESTING)
        return wn_fail(error, WN_ERROR_FORMAT, where, "is nested more than %d deep", WN_MAX_NESTING);
    wn_model *model = wn_model_new();
    if (!model) return wn_fail_memory(error, where);
    wn_json r = {where ? where : "", error, WN_OK, ""};
    read_model(&r, model, config, depth);
    if (r.status)
        wn_model_free(model);
    else
        *out = model;
    return r.status;
}

wn_status wn_config_read(wn_model **out, const json_t *config, const char *where, wn_error *error)
{
    return read_nested(out, config, where, 0, error);
}
