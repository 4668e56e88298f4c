/* SPDX-License-Identifier: MIT
 * recipe.c - reads a recipe: a JSON file with the model, the data and the options of a training run.
 * Copyright (c) 2026 the wavenet authors */
#include "train/recipe.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "format/json.h"

enum { MAX_BYTES = 1 << 24, MAX_PATH = 4096 };

/* `path`, relative to the folder of the file `base`. To be freed; NULL if memory fails. */
static char *resolve_path(const char *base, const char *path)
{
    const char *slash = strrchr(base, '/');
    size_t prefix = *path == '/' || !slash ? 0 : (size_t)(slash - base) + 1;
    char *out = malloc(prefix + strlen(path) + 1);
    if (!out) return NULL;
    memcpy(out, base, prefix);
    strcpy(out + prefix, path);
    return out;
}

static char *get_folder(const char *path)
{
    char *out = strdup(path);
    if (!out) return NULL;
    char *slash = strrchr(out, '/');
    if (slash)
        slash[slash == out] = '\0';
    else
        *out = '\0';
    return out;
}

static void read_data(wn_json *r, wn_recipe *out, const char *path)
{
    static const char *const known[] = {"manifest", "folder", "dry",     "wet", "lock_phase",
                                        "gain",     "slice",  "comment", NULL};
    const json_t *data = wn_json_object(r, out->json, "data");
    if (!data) {
        wn_json_fail(r, "data", "is missing, expected an object");
        return;
    }
    size_t mark = wn_json_enter(r, "data", -1);
    wn_json_keys(r, data, known);
    const char *manifest = wn_json_text(r, data, "manifest", NULL), *folder = wn_json_text(r, data, "folder", NULL);
    const char *dry = wn_json_text(r, data, "dry", NULL), *wet = wn_json_text(r, data, "wet", NULL);
    if (!dry != !wet) wn_json_fail(r, dry ? "wet" : "dry", "is missing, expected both recordings of a pair");
    if (dry && manifest) wn_json_fail(r, "manifest", "is given beside a pair, expected one of them");
    if (!dry && (!manifest || !*manifest)) wn_json_fail(r, "manifest", "is missing, expected the name of a CSV file");
    out->lock_phase = wn_json_bool(r, data, "lock_phase", true);
    out->gain = wn_json_number(r, data, "gain", 1, 1e-6, 1e6);
    out->slice = wn_json_number(r, data, "slice", 0, 0, 1e6);
    wn_json_leave(r, mark);
    if (r->status) return;
    if (dry) {
        out->dry = resolve_path(path, dry);
        out->wet = resolve_path(path, wet);
        return;
    }
    out->manifest = resolve_path(path, manifest);
    out->folder = folder ? resolve_path(path, folder) : out->manifest ? get_folder(out->manifest) : NULL;
}

static void read_exponents(wn_json *r, const json_t *object, const char *key, double *from, double *to)
{
    const json_t *pair = wn_json_array(r, object, key, 2);
    if (!pair) return;
    const json_t *a = json_array_get(pair, 0), *b = json_array_get(pair, 1);
    if (!json_is_number(a) || !json_is_number(b) || fabs(json_number_value(a)) > 20 ||
        fabs(json_number_value(b)) > 20) {
        wn_json_fail(r, key, "is not two exponents of ten, as in [-4, -1.3]");
        return;
    }
    *from = json_number_value(a);
    *to = json_number_value(b);
}

