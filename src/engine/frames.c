/* SPDX-License-Identifier: MIT
 * frames.c - plans for single frames: what need not wait for the frame before is done in bulk, with the same sums.
 * Copyright (c) 2026 the wavenet authors
 *
 * A frame of generation reads every weight once, and each layer waits for the one before. Off that path are: past taps,
 * known `ahead` frames early, for which they are multiplied at once, so that their weights are read once in `ahead` frames;
 * the condition's 1x1s, all layers in one product, for several frames where the caller knows their conditions; and the
 * skips' 1x1s, one product at the frame's end. */
#include <string.h>

#include "engine/build.h"

enum {
    AHEAD = WN_FRAMES_AHEAD, /* more save little, and their products fill the cache */
    APART = 256,   /* floats, so that a processor that reads one activation does not fetch the next while it is written */
    PAST_TAPS = 3 /* of longer kernels, the products themselves would be more to read than the weights */
};

/* ---- past taps -------------------------------------------------------------------------------------------------- */

static int frames_ahead(const wn_step *s)
{
    int ahead = AHEAD;
    while (ahead > s->dilation) ahead /= 2;
    return ahead;
}

void wn_frames_look_ahead(wn_builder *b, wn_step *s)
{
    wn_plan *plan = b->plan;
    int past = s->taps - 1;
    if (!plan->frames || b->fault || s->op != WN_OP_CONV || s->ring < 0 || s->groups > 1 || past > PAST_TAPS) return;
    int ahead = frames_ahead(s), least = plan->threads > 1 && s->in >= WN_LEAST_SHARED ? 1 : 2; /* the helper's, or all at once */
    if (ahead < least) return;
    s->ahead = ahead;
    s->past_offset = wn_builder_reserve(b, (size_t)past * (size_t)ahead * (size_t)plan->voices * (size_t)s->out);
    if (s->out > plan->max_out) plan->max_out = s->out;
}

/* No frame has the work of all layers alike, and what work it has lies apart. */
void wn_frames_stagger(wn_builder *b)
{
    wn_plan *plan = b->plan;
    int n[AHEAD + 1] = {0};
    for (int i = 0; i < plan->n_steps; i++) {
        wn_step *s = &plan->steps[i];
        s->first_ahead = s->ahead ? 1 + n[s->ahead]++ % s->ahead : 0;
    }
    float *minus_zeros = wn_builder_alloc(b, (size_t)plan->max_out, sizeof *minus_zeros);
    for (int i = 0; minus_zeros && i < plan->max_out; i++) minus_zeros[i] = -0.0f;
    plan->minus_zeros = minus_zeros;
}

/* ---- condition -------------------------------------------------------------------------------------------------- */

static int padded(int n) { return (int)wn_padded((size_t)n); }

static bool mixins_alike(const wn_stack *st)
{
    for (int l = 0; l < st->n_layers; l++) {
        const wn_layer *y = &st->layers[l];
        if (!y->mixin.out || y->mixin.groups > 1 || y->mixin.in != st->layers[0].mixin.in) return false;
        if ((y->mixin.out < WN_LEAST_ROUNDED) != (st->layers[0].mixin.out < WN_LEAST_ROUNDED)) return false;
        if (!y->held.out != !st->layers[0].held.out || (y->held.out && y->held.groups > 1)) return false;
        if (y->film[WN_FILM_CONV_POST].active || y->film[WN_FILM_MIXIN_PRE].active ||
            y->film[WN_FILM_MIXIN_POST].active)
            return false;
    }
    return st->n_layers > 1;
}

/* The 1x1s of all layers side by side. */
static const float *pack_beside(wn_builder *b, const wn_stack *st, bool held, int in, int width)
{
    float *wide = wn_builder_alloc(b, (size_t)in * (size_t)width, sizeof *wide);
    int at = 0;
    for (int l = 0; wide && l < st->n_layers; l++) {
        const wn_conv *c = held ? &st->layers[l].held : &st->layers[l].mixin;
        for (int i = 0; i < in; i++)
            for (int o = 0; o < c->out; o++) wide[(size_t)i * (size_t)width + (size_t)(at + o)] = c->weight[o * in + i];
        at += padded(c->out);
    }
    return wn_builder_pack_rows(b, in, width, wide);
}

