/* SPDX-License-Identifier: MIT
 * nam_slim.c - fewer channels of a capture that was trained for it: the first of each convolution's inputs and outputs.
 * Copyright (c) 2026 the wavenet authors */
#include "format/nam_slim.h"

#include <string.h>

#include "model/description.h"

/* New widths of a stack; skip: of the sum of its layers. */
struct widths {
    int channels, bottleneck, skip;
};

static void refuse(wn_nam_reader *x, int index, const char *why)
{
    size_t mark = wn_json_enter(x->r, "config", -1), within = wn_json_enter(x->r, "layers", index);
    wn_json_refuse(x->r, "", "cannot be slimmed: %s", why);
    wn_json_leave(x->r, within);
    wn_json_leave(x->r, mark);
}

static bool has_groups(const wn_layer *l)
{
    int most = l->conv.groups;
    const wn_conv *const others[] = {&l->mixin, &l->residual, &l->skip};
    for (int i = 0; i < 3; i++) most = others[i]->groups > most ? others[i]->groups : most;
    for (int i = 0; i < WN_FILM_COUNT; i++) most = l->film[i].conv.groups > most ? l->film[i].conv.groups : most;
    return most > 1;
}

/* Faults that players refuse, too. */
static void check_stack(wn_nam_reader *x, int index)
{
    const wn_stack *s = &x->model->stacks[index];
    if (s->head.kernel > 1) refuse(x, index, "its head has more than one tap");
    for (int i = 0; i < s->n_layers; i++)
        if (has_groups(&s->layers[i])) refuse(x, index, "it has groups");
}

/* The first `out` rows and the first `in` columns of a convolution without groups. */
static void cut(wn_nam_reader *x, wn_conv *c, int in, int out)
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
    if (act->n_slopes > channels) act->n_slopes = channels;
}

/* FiLM has rows for the scales, then for the shifts; the first of them all are kept, as players do. */
static void cut_film(wn_nam_reader *x, wn_film *film, int width)
{
    if (film->active) cut(x, &film->conv, film->conv.in, film->shift ? 2 * width : width);
}

static void cut_layer(wn_nam_reader *x, wn_layer *l, const struct widths *w)
{
    int b = w->bottleneck, rows = l->gating == WN_GATING_NONE ? b : 2 * b;
    cut(x, &l->conv, w->channels, rows);
    cut(x, &l->mixin, l->mixin.in, rows);
    cut(x, &l->residual, b, w->channels);
    cut(x, &l->skip, b, l->skip.out);
    const int widths[WN_FILM_COUNT] = {w->channels, rows, l->mixin.in, rows, rows, b, w->channels, l->skip.out};
    for (int i = 0; i < WN_FILM_COUNT; i++) cut_film(x, &l->film[i], widths[i]);
    l->bottleneck = b;
    cut_act(&l->act, b);
    cut_act(&l->gate, b);
}

static struct widths new_widths(const wn_nam_reader *x, int index)
{
    const wn_stack *s = &x->model->stacks[index];
    int keep = x->keep[index] ? x->keep[index] : s->channels;
    int64_t share = (int64_t)s->layers[0].bottleneck * keep / s->channels;
    int b = share > 1 ? (int)share : 1;
    return (struct widths){keep, b, s->layers[0].skip.out ? s->skip_channels : b};
}

/* The channels that this stack takes from the stack before, at full width: as many as the stack has. */
static int new_input(wn_nam_reader *x, int index)
{
    struct widths w = new_widths(x, index);
    if (w.skip != w.channels && w.channels != x->model->stacks[index].channels)
        refuse(x, index, "its layers sum to another number of channels than it would have");
    return w.skip;
}

static void cut_stack(wn_nam_reader *x, int index, int in)
{
    wn_stack *s = &x->model->stacks[index];
    struct widths w = new_widths(x, index);
    int out = index + 1 < x->model->n_stacks ? new_input(x, index + 1) : s->head.out;
    cut(x, &s->rechannel, in, w.channels);
    for (int i = 0; i < s->n_layers; i++) cut_layer(x, &s->layers[i], &w);
    cut(x, &s->head, w.skip, out);
    s->channels = w.channels;
    s->skip_channels = w.skip;
}

void wn_nam_slim(wn_nam_reader *x)
{
    wn_model *m = x->model;
    bool whole = true;
    if (x->r->status) return;
    for (int i = 0; i < m->n_stacks; i++) whole = whole && (!x->keep[i] || x->keep[i] == m->stacks[i].channels);
    if (whole) return;
    if (m->n_head) wn_json_refuse(x->r, "config.head", "cannot be slimmed");
    for (int i = 0; i < m->n_stacks; i++) check_stack(x, i);
    for (int i = 0; !x->r->status && i < m->n_stacks; i++)
        cut_stack(x, i, i ? m->stacks[i - 1].channels : m->input.channels);
}