static void read_augmentation(wn_json *r, const json_t *train, wn_augmentation *c)
{
    static const char *const known[] = {"share",       "remove", "remove_noise", "remove_noise_log10",
                                        "gain",        "slope",  "class_noise",  "noise",
                                        "noise_log10", "drift",  "drift_log10",  NULL};
    const json_t *object = wn_json_object(r, train, "corruption");
    *c = (wn_augmentation){0};
    if (!object) return;
    *c = wn_augmentation_default();
    size_t mark = wn_json_enter(r, "corruption", -1);
    wn_json_keys(r, object, known);
    c->share = wn_json_number(r, object, "share", c->share, 0, 1);
    c->remove = wn_json_number(r, object, "remove", c->remove, 0, 1);
    c->remove_noise = wn_json_number(r, object, "remove_noise", c->remove_noise, 0, 1);
    c->gain = wn_json_number(r, object, "gain", c->gain, 0, 10);
    c->slope = wn_json_number(r, object, "slope", c->slope, 0, 1);
    c->class_noise = wn_json_number(r, object, "class_noise", c->class_noise, 0, 1e6);
    c->noise = wn_json_number(r, object, "noise", c->noise, 0, 1);
    read_exponents(r, object, "remove_noise_log10", &c->remove_from, &c->remove_to);
    read_exponents(r, object, "noise_log10", &c->noise_from, &c->noise_to);
    c->drift = wn_json_number(r, object, "drift", c->drift, 0, 1);
    read_exponents(r, object, "drift_log10", &c->drift_from, &c->drift_to);
    if (c->remove > c->share) wn_json_fail(r, "remove", "is %g, more than share, %g", c->remove, c->share);
    wn_json_leave(r, mark);
}

static void read_loss(wn_json *r, const json_t *train, wn_tloss *loss)
{
    static const char *const known[] = {"squared", "esr", "pre_emphasis", NULL};
    const json_t *object = wn_json_object(r, train, "loss");
    *loss = (wn_tloss){.squared = 0, .esr = 1, .pre_emphasis = 0};
    if (!object) return;
    size_t mark = wn_json_enter(r, "loss", -1);
    wn_json_keys(r, object, known);
    loss->squared = wn_json_number(r, object, "squared", 0, 0, 1e6);
    loss->esr = wn_json_number(r, object, "esr", 1, 0, 1e6);
    loss->pre_emphasis = wn_json_number(r, object, "pre_emphasis", 0, -1, 1);
    if (loss->squared + loss->esr <= 0) wn_json_fail(r, "", "weighs nothing, expected squared or esr above 0");
    wn_json_leave(r, mark);
}

static void read_betas(wn_json *r, const json_t *train, wn_recipe *out)
{
    const json_t *betas = wn_json_array(r, train, "betas", 2);
    out->beta1 = 0.9;
    out->beta2 = 0.999;
    if (!betas) return;
    out->beta1 = json_number_value(json_array_get(betas, 0));
    out->beta2 = json_number_value(json_array_get(betas, 1));
    if (json_array_size(betas) != 2 || !(out->beta1 >= 0 && out->beta1 < 1) || !(out->beta2 > 0 && out->beta2 < 1))
        wn_json_fail(r, "betas", "are not two numbers from 0 to below 1");
}

/* Read a whole number that may exceed the range of int. */
static int64_t read_count(wn_json *r, const json_t *object, const char *key, int64_t default_value, double max)
{
    double value = wn_json_number(r, object, key, (double)default_value, 0, max);
    if (value != floor(value)) wn_json_fail(r, key, "is %g, expected a whole number", value);
    return (int64_t)value;
}

static void read_length(wn_json *r, const json_t *train, wn_recipe *out)
{
    int64_t samples = read_count(r, train, "samples", 0, 1e15), samples_per_step = (int64_t)out->streams * out->chunk;
    out->steps = read_count(r, train, "steps", 0, 1e12);
    out->minutes = wn_json_number(r, train, "minutes", 0, 0, 1e6);
    if (out->steps && samples) wn_json_fail(r, "samples", "and steps are both given, expected one of them");
    if (out->minutes && (out->steps || samples))
        wn_json_fail(r, "minutes", "and %s are both given, expected one of them", samples ? "samples" : "steps");
    if (!out->steps) out->steps = (samples + samples_per_step - 1) / samples_per_step;
    if (!out->steps && !out->minutes) wn_json_fail(r, "steps", "is missing, expected steps, samples or minutes");
}

static void read_schedule(wn_json *r, const json_t *train, wn_recipe *out)
{
    out->streams = wn_json_int(r, train, "streams", 12, 1, 4096);
    out->chunk = wn_json_int(r, train, "chunk", 960, 1, 1 << 20);
    out->slots = wn_json_int(r, train, "slots", 4, 1, 64);
    read_length(r, train, out);
    out->seed = (uint64_t)read_count(r, train, "seed", 1, 9e15);
    out->warmup = read_count(r, train, "warmup", 200, 1e12);
    out->validate_every = read_count(r, train, "validate_every", 2000, 1e12);
    out->validate_samples = read_count(r, train, "validate_samples", 1000000, 1e15);
    out->early_ema_steps = read_count(r, train, "average_early_steps", 2000, 1e12);
    out->checkpoint_seconds = wn_json_number(r, train, "checkpoint_every_seconds", 300, 0, 1e9);
    out->render = wn_json_number(r, train, "render", 0, 0, 600);
}

