/* SPDX-License-Identifier: MIT
 * nam_slim.c - fewer channels of a capture that was trained for it: the first of each convolution's inputs and outputs.
 * Copyright (c) 2026 the wavenet authors */
#include <string.h>

#include "model/nam_parts.h"

/* New widths of a stack; the sum of its layers is as wide as their bottleneck. */
struct widths {
    int channels, bottleneck;
};

static void refuse(struct nam *x, int index, const char *why)
{
    size_t mark = wn_json_enter(x->r, "config", -1), within = wn_json_enter(x->r, "layers", index);
    wn_json_refuse(x->r, "", "cannot be slimmed: %s", why);
    wn_json_leave(x->r, within);
    wn_json_leave(x->r, mark);
}

/* The format defines slimming for plain layers only. */
static void check_stack(struct nam *x, int index)
{
    const wn_stack *s = &x->model->stacks[index];
    if (s->head.kernel > 1) refuse(x, index, "its head has more than one tap");
    for (int i = 0; i < s->n_layers; i++) {
        const wn_layer *l = &s->layers[i];
        if (l->conv.groups > 1 || l->mixin.groups > 1 || l->residual.groups > 1) refuse(x, index, "it has groups");
        if (l->skip.out) refuse(x, index, "it has a head1x1");
        if (wn_film_any(l, 0, WN_FILM_COUNT - 1)) refuse(x, index, "it has FiLM");
    }
}

/* The first `out` rows and the first `in` columns of a convolution without groups. */
static void cut(struct nam *x, wn_conv *c, int in, int out)
{
    if (!c->out || x->r->status) return;
    float *weight;
    x->r->status = wn_weights_new(x->model->arena, &weight, (int64_t)out * in * c->kernel, x->r->file, x->r->error);
    if (x->r->status) return;
    size_t row = (size_t)in * (size_t)c->kernel, old = (size_t)c->in * (size_t)c->kernel;
    for (size_t o = 0; o < (size_t)out; o++) memcpy(weight + o * row, c->weight + o * old, row * sizeof *weight);
    c->weight = weight; /* the bias is longer than needed */
    c->in = in;
    c->out = out;
}

static void cut_act(wn_act *act, int channels)
{
    if (act->kind == WN_ACT_PRELU && act->n_slopes > channels) act->n_slopes = channels;
}

static void cut_layer(struct nam *x, wn_layer *l, const struct widths *w)
{
    int rows = l->gating == WN_GATING_NONE ? w->bottleneck : 2 * w->bottleneck;
    cut(x, &l->conv, w->channels, rows);
    cut(x, &l->mixin, l->mixin.in, rows);
    cut(x, &l->residual, w->bottleneck, w->channels);
    l->bottleneck = w->bottleneck;
    cut_act(&l->act, w->bottleneck);
    cut_act(&l->gate, w->bottleneck);
}

static struct widths new_widths(const struct nam *x, int index)
{
    const wn_stack *s = &x->model->stacks[index];
    int keep = x->keep[index] ? x->keep[index] : s->channels;
    int64_t b = (int64_t)s->layers[0].bottleneck * keep / s->channels;
    return (struct widths){keep, b > 1 ? (int)b : 1};
}

void wn_nam_slim(struct nam *x)
{
    wn_model *m = x->model;
    if (x->r->status) return;
    if (m->n_head) wn_json_refuse(x->r, "config.head", "cannot be slimmed");
    for (int i = 0; i < m->n_stacks; i++) check_stack(x, i);
    int in = m->input.channels;
    for (int i = 0; !x->r->status && i < m->n_stacks; i++) {
        wn_stack *s = &m->stacks[i];
        struct widths w = new_widths(x, i);
        int out = i + 1 < m->n_stacks ? new_widths(x, i + 1).bottleneck : s->head.out; /* still uncut, the next one */
        cut(x, &s->rechannel, in, w.channels);
        for (int l = 0; l < s->n_layers; l++) cut_layer(x, &s->layers[l], &w);
        cut(x, &s->head, w.bottleneck, out);
        s->channels = in = w.channels;
        s->skip_channels = w.bottleneck;
    }
}
