/* SPDX-License-Identifier: MIT
 * drawn.c - see drawn.h.
 * Copyright (c) 2026 the wavenet authors */
#include "drawn.h"
#include "model/check_model.h"
#include "model/description.h"

#include <stdio.h>
#include <stdlib.h>

typedef struct draft {
    chance *c;
    const drawn_request *request;
    wn_model *m;
    wn_arena *arena;
} draft;

static const int widths[] = {1, 2, 3, 4, 5, 7, 8, 12, 16, 17, 20};

static int a_width(draft *d)
{
    return d->request->width ? d->request->width
                             : widths[chance_int(d->c, 0, (int)(sizeof widths / sizeof *widths) - 1)];
}

static void *need(void *p)
{
    if (!p) abort();
    return p;
}

/* ---- parts --------------------------------------------------------------------------------------------------------- */

float *drawn_floats(chance *c, wn_arena *arena, int n, double scale)
{
    float *x = need(wn_arena_alloc(arena, (size_t)n, sizeof *x));
    for (int i = 0; i < n; i++) x[i] = (float)(scale * chance_normal(c));
    return x;
}

void drawn_conv(chance *c, wn_arena *arena, wn_conv *conv, int in, int out, int kernel, int dilation, int groups,
                bool bias)
{
    wn_error error;
    if (wn_conv_init(arena, conv, in, out, kernel, dilation, groups, bias, "drawn", &error)) {
        printf("%s: %s\n", error.where, error.message);
        abort();
    }
    double scale = 1 / sqrt((double)(in / groups) * kernel);
    for (int64_t i = 0; i < wn_conv_weights(conv); i++) conv->weight[i] = (float)(scale * chance_normal(c));
    for (int i = 0; bias && i < out; i++) conv->bias[i] = (float)(0.2 * chance_normal(c));
}

static int a_divisor(chance *c, int a, int b)
{
    int all[32], n = 0;
    for (int g = 1; g <= a && n < 32; g++)
        if (a % g == 0 && b % g == 0) all[n++] = g;
    return chance_percent(c, 60) ? 1 : all[chance_int(c, 0, n - 1)];
}

static void a_conv(draft *d, wn_conv *conv, int in, int out, int kernel, int dilation, bool bias)
{
    drawn_conv(d->c, d->arena, conv, in, out, kernel, dilation, d->request->capture ? 1 : a_divisor(d->c, in, out),
               bias);
}

static int a_kernel(draft *d)
{
    return d->request->kernel         ? d->request->kernel
           : chance_percent(d->c, 10) ? chance_int(d->c, 6, 24)
                                      : chance_int(d->c, 1, 5);
}

static int a_dilation(draft *d) { return d->request->dilation ? d->request->dilation : chance_int(d->c, 1, 16); }

wn_act drawn_act(chance *c, wn_arena *arena, int kind, int channels)
{
    wn_act a = {.kind = (wn_act_kind)(kind >= 0 ? kind : chance_int(c, 0, WN_ACT_COUNT - 1))};
    if (a.kind == WN_ACT_LEAKY_RELU) a.p[0] = 0.01f;
    if (a.kind == WN_ACT_LEAKY_HARD_TANH) {
        const float p[4] = {-0.7f, 0.9f, 0.1f, 0.05f};
        for (int i = 0; i < 4; i++) a.p[i] = p[i];
    }
    if (a.kind == WN_ACT_PRELU) {
        a.n_slopes = chance_percent(c, 30) ? 1 : channels;
        a.slopes = drawn_floats(c, arena, a.n_slopes, 0.2);
    }
    return a;
}

/* ---- layers and stacks --------------------------------------------------------------------------------------------- */

static void a_film(draft *d, wn_layer *l, int place, int channels)
{
    int request = d->request->film, local = d->m->condition.local_channels;
    bool wanted = request == place + 1 || (!request && chance_percent(d->c, 6));
    if (!wanted || !channels || !local) return;
    wn_film *f = &l->film[place];
    f->active = true;
    f->shift = chance_percent(d->c, 50);
    drawn_conv(d->c, d->arena, &f->conv, local, channels * (f->shift ? 2 : 1), 1, 1,
               a_divisor(d->c, local, channels * (f->shift ? 2 : 1)), chance_percent(d->c, 80));
    for (int i = 0; f->conv.bias && i < channels; i++) f->conv.bias[i] += 0.7f;
}

