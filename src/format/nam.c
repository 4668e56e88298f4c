/* SPDX-License-Identifier: MIT
 * nam.c - the file of an amp capture: limits, version, which network, and networks within networks.
 * Copyright (c) 2026 the wavenet authors */
#include "format/nam.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "format/nam_constants.h"
#include "format/nam_lists.h"
#include "format/nam_metadata.h"
#include "format/nam_plain.h"
#include "format/nam_reader.h"
#include "format/nam_slim.h"
#include "format/nam_wavenet.h"
#include "format/nam_weights.h"
#include "format/nam_write.h"
#include "model/check_model.h"
#include "model/description.h"

enum { MAX_SUBMODELS = 64 };

static wn_nam_network_fn read_root; /* of a file, or of a network within one */

/* ---- before parsing ----------------------------------------------------------------------------------------------- */

/* Bytes of the mark that some editors put before UTF-8. */
static size_t mark_length(const char *text, size_t size)
{
    return size >= 3 && !memcmp(text, "\xef\xbb\xbf", 3) ? 3 : 0;
}

/* Whether the bytes begin as JSON does; ask after safetensors, whose length may begin with the same bytes. */
static bool detect_capture(const void *data, size_t size)
{
    const char *text = data;
    size_t i = mark_length(text, size);
    while (i < size && (text[i] == ' ' || text[i] == '\t' || text[i] == '\r' || text[i] == '\n')) i++;
    return i < size && text[i] == '{';
}

/* Read `text`, of which `lists` may have been taken out. */
static wn_status read_text(wn_model **out, const char *text, size_t size, struct wn_nam_lists *lists, const char *name,
                           double slim, wn_error *error)
{
    json_t *root;
    *out = NULL;
    if (wn_nam_tree(text, size) > WN_NAM_MAX_TREE)
        return wn_fail(error, WN_ERROR_FORMAT, name, "holds more values than %d MB of memory", WN_NAM_MAX_TREE >> 20);
    wn_status status = wn_json_parse_duplicates(&root, &lists->duplicates, text, size, name, error);
    if (status) return status;
    wn_json r = {name, error, WN_OK, ""};
    *out = read_root(&r, lists, root, slim, 0);
    json_decref(root);
    return r.status;
}

/* Without its lists a good file is read ten times as fast. Of any other the parser sees the whole, so that messages name places
 * in the file itself, and numbers beside the networks stay what they are. */
static wn_status read_quickly_or_whole(wn_model **out, const char *text, size_t size, const char *name, double slim,
                                       wn_error *error)
{
    struct wn_nam_lists lists, none = {0};
    wn_status status = WN_ERROR_MEMORY;
    *out = NULL;
    if (wn_nam_lists_take(&lists, text, size))
        status = read_text(out, lists.text, lists.size, &lists, name, slim, error);
    else
        wn_fail(error, status, name, "out of memory");
    bool whole = status ? status != WN_ERROR_MEMORY : !wn_nam_lists_all_used(&lists);
    wn_nam_lists_free(&lists);
    if (!whole) return status;
    wn_model_free(*out);
    status = read_text(out, text, size, &none, name, slim, error);
    wn_nam_lists_free(&none);
    return status;
}

wn_status wn_nam_read(wn_model **out, const void *data, size_t size, const char *name, double slim, wn_error *error)
{
    *out = NULL;
    if (size > WN_NAM_MAX_FILE)
        return wn_fail(error, WN_ERROR_FORMAT, name, "is larger than %d bytes", WN_NAM_MAX_FILE);
    size_t mark = mark_length(data, size);
    const char *text = (const char *)data + mark;
    char *replaced = NULL;
    size_t n = size - mark;
    if (!wn_nam_replace_constants(&replaced, &n, text)) return wn_fail_memory(error, name);
    wn_status status = read_quickly_or_whole(out, replaced ? replaced : text, n, name, slim, error);
    free(replaced);
    return status;
}

static wn_status read_capture(wn_model **out, const wn_format_source *source, wn_error *error)
{
    return wn_nam_read(out, source->data, source->size, source->name, source->slim, error);
}

const wn_format wn_format_nam = {
    .name = "an amp capture (.nam)",
    .ending = ".nam",
    .max_size = WN_NAM_MAX_FILE,
    .can_slim = true,
    .detect = detect_capture,
    .read = read_capture,
    .write = wn_nam_write,
};

/* ---- root --------------------------------------------------------------------------------------------------------- */

