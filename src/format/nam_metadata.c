/* SPDX-License-Identifier: MIT
 * nam_metadata.c - what an amp capture says about itself: into the description, and back into a file.
 * Copyright (c) 2026 the wavenet authors */
#include "format/nam_metadata.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "model/check.h"

/* Key, within the metadata of a description, of what stood outside the metadata of the file. */
static const char beside[] = "nam";
static const char slimmable[] = "slimmable";

/* Keys that have fields of their own in the description. */
static const char *const levels[] = {"loudness", "input_level_dbu", "output_level_dbu"};

static double *level_of(wn_model *m, int i)
{
    return i == 0 ? &m->loudness : i == 1 ? &m->input_level_dbu : &m->output_level_dbu;
}

/* Moves what is known from the metadata into the description. */
static void take_known(wn_nam_reader *x, json_t *metadata)
{
    wn_model *m = x->model;
    size_t mark = wn_json_enter(x->r, "metadata", -1);
    for (int i = 0; i < 3; i++) {
        const json_t *value = wn_json_get(metadata, levels[i]);
        if (value && !json_is_number(value)) {
            wn_nam_note(x, "metadata.%s is no number and left out", levels[i]);
            continue;
        }
        *level_of(m, i) = wn_json_number(x->r, metadata, levels[i], NAN, -WN_MAX_LEVEL, WN_MAX_LEVEL);
        json_object_del(metadata, levels[i]);
    }
    wn_json_leave(x->r, mark);
    const char *name = json_string_value(json_object_get(metadata, "name"));
    if (x->r->status || !name || !*name || !wn_check_printable(name)) return;
    m->name = wn_arena_strdup(m->arena, name);
    if (!m->name) wn_json_memory(x->r);
    json_object_del(metadata, "name");
}

static bool is_network(const char *key)
{
    static const char *const keys[] = {"config", "weights", "metadata", "sample_rate"};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (!strcmp(keys[i], key)) return true;
    return false;
}

/* The limits of a container's submodels, and which of them this is. */
static bool put_container(json_t *object, const json_t *container, int submodel)
{
    const json_t *list = json_object_get(json_object_get(container, "config"), "submodels");
    json_t *limits = json_array();
    bool good = !json_object_set_new(object, "submodels", limits);
    good = good && !json_object_set_new(object, "submodel", json_integer(submodel));
    for (size_t i = 0; good && i < json_array_size(list); i++)
        good = !json_array_append(limits, json_object_get(json_array_get(list, i), "max_value"));
    return good;
}

/* How each layer array may be slimmed: a description has no place for it, but a file written from it should say it again. */
static bool put_slimmable(json_t *object, const json_t *root)
{
    const json_t *arrays = json_object_get(json_object_get(root, "config"), "layers");
    json_t *list = json_array();
    bool good = !json_object_set_new(object, slimmable, list);
    for (size_t i = 0; good && i < json_array_size(arrays); i++) {
        json_t *value = json_object_get(json_array_get(arrays, i), slimmable);
        good = !json_array_append_new(list, value ? json_incref(value) : json_null());
    }
    return good;
}

/* Everything at the root that is not the network itself: version, architecture, and keys nobody has heard of. */
static json_t *root_facts(const wn_nam_reader *x, const json_t *root, const json_t *container, int submodel)
{
    json_t *object = json_object(), *value;
    const char *key;
    bool good = object != NULL;
    json_object_foreach ((json_t *)root, key, value)
        if (good && !is_network(key)) good = !json_object_set(object, key, value);
    if (good && container) good = put_container(object, container, submodel);
    if (good && x->slim < 1.0) good = !json_object_set_new(object, "slim", json_real(x->slim));
    if (good && x->can_slim && x->slim >= 1.0) good = put_slimmable(object, root);
    if (good) return object;
    json_decref(object);
    return NULL;
}

/* The file's metadata, and for a submodel what the container adds to it. */
static json_t *all_metadata(wn_nam_reader *x, const json_t *root, const json_t *container)
{
    const json_t *own = wn_json_object(x->r, root, "metadata");
    json_t *metadata = own ? json_copy((json_t *)own) : json_object();
    const json_t *outer = container ? wn_json_object(x->r, container, "metadata") : NULL;
    if (metadata && outer && json_object_update_missing(metadata, (json_t *)outer)) {
        json_decref(metadata);
        metadata = NULL;
    }
    return metadata;
}

