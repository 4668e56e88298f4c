/* SPDX-License-Identifier: MIT
 * sample.c - networks for the tests of measurement and verification.
 * Copyright (c) 2026 the wavenet authors */
#include "sample.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/random_sequence.h"
#include "model/check_model.h"
#include "model/description.h"
#include "model/tensors.h"

const sample_shape sample_shapes[] = {
    {.name = "classes, gated, k2",
     .classes = 32,
     .channels = 8,
     .bottleneck = 6,
     .skip = 5,
     .kernel = 2,
     .n_layers = 8,
     .dilations = {1, 2, 4, 8, 1, 2, 4, 8},
     .gating = WN_GATING_GATED},
    {.name = "classes, first conv k2, global",
     .classes = 16,
     .channels = 7,
     .bottleneck = 9,
     .skip = 3,
     .kernel = 2,
     .n_layers = 4,
     .dilations = {1, 2, 4, 8},
     .first_kernel = 2,
     .held = 3,
     .gating = WN_GATING_GATED},
    {.name = "pcm, k3, running skip",
     .channels = 12,
     .bottleneck = 8,
     .skip = 10,
     .kernel = 3,
     .n_layers = 6,
     .dilations = {1, 2, 4, 1, 2, 4},
     .gating = WN_GATING_GATED,
     .skip_sum = WN_SKIP_RUNNING},
    {.name = "holes", .channels = 4, .bottleneck = 4, .skip = 4, .kernel = 3, .n_layers = 3, .dilations = {2, 2, 2}},
    {.name = "amp capture, two arrays",
     .channels = 8,
     .bottleneck = 8,
     .kernel = 3,
     .n_layers = 7,
     .dilations = {1, 2, 4, 8, 16, 32, 64},
     .stacks = 2,
     .head_kernel = 1,
     .from_input = true},
    {.name = "long head",
     .channels = 3,
     .bottleneck = 3,
     .kernel = 6,
     .n_layers = 5,
     .dilations = {1, 3, 7, 17, 41},
     .head_kernel = 16,
     .from_input = true},
    {.name = "A1",
     .channels = 4,
     .bottleneck = 4,
     .kernel = 3,
     .n_layers = 10,
     .dilations = {1, 2, 4, 8, 16, 32, 64, 128, 256, 512},
     .stacks = 2,
     .head_kernel = 1,
     .from_input = true},
    {.name = "A2",
     .channels = 3,
     .bottleneck = 3,
     .kernel = 6,
     .n_layers = 23,
     .dilations = {1, 3, 7, 17, 41, 101, 239, 1, 3, 7, 17, 41, 101, 239, 1, 13, 1, 3, 7, 17, 41, 101, 239},
     .kernels = {[14] = 15, [15] = 15},
     .head_kernel = 16,
     .from_input = true},
    {.name = "groups, blended",
     .channels = 12,
     .bottleneck = 6,
     .skip = 6,
     .kernel = 3,
     .n_layers = 4,
     .dilations = {1, 2, 4, 8},
     .groups = 3,
     .gating = WN_GATING_BLENDED},
    {.name = "plain",
     .channels = 5,
     .bottleneck = 5,
     .kernel = 2,
     .n_layers = 5,
     .dilations = {1, 2, 4, 8, 16},
     .plain = true},
    {.name = "no residual",
     .channels = 4,
     .bottleneck = 4,
     .kernel = 3,
     .n_layers = 3,
     .dilations = {1, 5, 2},
     .no_residual = true},
    {.name = "nested condition",
     .channels = 4,
     .bottleneck = 4,
     .kernel = 3,
     .n_layers = 3,
     .dilations = {1, 2, 4},
     .head_kernel = 1,
     .from_input = true,
     .nested = true},
    {.name = "stereo",
     .inputs = 2,
     .channels = 6,
     .bottleneck = 6,
     .kernel = 3,
     .n_layers = 4,
     .dilations = {1, 3, 9, 27},
     .head_kernel = 2,
     .from_input = true},
    {.name = "film",
     .channels = 4,
     .bottleneck = 4,
     .kernel = 3,
     .n_layers = 3,
     .dilations = {1, 2, 4},
     .head_kernel = 1,
     .from_input = true,
     .film = true},
    {.name = "fifty layers",
     .channels = 4,
     .bottleneck = 4,
     .skip = 4,
     .kernel = 2,
     .n_layers = 50,
     .dilations = {1,   2,   4,   8,   16,  32,  64, 128, 256, 512, 1,   2,   4,   8,   16,  32, 64,
                   128, 256, 512, 1,   2,   4,   8,  16,  32,  64,  128, 256, 512, 1,   2,   4,  8,
                   16,  32,  64,  128, 256, 512, 1,  2,   4,   8,   16,  32,  64,  128, 256, 512},
     .first_kernel = 2,
     .gating = WN_GATING_GATED},
    {.name = "sixteen taps, overflowing",
     .channels = 2,
     .bottleneck = 2,
     .kernel = 16,
     .n_layers = 40,
     .dilations = {1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2,
                   1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2},
     .skip = 2},
};
const int n_sample_shapes = sizeof sample_shapes / sizeof *sample_shapes;