/* Whole numbers between dots; false for anything else. */
static bool read_version(const char *text, int version[3])
{
    for (int i = 0; i < 3; i++) {
        if (!isdigit((unsigned char)*text)) return false;
        for (version[i] = 0; isdigit((unsigned char)*text); text++)
            if (version[i] < 100000) version[i] = 10 * version[i] + (*text - '0');
        if (*text++ != (i < 2 ? '.' : '\0')) return false;
    }
    return true;
}

static void check_version(wn_nam_reader *x, const json_t *root)
{
    int v[3] = {0};
    const char *text = wn_json_text(x->r, root, "version", "0.7.0");
    if (!read_version(text, v))
        wn_json_fail(x->r, "version", "is \"%.32s\", expected three numbers such as 0.7.0", text);
    else if (v[0] != 0 || v[1] < 5 || v[1] > 7)
        wn_json_refuse(x->r, "version", "is %.32s, but this program reads 0.5.0 to 0.7.x", text);
    else if (v[1] == 7 && v[2] > 0)
        wn_nam_note(x, "version %.32s is newer than 0.7.0, which this program was written for", text);
}

/* A file must say these four, and may say anything else beside them. */
static void check_root(wn_json *r, const struct wn_nam_lists *lists, const json_t *root, int depth)
{
    static const char *const keys[] = {"version", "architecture", "config", "weights"};
    if (!json_is_object(root)) wn_json_fail(r, "", "is no object, expected a .nam model");
    if (depth > WN_MAX_NESTING) wn_json_fail(r, "", "is nested more than %d deep", WN_MAX_NESTING);
    for (int i = 0; i < 4; i++)
        if (!wn_json_get(root, keys[i])) wn_json_fail(r, keys[i], "is missing, expected in every .nam model");
    wn_json_object(r, root, "config");
    if (!wn_nam_lists_find(lists, wn_json_get(root, "weights"))) wn_json_array(r, root, "weights", WN_NAM_MAX_FILE);
}

/* ---- networks ------------------------------------------------------------------------------------------------------ */

typedef enum architecture { WAVENET, CONVNET, LINEAR, CONTAINER, SEQUENTIAL, N_ARCHITECTURES } architecture;
static const char *const architectures[N_ARCHITECTURES] = {"WaveNet", "ConvNet", "Linear", "SlimmableContainer",
                                                           "Sequential"};

static void finish(wn_nam_reader *x)
{
    char where[192];
    wn_json_where(x->r, "", where, sizeof where);
    if (!x->r->status) x->r->status = wn_model_finish(x->model, where, x->r->error);
    if (x->r->status || x->slim >= 1.0) return;
    if (!x->can_slim)
        wn_json_refuse(x->r, "",
                       "cannot be slimmed: it is no container, and none of its layer arrays is \"slimmable\"");
    else
        wn_nam_slim(x);
    if (!x->r->status) x->r->status = wn_model_finish(x->model, where, x->r->error);
}

/* Hz; 0: unknown, for which players write -1. */
static double read_rate(wn_nam_reader *x, const json_t *root)
{
    if (json_number_value(wn_json_get(root, "sample_rate")) == -1) return 0;
    return wn_json_number(x->r, root, "sample_rate", 0.0, 1.0, 1e8);
}

static void read_network(wn_nam_reader *x, architecture a, const json_t *root, const json_t *container, int submodel)
{
    const json_t *config = wn_json_object(x->r, root, "config");
    x->weights = wn_json_get(root, "weights");
    x->model->sample_rate = read_rate(x, root);
    x->model->output = WN_OUTPUT_PCM;
    static void (*const describe[])(wn_nam_reader *, const json_t *) = {wn_nam_wavenet, wn_nam_convnet, wn_nam_linear};
    static void (*const fill[])(wn_nam_reader *) = {wn_nam_wavenet_weights, wn_nam_convnet_weights,
                                                    wn_nam_linear_weights};
    size_t mark = wn_json_enter(x->r, "config", -1);
    describe[a](x, config);
    wn_json_leave(x->r, mark);
    fill[a](x);
    wn_nam_keep(x, root, container, submodel);
    finish(x);
}

static architecture read_architecture(wn_json *r, const json_t *root)
{
    const char *text = wn_json_text(r, root, "architecture", "");
    if (!strcmp(text, "LSTM"))
        wn_json_refuse(r, "architecture",
                       "is LSTM, a recurrent network: this program runs stacks of convolutions only");
    return (architecture)wn_json_word(r, root, "architecture", 0, architectures, N_ARCHITECTURES);
}

/* What holds whole models has no weights of its own. An early draft of Sequential had all of them in one list, whose borders
 * cannot be told. */
