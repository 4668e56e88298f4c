/* SPDX-License-Identifier: MIT
 * cases.c - models, clips and chunks that the trainer's tests share.
 * Copyright (c) 2026 the wavenet authors */
#include "cases.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "format/config_read.h"
#include "format/json.h"
#include "model/tensors.h"

#define STACK "\"stacks\": [{\"channels\": 5, \"skip_channels\": 6, \"kernel\": 2, \"dilations\": [1, 2, 4]}]"
#define CLASSES \
    "\"input\": {\"classes\": 16, \"companding\": \"mulaw-midtread\"}, \"output\": {\"kind\": \"categorical\"}"
#define FEATURES(hop, stages) "\"condition\": {\"channels\": 3, \"hop\": " hop ", \"stages\": [" stages "]}"
#define CONTROLS \
    "\"controls\": [{\"name\": \"key\", \"min\": 21, \"max\": 108, \"default\": 60}, {\"name\": \"gate\", \"min\": " \
    "0, " \
    "\"max\": 1, \"default\": 1}]"

const test_config test_configs[] = {
    {"held hidden layer and excitation",
     "{\"sample_rate\": 16000, " CLASSES ", " CONTROLS
     ", \"condition\": {\"hop\": 4, \"features\": [{\"kind\": \"bumps\", "
     "\"control\": \"key\", \"n\": 3, \"lo\": 36, \"hi\": 96, \"sigma\": 20}], \"stages\": [{\"kind\": \"conv\", "
     "\"out\": 5, "
     "\"activation\": \"tanh\"}], \"excitation\": {\"harmonics\": [1, 3], \"key\": \"key\"}}, " STACK
     ", \"head\": [{\"out\": 7}, {}]}"},
    {"conv over frames, stretched",
     "{" CLASSES ", " FEATURES(
         "4", "{\"kind\": \"conv\", \"out\": 4, \"kernel\": 3, "
              "\"activation\": \"tanh\"}, {\"kind\": \"stretch\", \"factor\": 4}") ", " STACK ", \"head\": [{}]}"},
    {"linear stretch",
     "{" CLASSES ", " FEATURES("4", "{\"kind\": \"conv\", \"out\": 4}, {\"kind\": \"stretch\", \"factor\": 4, "
                                    "\"linear\": true}") ", " STACK ", \"head\": [{}]}"},
    {"smoothing",
     "{" CLASSES ", " FEATURES("4", "{\"kind\": \"stretch\", \"factor\": 2}, {\"kind\": \"smooth\", \"height\": 3, "
                                    "\"width\": 5, \"bias\": true, \"activation\": \"tanh\"}, {\"kind\": \"stretch\", "
                                    "\"factor\": 2}, {\"kind\": \"smooth\", "
                                    "\"height\": 1, \"width\": 5}") ", " STACK ", \"head\": [{}]}"},
    {"two-dimensional transposed",
     "{" CLASSES ", " FEATURES("6", "{\"kind\": \"transposed-2d\", \"height\": 3, \"factor\": 2, "
                                    "\"bias\": true, \"activation\": \"relu\"}, {\"kind\": \"transposed-2d\", "
                                    "\"height\": 1, \"factor\": 3}") ", " STACK ", \"head\": [{}]}"},
    {"transposed",
     "{" CLASSES ", " FEATURES("6", "{\"kind\": \"transposed\", \"out\": 4, \"kernel\": 5, \"factor\": 2, \"trim\": "
                                    "1, \"activation\": \"tanh\"}, {\"kind\": \"transposed\", \"out\": 3, \"kernel\": "
                                    "3, \"factor\": 3}") ", " STACK ", \"head\": [{}]}"},
    {"context and cut",
     "{" CLASSES ", " FEATURES("4", "{\"kind\": \"smooth\", \"height\": 3, \"width\": 3}, {\"kind\": \"cut\", "
                                    "\"trim\": 1}, {\"kind\": \"stretch\", \"factor\": 4}") ", " STACK
                                                                                            ", \"head\": [{}]}"},
    {"speakers", "{" CLASSES ", \"condition\": {\"global\": 4, \"speakers\": 3}, " STACK ", \"head\": [{}]}"},
    {"speakers and mel",
     "{" CLASSES ", \"condition\": {\"global\": 4, \"speakers\": 3, \"channels\": 3, \"hop\": 4, \"stages\": "
     "[{\"kind\": \"conv\", \"out\": 4}, {\"kind\": \"stretch\", \"factor\": 4}]}, " STACK ", \"head\": [{}]}"},
    {"global vector", "{" CLASSES ", \"condition\": {\"global\": 4}, " STACK ", \"head\": [{}]}"},
    {"mixture of logistics",
     "{\"output\": {\"kind\": \"logistics\", \"mixtures\": 4, \"log_scale_min\": -3}, " STACK ", \"head\": [{}]}"},
    {"mixture of Gaussians",
     "{\"output\": {\"kind\": \"gaussians\", \"mixtures\": 3, \"log_scale_min\": -3}, " STACK ", \"head\": [{}]}"},
    {"Gaussian", "{\"output\": {\"kind\": \"gaussian\", \"log_scale_min\": -3}, " STACK ", \"head\": [{}]}"},
};
const size_t test_n_configs = sizeof test_configs / sizeof *test_configs;