static void films(draft *d, wn_layer *l)
{
    int local = d->m->condition.local_channels;
    const int width[WN_FILM_COUNT] = {l->conv.in,  l->conv.out,   l->mixin.out ? local : 0, l->mixin.out,
                                      l->conv.out, l->bottleneck, l->residual.out,          l->skip.out};
    for (int i = 0; i < WN_FILM_COUNT; i++) a_film(d, l, i, width[i]);
}

/* skip: width of the skip sum, 0 = the stack has none; flat: h' = z. */
static void a_layer(draft *d, wn_layer *l, const wn_stack *st, bool flat)
{
    const wn_condition *k = &d->m->condition;
    l->gating = (wn_gating)(d->request->gating ? d->request->gating - 1 : chance_int(d->c, 0, 2));
    bool capture = d->request->capture, has_skip = !capture && !flat && !st->plain_output && chance_percent(d->c, 75);
    bool free_width = has_skip || (st->plain_output && !flat);
    l->plain = flat;
    l->bottleneck = flat ? st->channels : free_width ? a_width(d) : st->skip_channels;
    int rows = l->bottleneck * (l->gating ? 2 : 1);
    a_conv(d, &l->conv, st->channels, rows, a_kernel(d), a_dilation(d), chance_percent(d->c, 80));
    if (k->local_channels && (capture || chance_percent(d->c, 75)))
        a_conv(d, &l->mixin, k->local_channels, rows, 1, 1, false);
    if (k->held_channels && chance_percent(d->c, 75)) a_conv(d, &l->held, k->held_channels, rows, 1, 1, false);
    l->act = drawn_act(d->c, d->arena, d->request->act - 1, l->bottleneck);
    if (l->gating) l->gate = drawn_act(d->c, d->arena, chance_percent(d->c, 60) ? WN_ACT_SIGMOID : -1, l->bottleneck);
    if (has_skip) a_conv(d, &l->skip, l->bottleneck, st->skip_channels, 1, 1, chance_percent(d->c, 70));
    if (!flat && (capture || chance_percent(d->c, 85)))
        a_conv(d, &l->residual, l->bottleneck, st->channels, 1, 1, chance_percent(d->c, 70));
    l->residual_scale = !capture && chance_percent(d->c, 40) ? 0.70710678f : 1;
    l->skip_scale = !capture && chance_percent(d->c, 30) ? 0.6f : 1;
    films(d, l);
}

/* Takes and gives the widths that flow from stack to stack. */
static void a_stack(draft *d, int index, int *residual, int *output)
{
    wn_stack *st = &d->m->stacks[index];
    int plain = d->request->plain;
    st->plain_output = plain == 1 || (!plain && chance_percent(d->c, 15));
    st->channels = a_width(d);
    bool one_hot = index == 0 && d->m->input.n_classes;
    int kernel = chance_percent(d->c, 70) ? 1 : chance_int(d->c, 2, 4);
    a_conv(d, &st->rechannel, *residual, st->channels, kernel, kernel > 1 ? chance_int(d->c, 1, 3) : 1,
           one_hot || chance_percent(d->c, 50));
    if (!st->plain_output) {
        st->skip_channels = index ? *output : a_width(d);
        bool running = index == 0 && !d->request->capture && chance_percent(d->c, 25);
        st->skip_sum = running ? WN_SKIP_RUNNING : WN_SKIP_SUM;
    }
    st->skip_out_scale = chance_percent(d->c, 40) ? 0.5f : 1;
    st->n_layers = d->request->capture ? 4 : chance_int(d->c, st->plain_output ? 0 : 1, 4);
    st->layers = need(wn_layers_new(d->arena, st->n_layers));
    for (int i = 0; i < st->n_layers; i++)
        a_layer(d, &st->layers[i], st, st->plain_output && (plain == 1 || chance_percent(d->c, 50)));
    *residual = st->channels;
    *output = st->plain_output ? st->channels : st->skip_channels;
    if (!st->plain_output && chance_percent(d->c, 50)) {
        int width = a_width(d), taps = chance_int(d->c, 1, 4);
        a_conv(d, &st->head, *output, width, taps, chance_int(d->c, 1, 5), chance_percent(d->c, 60));
        *output = width;
    }
}

/* ---- input, condition, output -------------------------------------------------------------------------------------- */