static void check_no_weights(wn_json *r, const struct wn_nam_lists *lists, const json_t *root, const char *what)
{
    const json_t *weights = wn_json_get(root, "weights");
    if (json_array_size(weights) || wn_nam_lists_find(lists, weights))
        wn_json_fail(r, "weights", "lists weights, expected none in a %s", what);
}

/* ---- models in series ------------------------------------------------------------------------------------------------ */

static void add_link(wn_nam_reader *x, const json_t *entry, int i)
{
    wn_model *m = x->model;
    size_t mark = wn_json_enter(x->r, "models", i);
    wn_model *link = m->chain[i] = x->r->status ? NULL : read_root(x->r, x->lists, entry, 1.0, x->depth + 1);
    m->n_chain = i + 1;
    if (link && link->sample_rate && m->sample_rate && link->sample_rate != m->sample_rate)
        wn_json_fail(x->r, "sample_rate", "is %g, expected the %g of the models before, or of the file",
                     link->sample_rate, m->sample_rate);
    if (link && link->input.channels != (i ? m->chain[i - 1]->output_channels : link->input.channels))
        wn_json_fail(x->r, "", "takes %d channels, expected the %d of the model before", link->input.channels,
                     m->chain[i - 1]->output_channels);
    if (link && !m->sample_rate) m->sample_rate = link->sample_rate;
    if (link && link->note) wn_nam_note(x, "%s", link->note);
    wn_json_leave(x->r, mark);
}

static void read_links(wn_nam_reader *x, const json_t *config)
{
    static const char *const keys[] = {"models", NULL};
    wn_model *m = x->model;
    wn_nam_keys(x, config, keys);
    wn_json_need(x->r, config, "models");
    const json_t *list = wn_json_array(x->r, config, "models", WN_MAX_CHAIN);
    int n = (int)json_array_size(list);
    if (!n) wn_json_fail(x->r, "models", "is empty");
    if (!x->r->status && !(m->chain = wn_arena_alloc(m->arena, (size_t)n, sizeof(wn_model *)))) wn_json_memory(x->r);
    for (int i = 0; !x->r->status && i < n; i++) add_link(x, json_array_get(list, (size_t)i), i);
    if (x->r->status) return;
    m->input.channels = m->chain[0]->input.channels;
    m->output_channels = m->chain[n - 1]->output_channels;
}

static void read_sequence(wn_nam_reader *x, const json_t *root, const json_t *container, int submodel)
{
    check_no_weights(x->r, x->lists, root, "Sequential: each of its models has its own");
    if (x->slim < 1.0) wn_json_refuse(x->r, "", "cannot be slimmed: it is several models in series");
    x->model->sample_rate = read_rate(x, root);
    x->model->output = WN_OUTPUT_PCM;
    size_t mark = wn_json_enter(x->r, "config", -1);
    read_links(x, wn_json_object(x->r, root, "config"));
    wn_json_leave(x->r, mark);
    wn_nam_keep(x, root, container, submodel);
    finish(x);
}

/* What is no container. */
static wn_model *network(wn_json *r, struct wn_nam_lists *lists, architecture a, const json_t *root, double slim,
                         int depth, const json_t *container, int submodel)
{
    wn_nam_reader x = {.r = r, .lists = lists, .slim = slim, .depth = depth, .nested = read_root};
    check_version(&x, root);
    if (r->status) return NULL;
    if (lists->duplicates && (depth == 0 || container))
        wn_nam_note(&x, "a key stands twice in an object: the last value counts, as in players");
    x.model = wn_model_new();
    if (x.model && a == SEQUENTIAL)
        read_sequence(&x, root, container, submodel);
    else if (x.model)
        read_network(&x, a, root, container, submodel);
    else
        wn_json_memory(r);
    if (!r->status) return x.model;
    wn_model_free(x.model);
    return NULL;
}

/* ---- containers ------------------------------------------------------------------------------------------------------ */

