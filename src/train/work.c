/* SPDX-License-Identifier: MIT
 * work.c - one thread's activations, laid out once.
 * Copyright (c) 2026 the wavenet authors */
#include <stdlib.h>

#include "train/net.h"

/* Counts what does not fit, so that a caller checks once. */
struct layout {
    wn_arena *arena;
    int frames;
    bool failed;
};

static void *place(struct layout *l, size_t n, size_t size)
{
    void *p = l->failed ? NULL : wn_arena_alloc(l->arena, n, size);
    if (!p) l->failed = true;
    return p;
}

/* Rows of `frames` with `history` before them: each starts on a cache line, no two rows a multiple of 4 KiB apart,
 * which would make them share few sets of the cache. */
static wn_rows rows(struct layout *l, int channels, int history, int frames)
{
    size_t lead = ((size_t)history + 15) / 16 * 16, stride = lead + ((size_t)frames + 15) / 16 * 16;
    if (stride * sizeof(wn_real) % 4096 == 0) stride += 16;
    wn_real *x = place(l, (size_t)channels, stride * sizeof *x);
    return (wn_rows){x ? x + lead : NULL, (ptrdiff_t)stride};
}

static void place_stack(struct layout *l, wn_twork *w, int index)
{
    const wn_tstack *s = &w->net->stacks[index];
    w->u[index] = place(l, (size_t)s->n_layers, sizeof *w->u[index]);
    w->z[index] = place(l, (size_t)s->n_layers, sizeof *w->z[index]);
    for (int i = 0; !l->failed && i < s->n_layers; i++) {
        w->u[index][i] = rows(l, s->layers[i].conv.out, 0, l->frames);
        w->z[index][i] = rows(l, s->layers[i].bottleneck, 0, l->frames);
    }
    if (s->plain_output)
        w->out[index] = rows(l, s->channels, 0, l->frames);
    else if (s->head.out)
        w->out[index] = rows(l, s->head.out, 0, l->frames);
    else
        w->out[index] = w->signals[s->sum];
}

static int larger(int a, int b) { return a > b ? a : b; }

/* The widest rows the backward pass moves about. */
static int widest(const wn_tnet *net)
{
    int n = larger(net->outputs, larger(net->in_channels, net->condition.local_channels));
    for (int i = 0; i < net->n_signals; i++) n = larger(n, net->signals[i].channels);
    for (int i = 0; i < net->n_stacks; i++) {
        n = larger(n, net->stacks[i].head.out);
        for (int k = 0; k < net->stacks[i].n_layers; k++) n = larger(n, net->stacks[i].layers[k].conv.out);
    }
    return n;
}

static void place_conditions(struct layout *l, wn_twork *w)
{
    const wn_tnet *net = w->net;
    const wn_tcondition *c = &net->condition;
    int held_frames = l->frames / c->hop + 1;
    w->local = rows(l, c->local_channels, 0, l->frames);
    w->dlocal = rows(l, c->trains && !c->to_held ? c->local_channels : 0, 0, l->frames);
    w->held = rows(l, c->held_channels, 0, held_frames);
    w->dheld = rows(l, c->held_channels, 0, held_frames);
    w->joined = rows(l, net->held_rows, 0, held_frames);
    w->djoined = rows(l, net->held_rows, 0, held_frames);
}

static void place_all(struct layout *l, wn_twork *w)
{
    const wn_tnet *net = w->net;
    int wide = widest(net);
    w->math.work = place(l, wn_gemm_work(), sizeof *w->math.work);
    w->signals = place(l, (size_t)net->n_signals, sizeof *w->signals);
    w->u = place(l, (size_t)net->n_stacks, sizeof *w->u);
    w->z = place(l, (size_t)net->n_stacks, sizeof *w->z);
    w->out = place(l, (size_t)net->n_stacks, sizeof *w->out);
    w->head = place(l, (size_t)net->n_head, sizeof *w->head);
    w->classes = place(l, (size_t)net->in_reach + (size_t)l->frames, sizeof *w->classes);
    for (int i = 0; !l->failed && i < net->n_signals; i++)
        w->signals[i] = rows(l, net->signals[i].channels, net->signals[i].history, l->frames);
    for (int i = 0; !l->failed && i < net->n_stacks; i++) place_stack(l, w, i);
    for (int i = 0; !l->failed && i < net->n_head; i++) w->head[i] = rows(l, net->head[i].in, 0, l->frames);
    wn_rows *scratch[] = {&w->dh, &w->ds, &w->du, &w->dz, &w->temp, &w->dout};
    for (size_t i = 0; i < sizeof scratch / sizeof *scratch; i++) *scratch[i] = rows(l, wide, 0, l->frames);
    w->y = rows(l, net->outputs, 0, l->frames);
    w->dy = rows(l, net->outputs, 0, l->frames);
    place_conditions(l, w);
}

wn_status wn_twork_new(wn_twork **out, const wn_tnet *net, int max_frames, const wn_kernels *kernels, wn_error *error)
{
    *out = NULL;
    wn_twork *w = calloc(1, sizeof *w);
    struct layout l = {w ? wn_arena_new() : NULL, max_frames, false};
    wn_status status = WN_OK;
    if (w) {
        *w = (wn_twork){.net = net, .arena = l.arena, .math = {kernels, NULL}, .max_frames = max_frames};
        place_all(&l, w);
    }
    if (!w || l.failed) status = wn_fail(error, WN_ERROR_MEMORY, NULL, "out of memory for activations");
    if (!status) status = wn_tpipe_init(&w->pipe, w->arena, net, max_frames, error);
    if (status)
        wn_twork_free(w);
    else
        *out = w;
    return status;
}

void wn_twork_free(wn_twork *work)
{
    if (!work) return;
    wn_arena_free(work->arena);
    free(work);
}