static void an_input(draft *d)
{
    wn_encoding *e = &d->m->input;
    static const int counts[] = {4, 5, 16, 31, 64, 256};
    bool can = d->request->classes >= 0 && !d->request->nested && d->request->source != WN_CONDITION_INPUT + 1;
    if (can && (d->request->classes || chance_percent(d->c, 25))) {
        e->n_classes = counts[chance_int(d->c, 0, 5)];
        e->companding = (wn_companding)chance_int(d->c, WN_MULAW_TRUNC, WN_COMPANDING_COUNT - 1);
    } else if (!d->m->autoregressive && !d->request->capture && chance_percent(d->c, 25)) {
        e->channels = chance_int(d->c, 2, 3);
    }
}

static void a_held_condition(draft *d)
{
    wn_condition *k = &d->m->condition;
    if (d->request->held == 1 || (!d->request->held && chance_percent(d->c, 40)))
        k->held_channels += k->global_channels = a_width(d);
}

static wn_model *a_nested(draft *d)
{
    drawn_request request = {.classes = -1, .output = WN_OUTPUT_PCM + 1, .held = -1, .stacks = 1, .film = -1};
    request.source = chance_percent(d->c, 50) ? WN_CONDITION_INPUT + 1 : WN_CONDITION_NONE + 1;
    wn_model *n;
    for (;;) { /* until the channels fit */
        n = drawn_model(d->c, &request);
        if (n->input.channels == d->m->input.channels) return n;
        wn_model_free(n);
    }
}

/* Rows from outside, at the sample rate or held for a hop each; no stages, which have a test of their own. */
static void some_features(draft *d)
{
    wn_condition *k = &d->m->condition;
    k->source = WN_CONDITION_FEATURES;
    k->feature_channels = k->pipeline_channels = a_width(d);
    k->to_held = d->request->held >= 0 && !d->request->film && chance_percent(d->c, 30);
    k->hop = k->to_held ? chance_int(d->c, 1, 9) : 1;
    *(k->to_held ? &k->held_channels : &k->local_channels) = k->feature_channels;
}

static void a_condition(draft *d)
{
    wn_condition *k = &d->m->condition;
    bool effect = !d->m->input.n_classes && !d->m->autoregressive;
    int source = d->request->source ? d->request->source - 1 : chance_int(d->c, 0, 2);
    if (d->request->nested || source == WN_CONDITION_INPUT || (source == 2 && effect)) {
        k->source = WN_CONDITION_INPUT;
        if (d->request->nested || (!d->request->source && chance_percent(d->c, 30))) k->nested = a_nested(d);
        k->local_channels = k->nested ? k->nested->output_channels : d->m->input.channels;
    } else if (source) {
        some_features(d);
    }
    a_held_condition(d);
}

static int outputs(draft *d)
{
    wn_model *m = d->m;
    int request = d->request->output - 1;
    m->output = (wn_output_kind)(m->input.n_classes ? WN_OUTPUT_CATEGORICAL
                                 : request >= 0     ? request
                                                    : chance_int(d->c, 0, 3));
    if (m->output == WN_OUTPUT_CATEGORICAL && !m->input.n_classes) m->output = WN_OUTPUT_GAUSSIAN;
    if (m->input.channels > 1) m->output = WN_OUTPUT_PCM;
    if (m->output == WN_OUTPUT_LOGISTICS || m->output == WN_OUTPUT_GAUSSIANS) m->n_mixtures = chance_int(d->c, 1, 5);
    switch (m->output) {
    case WN_OUTPUT_CATEGORICAL: return m->input.n_classes;
    case WN_OUTPUT_GAUSSIAN: return 2;
    case WN_OUTPUT_PCM: return m->autoregressive ? 1 : chance_int(d->c, 1, 3);
    default: return 3 * m->n_mixtures;
    }
}

static void a_head(draft *d, int width)
{
    wn_model *m = d->m;
    m->head_scale = chance_percent(d->c, 40) ? 0.3f : 1;
    bool fits = m->output == WN_OUTPUT_PCM && !m->autoregressive;
    m->output_channels = fits && chance_percent(d->c, 50) ? width : m->output_channels;
    m->n_head = chance_int(d->c, width == m->output_channels ? 0 : 1, 3);
    m->head = need(wn_arena_alloc(d->arena, (size_t)m->n_head, sizeof *m->head));
    for (int i = 0; i < m->n_head; i++) {
        int out = i == m->n_head - 1 ? m->output_channels : a_width(d),
            taps = chance_percent(d->c, 60) ? 1 : chance_int(d->c, 2, 5);
        m->head[i].act = drawn_act(d->c, d->arena, -1, width);
        a_conv(d, &m->head[i].conv, width, out, taps, chance_int(d->c, 1, 4), chance_percent(d->c, 80));
        width = out;
    }
}