void test_stop(const wn_error *error)
{
    printf("%s: %s\n", error->where, error->message);
    abort();
}

static wn_status randomise(void *user, const char *name, float *data, int ndim, const int64_t *shape)
{
    int64_t n = 1, inputs = 1;
    for (int i = 0; i < ndim; i++) n *= shape[i];
    for (int i = 1; i < ndim; i++) inputs *= shape[i];
    for (int64_t i = 0; i < n; i++) data[i] = (float)(chance_normal(user) / sqrt((double)inputs));
    return WN_OK;
}

wn_model *test_model(chance *c, const char *json)
{
    wn_error error = {0};
    json_t *config;
    wn_model *model;
    if (wn_json_parse(&config, json, strlen(json), "config", &error)) test_stop(&error);
    if (wn_config_read(&model, config, "config", &error)) {
        printf("%s\n", json);
        test_stop(&error);
    }
    json_decref(config);
    wn_model_tensors(model, randomise, c);
    return model;
}

wn_real *test_reals(size_t n)
{
    wn_real *x = calloc(n + 1, sizeof *x);
    if (!x) abort();
    return x;
}

static float *floats(chance *c, int64_t n)
{
    float *x = calloc((size_t)n + 1, sizeof *x);
    if (!x) abort();
    for (int64_t i = 0; i < n; i++) x[i] = (float)(0.7 * chance_normal(c));
    return x;
}

/* ---- clips and chunks ------------------------------------------------------------------------------------------- */

int test_frames(const wn_tnet *net)
{
    int hop = net->condition.hop;
    return (48 + hop - 1) / hop * hop;
}

test_clip test_clip_of(chance *c, const wn_tnet *net, int frames)
{
    const wn_tcondition *k = &net->condition;
    test_clip clip = {.frames = frames};
    while (k->has_rows && wn_tcondition_length(k, clip.n_rows) < clip.frames) clip.n_rows++;
    clip.rows = floats(c, clip.n_rows * k->feature_channels);
    clip.vector = floats(c, k->global_channels);
    clip.speaker = k->embeds ? chance_int(c, 0, net->model->condition.n_speakers - 1) : 0;
    return clip;
}

test_clip test_clip_new(chance *c, const wn_tnet *net) { return test_clip_of(c, net, 2 * test_frames(net)); }

void test_clip_free(test_clip *clip)
{
    free(clip->rows);
    free(clip->vector);
}

static wn_tsegment segment(const test_clip *clip, int at, int frames, int first)
{
    return (wn_tsegment){.at = at,
                         .frames = frames,
                         .first = first,
                         .rows = clip->rows,
                         .n_rows = clip->n_rows,
                         .speaker = clip->speaker,
                         .vector = clip->vector};
}

static wn_real *signal_reals(chance *c, int n, double scale)
{
    wn_real *x = test_reals((size_t)n);
    for (int i = 0; i < n; i++) x[i] = (wn_real)(float)(scale * chance_normal(c));
    return x;
}

static int *classes(chance *c, int n, int n_classes)
{
    int *x = calloc((size_t)n, sizeof *x);
    if (!x) abort();
    for (int i = 0; i < n; i++) x[i] = n_classes ? chance_int(c, 0, n_classes - 1) : 0;
    return x;
}

void test_chunk_init(test_chunk *t, chance *c, const wn_tnet *net, const test_clip *clip, int first, int frames)
{
    int hop = net->condition.hop, split = frames / 2 / hop * hop, outputs = net->outputs;
    t->other = test_clip_new(c, net);
    t->segments[0] = segment(clip, 0, split ? split : frames, first);
    t->segments[1] = segment(&t->other, split, frames - split, 0);
    t->chunk =
        (wn_tchunk){.frames = frames,
                    .n_segments = split ? 2 : 1,
                    .segments = t->segments,
                    .pcm = signal_reals(c, frames * net->in_channels, 0.4),
                    .classes = classes(c, frames, net->n_classes),
                    .harmonic_source = signal_reals(c, frames * net->condition.harmonic_channels, 0.7),
                    .target = signal_reals(c, frames * outputs, 0.5),
                    .target_class = classes(c, frames, net->model->output == WN_OUTPUT_CATEGORICAL ? outputs : 0)};
}

void test_chunk_free(test_chunk *t)
{
    free((void *)t->chunk.pcm);
    free((void *)t->chunk.classes);
    free((void *)t->chunk.harmonic_source);
    free((void *)t->chunk.target);
    free((void *)t->chunk.target_class);
    test_clip_free(&t->other);
}