static void must(bool ok, const char *what, const wn_error *error)
{
    if (ok) return;
    printf("%s: %s: %s\n", what, error->where, error->message);
    exit(1);
}

static void conv(wn_model *m, wn_conv *c, int in, int out, int kernel, int dilation, int groups, bool bias)
{
    wn_error error = {0};
    must(!wn_conv_init(m->arena, c, in, out, kernel, dilation, groups, bias, "sample", &error), "conv", &error);
}

static void make_film(wn_model *m, wn_film *film, int condition, int width)
{
    *film = (wn_film){.active = true, .shift = true};
    conv(m, &film->conv, condition, 2 * width, 1, 1, 1, true);
}

static void make_layer(wn_model *m, wn_layer *l, const sample_shape *s, int index, int local)
{
    int u = s->gating ? 2 * s->bottleneck : s->bottleneck;
    int kernel = s->kernels[index] ? s->kernels[index] : s->kernel;
    conv(m, &l->conv, s->channels, u, kernel, s->dilations[index], s->groups ? s->groups : 1, true);
    if (local) conv(m, &l->mixin, local, u, 1, 1, 1, false);
    if (s->held) conv(m, &l->held, s->held, u, 1, 1, 1, false);
    if (s->skip) conv(m, &l->skip, s->bottleneck, s->skip, 1, 1, 1, true);
    if (!s->plain && !s->no_residual) conv(m, &l->residual, s->bottleneck, s->channels, 1, 1, 1, true);
    l->gating = s->gating;
    l->act.kind = WN_ACT_TANH;
    l->gate.kind = WN_ACT_SIGMOID;
    l->bottleneck = s->bottleneck;
    l->plain = s->plain;
    if (s->film) make_film(m, &l->film[WN_FILM_CONV_PRE], local, s->channels);
    if (s->film) make_film(m, &l->film[WN_FILM_ACT_POST], local, s->bottleneck);
}

static int skip_width(const sample_shape *s) { return s->skip ? s->skip : s->bottleneck; }

static void make_stack(wn_model *m, int index, const sample_shape *s, int local)
{
    wn_stack *st = &m->stacks[index];
    int input = index ? s->channels : s->classes ? s->classes : m->input.channels;
    st->channels = s->channels;
    st->skip_channels = skip_width(s);
    st->skip_sum = s->skip_sum;
    st->plain_output = s->plain;
    st->n_layers = s->n_layers;
    st->layers = wn_layers_new(m->arena, s->n_layers);
    conv(m, &st->rechannel, input, s->channels, index || !s->first_kernel ? 1 : s->first_kernel, 1, 1, true);
    for (int i = 0; i < s->n_layers; i++) make_layer(m, &st->layers[i], s, i, local);
    if (!s->head_kernel) return;
    bool last = index == m->n_stacks - 1;
    conv(m, &st->head, skip_width(s), last ? m->output_channels : skip_width(s), s->head_kernel, 1, 1, true);
}