static void read_init(wn_json *r, const json_t *train, wn_recipe *out, const char *path)
{
    const char *init = wn_json_text(r, train, "init", NULL);
    if (init && !*init) wn_json_fail(r, "init", "is empty, expected the name of a model file");
    if (!init || r->status) return;
    out->init = resolve_path(path, init);
    if (!out->init) wn_json_memory(r);
}

static void read_train(wn_json *r, wn_recipe *out, const char *path)
{
    static const char *const known[] = {"streams",
                                        "chunk",
                                        "slots",
                                        "steps",
                                        "samples",
                                        "minutes",
                                        "init",
                                        "seed",
                                        "learning_rate",
                                        "warmup",
                                        "final",
                                        "betas",
                                        "clip",
                                        "average",
                                        "average_early",
                                        "average_early_steps",
                                        "validate_every",
                                        "validate_samples",
                                        "checkpoint_every_seconds",
                                        "render",
                                        "corruption",
                                        "loss",
                                        "comment",
                                        NULL};
    const json_t *train = wn_json_object(r, out->json, "train");
    if (!train) {
        wn_json_fail(r, "train", "is missing, expected an object");
        return;
    }
    size_t mark = wn_json_enter(r, "train", -1);
    wn_json_keys(r, train, known);
    read_schedule(r, train, out);
    read_init(r, train, out, path);
    out->learning_rate = wn_json_number(r, train, "learning_rate", 2e-3, 0, 10);
    out->final_rate = wn_json_number(r, train, "final", 0.02, 0, 1);
    out->clip = wn_json_number(r, train, "clip", 1, 1e-9, 1e9);
    out->ema_decay = wn_json_number(r, train, "average", 0.999, 0, 1);
    out->early_ema_decay = wn_json_number(r, train, "average_early", fmin(0.99, out->ema_decay), 0, 1);
    read_betas(r, train, out);
    read_augmentation(r, train, &out->augmentation);
    read_loss(r, train, &out->loss);
    wn_json_leave(r, mark);
}

wn_status wn_recipe_parse(wn_recipe *out, const char *text, size_t size, const char *path, wn_error *error)
{
    static const char *const known[] = {"name", "model", "data", "train", "comment", NULL};
    wn_json r = {.file = path, .error = error};
    *out = (wn_recipe){0};
    wn_status status = wn_json_parse(&out->json, text, size, path, error);
    if (status) return status;
    if (!json_is_object(out->json))
        wn_json_fail(&r, NULL, "is not a JSON object");
    else
        wn_json_keys(&r, out->json, known);
    if (r.status) return r.status;
    out->name = wn_json_text(&r, out->json, "name", "");
    out->model = wn_json_object(&r, out->json, "model");
    if (!out->model) wn_json_fail(&r, "model", "is missing, expected an object");
    read_data(&r, out, path);
    read_train(&r, out, path);
    bool whole = out->dry || out->wet ? out->dry && out->wet : out->manifest && out->folder;
    if (!r.status && !whole) return wn_fail_memory(error, NULL);
    return r.status;
}

wn_status wn_recipe_read(wn_recipe *out, const char *path, wn_error *error)
{
    void *text = NULL;
    size_t size = 0;
    *out = (wn_recipe){0};
    wn_status status = wn_file_read(&text, &size, path, MAX_BYTES, error);
    if (!status) status = wn_recipe_parse(out, text, size, path, error);
    free(text);
    return status;
}

void wn_recipe_clear(wn_recipe *recipe)
{
    json_decref(recipe->json);
    free(recipe->manifest);
    free(recipe->folder);
    free(recipe->init);
    free(recipe->dry);
    free(recipe->wet);
    *recipe = (wn_recipe){0};
}