static const float *biases_beside(wn_builder *b, const wn_stack *st, int width)
{
    float *wide = wn_builder_alloc(b, (size_t)width, sizeof *wide);
    int at = 0;
    for (int l = 0; wide && l < st->n_layers; l++) {
        const wn_conv *c = &st->layers[l].conv;
        if (c->has_bias) memcpy(wide + at, c->bias, (size_t)c->out * sizeof *wide);
        at += padded(c->out);
    }
    return wide;
}

int wn_frames_mixins(wn_builder *b, const wn_stack *st, int local, int *part, int *width)
{
    *width = 0;
    if (!b->plan->frames || !mixins_alike(st)) return -1;
    for (int l = 0; l < st->n_layers; l++) {
        part[l] = *width;
        *width += padded(st->layers[l].mixin.out);
    }
    const wn_layer *first = &st->layers[0];
    bool early = local == WN_BUFFER_LOCAL && b->plan->voices == 1;
    int rows = wn_builder_buffer(b, early ? AHEAD * *width : *width);
    const float *bias = biases_beside(b, st, *width);
    wn_step *s = wn_builder_step(b, WN_OP_CONV, local, rows, "mixins");
    s->in = first->mixin.in;
    s->out = *width;
    s->taps = s->groups = 1;
    s->narrowest = first->mixin.out; /* all are as narrow, as far as that counts */
    s->early = early;
    s->weight_scale = 1;
    s->weight = pack_beside(b, st, false, s->in, *width);
    s->bias = bias;
    if (b->plan->max_taps < 1) b->plan->max_taps = 1;
    if (!first->held.out) return rows;
    s->start = WN_START_HELD;
    s->held = wn_builder_held_wide(b, *width, pack_beside(b, st, true, first->held.in, *width), bias);
    return rows;
}

/* ---- skips ------------------------------------------------------------------------------------------------------ */

static bool skips_alike(const wn_stack *st)
{
    for (int l = 0; l < st->n_layers; l++) {
        const wn_layer *y = &st->layers[l];
        if (y->plain || !y->skip.out || y->skip.groups > 1 || y->bottleneck != st->layers[0].bottleneck) return false;
        if (y->film[WN_FILM_SKIP_POST].active) return false;
    }
    return st->skip_sum == WN_SKIP_SUM && !st->plain_output && st->n_layers > 1;
}

int wn_frames_activations(wn_builder *b, const wn_stack *st)
{
    int first = -1, apart = b->plan->threads > 1 ? APART : 0;
    if (!b->plan->frames || !skips_alike(st)) return -1;
    for (int l = 0; l < st->n_layers; l++) {
        int buffer = wn_builder_buffer(b, st->layers[l].bottleneck + apart);
        if (l == 0) first = buffer;
    }
    return first;
}

/* As the taps of one convolution: [layers][bottleneck][padded skip channels], each times its scale. */
static const float *pack_behind(wn_builder *b, const wn_stack *st)
{
    size_t in = (size_t)st->layers[0].bottleneck, floats = in * wn_padded((size_t)st->skip_channels);
    float *packed = wn_builder_alloc(b, floats * (size_t)st->n_layers, sizeof *packed);
    for (int l = 0; packed && l < st->n_layers; l++, packed += floats) {
        const wn_layer *y = &st->layers[l];
        wn_pack_weights(y->skip.out, y->skip.in, 1, y->skip.weight, packed);
        for (size_t i = 0; y->skip_scale != 1 && i < floats; i++) packed[i] *= y->skip_scale;
    }
    return packed ? packed - floats * (size_t)st->n_layers : NULL;
}

void wn_frames_skips(wn_builder *b, const wn_stack *st, int activations, int dst, const float *biases, bool started)
{
    wn_step *s = wn_builder_step(b, WN_OP_CONV, activations, dst, "skips");
    s->in = st->layers[0].bottleneck;
    s->out = st->skip_channels;
    s->taps = st->n_layers;
    s->groups = 1;
    s->gathers = true;
    s->weight_scale = 1;
    s->weight = pack_behind(b, st);
    s->bias = biases;
    s->start = started ? WN_START_ROWS : WN_START_BIAS;
    if (s->taps > b->plan->max_taps) b->plan->max_taps = s->taps;
}