/* The submodel for `slim`: the first whose max_value is above it, or the last. -1 after a failure. */
static int choose(wn_json *r, const json_t *list, double slim)
{
    static const char *const keys[] = {"max_value", "model", NULL};
    int n = (int)json_array_size(list), chosen = -1;
    double before = -INFINITY;
    for (int i = 0; i < n; i++) {
        const json_t *entry = json_array_get(list, (size_t)i);
        size_t mark = wn_json_enter(r, "submodels", i);
        if (!json_is_object(entry)) wn_json_fail(r, "", "is no object");
        wn_json_keys(r, entry, keys);
        wn_json_need(r, entry, "max_value");
        double max = wn_json_number(r, entry, "max_value", 0.0, -1e6, 1e6);
        if (max <= before) wn_json_fail(r, "max_value", "is %g, expected more than the %g before it", max, before);
        if (i == n - 1 && max < 1.0) wn_json_fail(r, "max_value", "is %g, expected 1 or more for the last", max);
        if (chosen < 0 && slim < max && slim < 1.0) chosen = i;
        before = max;
        wn_json_leave(r, mark);
    }
    return r->status ? -1 : chosen < 0 ? n - 1 : chosen;
}

/* Whether this program has a reader for the submodel. */
static bool is_known(const json_t *model)
{
    const char *name = json_string_value(json_object_get(model, "architecture"));
    for (int i = 0; name && i < N_ARCHITECTURES; i++)
        if (!strcmp(name, architectures[i])) return true;
    return false;
}

/* Submodels of the architectures that are read are all read, so that a file is good or bad whatever part of it is asked for.
 * All but one are dropped; of other architectures only that one matters. */
static wn_model *submodels(wn_json *r, struct wn_nam_lists *lists, const json_t *root, const json_t *list, int chosen,
                           int depth)
{
    wn_model *out = NULL;
    double rate = 0.0;
    bool any = false;
    for (int i = 0; !r->status && i < (int)json_array_size(list); i++) {
        const json_t *entry = json_array_get(list, (size_t)i), *inner = json_object_get(entry, "model");
        size_t mark = wn_json_enter(r, "submodels", i);
        size_t within = wn_json_enter(r, "model", -1);
        bool skipped = i != chosen && json_is_object(inner) && wn_json_get(inner, "architecture") && !is_known(inner);
        check_root(r, lists, inner, depth + 1);
        architecture a = r->status || skipped ? WAVENET : read_architecture(r, inner);
        if (a == CONTAINER) wn_json_refuse(r, "architecture", "is a container within a container");
        wn_model *m =
            r->status || skipped ? NULL : network(r, lists, a, inner, 1.0, depth + 1, i == chosen ? root : NULL, i);
        if (m && any && m->sample_rate != rate)
            wn_json_fail(r, "sample_rate", "is %g, expected the %g of the submodels before", m->sample_rate, rate);
        if (m) rate = m->sample_rate;
        any = any || m;
        if (i == chosen && !r->status)
            out = m;
        else
            wn_model_free(m);
        wn_json_leave(r, within);
        wn_json_leave(r, mark);
    }
    if (!r->status) return out;
    wn_model_free(out);
    return NULL;
}

/* The network remembers the container, so that a file written from it is whole. */
static void keep_container(wn_json *r, const struct wn_nam_lists *lists, const json_t *root, wn_model *model)
{
    json_t *whole = wn_nam_lists_restore(lists, root);
    char *text = whole ? json_dumps(whole, JSON_COMPACT) : NULL;
    model->container = text ? wn_arena_strdup(model->arena, text) : NULL;
    if (!model->container) wn_json_memory(r);
    json_decref(whole);
    free(text);
}

static wn_model *container(wn_json *r, struct wn_nam_lists *lists, const json_t *root, double slim, int depth)
{
    static const char *const keys[] = {"submodels", NULL};
    wn_nam_reader x = {.r = r};
    const json_t *config = wn_json_object(r, root, "config");
    check_version(&x, root);
    check_no_weights(r, lists, root, "container");
    size_t mark = wn_json_enter(r, "config", -1);
    wn_json_keys(r, config, keys);
    wn_json_need(r, config, "submodels");
    const json_t *list = wn_json_array(r, config, "submodels", MAX_SUBMODELS);
    if (!json_array_size(list)) wn_json_fail(r, "submodels", "is empty");
    int chosen = choose(r, list, slim);
    wn_model *model = r->status ? NULL : submodels(r, lists, root, list, chosen, depth);
    if (model && slim >= 1.0) keep_container(r, lists, root, model);
    wn_json_leave(r, mark);
    if (!r->status) return model;
    wn_model_free(model);
    return NULL;
}

static wn_model *read_root(wn_json *r, struct wn_nam_lists *lists, const json_t *root, double slim, int depth)
{
    check_root(r, lists, root, depth);
    architecture a = r->status ? WAVENET : read_architecture(r, root);
    if (r->status) return NULL;
    if (a == CONTAINER) return container(r, lists, root, slim, depth);
    return network(r, lists, a, root, slim, depth, NULL, 0);
}