/* Uniform weights that keep the signal's size about constant from layer to layer. */
static wn_status fill(void *user, const char *name, float *data, int ndim, const int64_t *shape)
{
    int64_t n = 1, fan_in = 1;
    for (int i = 0; i < ndim; i++) n *= shape[i];
    for (int i = 1; i < ndim; i++) fan_in *= shape[i];
    float size = ndim == 1 ? 0.1f : 1.7f;
    while (fan_in > 1) {
        size *= 0.5f; /* 1/sqrt(fan in), to a factor of two */
        fan_in /= 4;
    }
    for (int64_t i = 0; i < n; i++) data[i] = size * wn_random_sequence_signal(user);
    return WN_OK;
}

static wn_model *make_nested(void)
{
    static const sample_shape shape = {.name = "inner",
                                       .channels = 3,
                                       .bottleneck = 3,
                                       .kernel = 2,
                                       .n_layers = 3,
                                       .dilations = {1, 2, 4},
                                       .head_kernel = 3,
                                       .from_input = true};
    return sample_model(&shape);
}

wn_model *sample_model(const sample_shape *s)
{
    wn_error error = {0};
    wn_model *m = wn_model_new();
    must(m != NULL, "memory", &error);
    m->name = wn_arena_strdup(m->arena, s->name);
    m->sample_rate = 16000;
    m->input.channels = s->inputs ? s->inputs : 1;
    m->input.n_classes = s->classes;
    m->input.companding = s->classes ? WN_MULAW_TRUNC : WN_COMPANDING_NONE;
    m->output = s->classes ? WN_OUTPUT_CATEGORICAL : WN_OUTPUT_PCM;
    m->autoregressive = s->classes > 0;
    m->output_channels = s->classes ? s->classes : s->head_kernel ? 1 : s->plain ? s->channels : skip_width(s);
    m->condition.source = s->from_input ? WN_CONDITION_INPUT : WN_CONDITION_NONE;
    m->condition.global_channels = s->held;
    if (s->nested) m->condition.nested = make_nested();
    int local = !s->from_input ? 0 : s->nested ? m->condition.nested->output_channels : m->input.channels;
    m->n_stacks = s->stacks ? s->stacks : 1;
    m->stacks = wn_stacks_new(m->arena, m->n_stacks);
    for (int i = 0; i < m->n_stacks; i++) make_stack(m, i, s, local);
    if (s->classes) {
        m->n_head = 1;
        m->head = wn_arena_alloc(m->arena, 1, sizeof *m->head);
        m->head[0].act.kind = WN_ACT_RELU;
        conv(m, &m->head[0].conv, skip_width(s), s->classes, 1, 1, 1, true);
    }
    wn_random_sequence noise = wn_random_sequence_start(2, 0, 0); /* seed 1 draws a sample that ignores its input */
    wn_model_tensors(m, fill, &noise);
    must(!wn_model_finish(m, s->name, &error), s->name, &error);
    return m;
}

const char *sample_vector(int index)
{
    static const char *const cases[] = {"legacy_mol_convtranspose", "real_mol_global", "tiny_gauss_k2",
                                        "tiny_mel_upsample",        "tiny_mol_k3",     "tiny_mulaw_k2_global"};
    static char path[1024];
    const char *root = getenv("WAVENET_VECTORS");
    if (!root || index >= (int)(sizeof cases / sizeof *cases)) return NULL;
    snprintf(path, sizeof path, "%s/wavenet_vocoder/%s", root, cases[index]);
    return path;
}