wn_model *drawn_model(chance *c, const drawn_request *request)
{
    static const drawn_request anything;
    draft d = {.c = c, .request = request ? request : &anything, .m = need(wn_model_new())};
    d.arena = d.m->arena;
    d.m->autoregressive = d.request->autoregressive;
    d.m->log_scale_min = -INFINITY;
    an_input(&d);
    a_condition(&d);
    d.m->output_channels = outputs(&d);
    d.m->n_stacks = d.request->stacks ? d.request->stacks : chance_int(c, 1, 3);
    d.m->stacks = need(wn_stacks_new(d.arena, d.m->n_stacks));
    int residual = d.m->input.n_classes ? d.m->input.n_classes : d.m->input.channels, output = 0;
    for (int i = 0; i < d.m->n_stacks; i++) a_stack(&d, i, &residual, &output);
    a_head(&d, output);
    drawn_finish(d.m);
    return d.m;
}

wn_model *drawn_bare(chance *c)
{
    wn_model *m = need(wn_model_new());
    m->n_stacks = m->output_channels = 1;
    m->stacks = need(wn_stacks_new(m->arena, 1));
    m->stacks[0].channels = 1;
    m->stacks[0].plain_output = true;
    drawn_conv(c, m->arena, &m->stacks[0].rechannel, 1, 1, 1, 1, 1, false);
    return m;
}

void drawn_finish(wn_model *m)
{
    wn_error error;
    if (wn_model_finish(m, "drawn", &error)) {
        printf("%s: %s\n", error.where, error.message);
        abort();
    }
}

static bool is_mono(const wn_model *m)
{
    return m->output == WN_OUTPUT_PCM && m->input.channels == 1 && m->output_channels == 1 &&
           m->condition.local_channels == (m->condition.source == WN_CONDITION_INPUT ? 1 : 0) &&
           m->condition.held_channels == 0 && m->condition.harmonic_source.n == 0;
}

wn_model *drawn_mono(chance *c)
{
    wn_model *m = NULL;
    do {
        wn_model_free(m);
        m = drawn_model(c, &(drawn_request){.classes = -1, .output = WN_OUTPUT_PCM + 1, .held = -1});
    } while (!is_mono(m));
    return m;
}

/* ---- signals --------------------------------------------------------------------------------------------------------- */

static float *noise(chance *c, int n, double scale)
{
    float *x = need(calloc((size_t)n + 1, sizeof *x));
    for (int i = 0; i < n; i++) x[i] = (float)(scale * chance_normal(c));
    return x;
}

drawn_signal *drawn_signal_new(chance *c, const wn_model *m, int frames)
{
    drawn_signal *s = need(calloc(1, sizeof *s));
    int held = m->condition.held_channels;
    s->frames = frames;
    s->pcm = noise(c, frames * m->input.channels, 0.5);
    s->local = noise(c, frames * m->condition.local_channels, 0.7);
    s->held = noise(c, frames * held, 0.7);
    s->classes = need(calloc((size_t)frames, sizeof *s->classes));
    for (int t = 0; m->input.n_classes && t < frames; t++) s->classes[t] = chance_int(c, 0, m->input.n_classes - 1);
    for (int i = 1; i < DRAWN_HOLDS; i++) s->change[i] = frames * i / DRAWN_HOLDS + chance_int(c, 0, 3);
    for (int t = 0, next = 0; t < frames; t++) {
        bool changes = next < DRAWN_HOLDS && t == s->change[next];
        next += changes;
        for (int i = 0; !changes && i < held; i++) s->held[t * held + i] = s->held[(t - 1) * held + i];
    }
    return s;
}

void drawn_signal_free(drawn_signal *s)
{
    if (!s) return;
    free(s->pcm);
    free(s->local);
    free(s->held);
    free(s->classes);
    free(s);
}

ref_input drawn_ref(const drawn_signal *s) { return (ref_input){s->frames, s->pcm, s->classes, s->local, s->held}; }