void wn_nam_keep(wn_nam_reader *x, const json_t *root, const json_t *container, int submodel)
{
    wn_arena *arena = x->model->arena;
    if (x->r->status) return;
    json_t *metadata = all_metadata(x, root, container);
    if (metadata) take_known(x, metadata);
    bool good = metadata && !json_object_set_new(metadata, beside, root_facts(x, root, container, submodel));
    char *text = good ? json_dumps(metadata, JSON_COMPACT) : NULL;
    json_decref(metadata);
    x->model->metadata = text ? wn_arena_strdup(arena, text) : NULL;
    free(text);
    if (*x->note) {
        wn_one_line(x->note);
        x->model->note = wn_arena_strdup(arena, x->note);
    }
    if (!x->model->metadata || (*x->note && !x->model->note)) wn_json_memory(x->r);
}

/* ---- back ------------------------------------------------------------------------------------------------------------- */

/* Keys that a file of another version, shape or size had. */
static bool is_stale(const char *key)
{
    static const char *const keys[] = {"version", "architecture", "submodels", "submodel", "slim", "slimmable"};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (!strcmp(keys[i], key)) return true;
    return false;
}

/* Training as this program's trainer tells it, in the structure that other programs read: whether the checks passed, by
 * how much the output lagged, and the error of validation. The recipe stands beside it under "wavenet", without the time
 * that the training took, so that equal runs give equal files. */
static bool put_training(json_t *metadata)
{
    json_t *own = json_object_get(metadata, "training"), *recipe = json_object_get(own, "recipe");
    const json_t *pair = json_object_get(own, "pair"), *esr = json_object_get(own, "validation_esr");
    if (!recipe) return true;
    bool passed = !pair || json_is_true(json_object_get(pair, "passed"));
    json_t *network = json_deep_copy(recipe);
    json_object_del(network, "data"); /* names of somebody's files, which are no one else's business */
    json_t *run = json_pack("{s:o?, s:O?}", "recipe", network, "steps", json_object_get(own, "steps"));
    json_t *warnings = json_pack("{s:b, s:b}", "matches_lookahead", 0, "disagreement_too_high", 0);
    json_t *delay = pair ? json_deep_copy(json_object_get(pair, "delay")) : json_integer(0);
    json_t *calibration = json_pack("{s:i, s:[O?], s:i, s:o?, s:o}", "algorithm_version", 1, "delays", delay,
                                    "safety_factor", 0, "recommended", delay, "warnings", warnings);
    json_t *data = json_pack("{s:{s:n, s:o}, s:{s:i, s:b}}", "latency", "manual", "calibration", calibration, "checks",
                             "version", 1, "passed", passed);
    json_t *training = json_pack("{s:{s:b}, s:o}", "settings", "ignore_checks",
                                 json_is_true(json_object_get(own, "ignore_checks")), "data", data);
    bool good =
        run && training && !json_object_set_new(training, "validation_esr", esr ? json_deep_copy(esr) : json_null());
    good = good && !json_object_set(metadata, "training", training) && !json_object_set(metadata, "wavenet", run);
    json_decref(training);
    json_decref(run);
    return good;
}

bool wn_nam_restore(const wn_model *model, json_t *root)
{
    json_t *metadata = model->metadata ? json_loads(model->metadata, 0, NULL) : json_object(), *value;
    bool good = metadata && !json_object_set_new(root, "metadata", metadata);
    if (!good) return false;
    const char *key;
    json_t *facts = json_incref(json_object_get(metadata, beside));
    json_object_foreach (facts, key, value)
        if (good && !is_stale(key) && !is_network(key)) good = !json_object_set(root, key, value);
    json_decref(facts);
    json_object_del(metadata, beside);
    good = good && put_training(metadata);
    if (model->name && *model->name) good = good && !json_object_set_new(metadata, "name", json_string(model->name));
    for (int i = 0; i < 3; i++) {
        double level = *level_of((wn_model *)model, i);
        if (!isnan(level)) good = good && !json_object_set_new(metadata, levels[i], json_real(level));
    }
    return good;
}

/* Whether an array of so many channels may be slimmed as `value` says: what is kept of it ends with all of them. */
static bool is_slimmable(const json_t *value, int channels)
{
    const json_t *list = json_object_get(json_object_get(value, "kwargs"), "allowed_channels");
    size_t n = json_array_size(list);
    return json_is_object(value) && (!list || (n && json_integer_value(json_array_get(list, n - 1)) == channels));
}

bool wn_nam_restore_slimmable(const wn_model *model, json_t *arrays)
{
    json_t *metadata = model->metadata ? json_loads(model->metadata, 0, NULL) : NULL;
    const json_t *list = json_object_get(json_object_get(metadata, beside), slimmable);
    bool good = true;
    for (size_t i = 0; i < json_array_size(list) && i < (size_t)model->n_stacks; i++) {
        json_t *value = json_array_get(list, i);
        if (is_slimmable(value, model->stacks[i].channels) &&
            json_object_set(json_array_get(arrays, i), slimmable, value))
            good = false;
    }
    json_decref(metadata);
    return good;
}
