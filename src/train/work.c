/* SPDX-License-Identifier: MIT
 * work.c - the activations and scratch of one thread.
 * Copyright (c) 2026 the wavenet authors */
#include "train/work.h"

#include <stdlib.h>

#include "model/stage.h"

/* Allocates the activations. `failed` is set by the first failure, so the caller checks once. */
struct layout {
    wn_arena *arena;
    int frames;
    bool failed;
};

static void *layout_alloc(struct layout *l, size_t n, size_t size)
{
    void *p = l->failed ? NULL : wn_arena_alloc(l->arena, n, size);
    if (!p) l->failed = true;
    return p;
}

/* Channels of `frames` frames, each preceded by `history` frames. Every channel starts on a cache line. The stride is
 * no multiple of 4 KiB, because channels that far apart would share few cache sets. */
static wn_planar_view layout_planar(struct layout *l, int channels, int history, int frames)
{
    size_t offset = ((size_t)history + 15) / 16 * 16, stride = offset + ((size_t)frames + 15) / 16 * 16;
    if (stride * sizeof(wn_real) % 4096 == 0) stride += 16;
    wn_real *x = layout_alloc(l, (size_t)channels, stride * sizeof *x);
    return (wn_planar_view){x ? x + offset : NULL, (ptrdiff_t)stride};
}

static void layout_stack(struct layout *l, wn_twork *w, int index)
{
    const wn_tstack *s = &w->net->stacks[index];
    w->u[index] = layout_alloc(l, (size_t)s->n_layers, sizeof *w->u[index]);
    w->z[index] = layout_alloc(l, (size_t)s->n_layers, sizeof *w->z[index]);
    for (int i = 0; !l->failed && i < s->n_layers; i++) {
        w->u[index][i] = layout_planar(l, s->layers[i].conv.out, 0, l->frames);
        w->z[index][i] = layout_planar(l, s->layers[i].bottleneck, 0, l->frames);
    }
    if (s->plain_output)
        w->out[index] = layout_planar(l, s->channels, 0, l->frames);
    else if (s->head.out)
        w->out[index] = layout_planar(l, s->head.out, 0, l->frames);
    else
        w->out[index] = w->signals[s->sum];
}

static int max_int(int a, int b) { return a > b ? a : b; }

/* The largest number of channels in the backward pass. */
static int max_channels(const wn_tnet *net)
{
    int n = max_int(net->outputs, max_int(net->in_channels, net->condition.local_channels));
    for (int i = 0; i < net->n_signals; i++) n = max_int(n, net->signals[i].channels);
    for (int i = 0; i < net->n_stacks; i++) {
        n = max_int(n, net->stacks[i].head.out);
        for (int k = 0; k < net->stacks[i].n_layers; k++) n = max_int(n, net->stacks[i].layers[k].conv.out);
    }
    return n;
}

static void layout_conditions(struct layout *l, wn_twork *w)
{
    const wn_tnet *net = w->net;
    const wn_tcondition *c = &net->condition;
    int held_frames = l->frames / c->hop + 1;
    w->local = layout_planar(l, c->local_channels, 0, l->frames);
    w->dlocal = layout_planar(l, c->trains && !c->to_held ? c->local_channels : 0, 0, l->frames);
    w->held = layout_planar(l, c->held_channels, 0, held_frames);
    w->dheld = layout_planar(l, c->held_channels, 0, held_frames);
    w->held_product = layout_planar(l, net->held_rows, 0, held_frames);
    w->dheld_product = layout_planar(l, net->held_rows, 0, held_frames);
}

static void layout_all(struct layout *l, wn_twork *w)
{
    const wn_tnet *net = w->net;
    int max_width = max_channels(net);
    w->math.work = layout_alloc(l, wn_gemm_work(), sizeof *w->math.work);
    w->signals = layout_alloc(l, (size_t)net->n_signals, sizeof *w->signals);
    w->u = layout_alloc(l, (size_t)net->n_stacks, sizeof *w->u);
    w->z = layout_alloc(l, (size_t)net->n_stacks, sizeof *w->z);
    w->out = layout_alloc(l, (size_t)net->n_stacks, sizeof *w->out);
    w->head = layout_alloc(l, (size_t)net->n_head, sizeof *w->head);
    w->classes = layout_alloc(l, (size_t)net->in_reach + (size_t)l->frames, sizeof *w->classes);
    for (int i = 0; !l->failed && i < net->n_signals; i++)
        w->signals[i] = layout_planar(l, net->signals[i].channels, net->signals[i].history, l->frames);
    for (int i = 0; !l->failed && i < net->n_stacks; i++) layout_stack(l, w, i);
    for (int i = 0; !l->failed && i < net->n_head; i++) w->head[i] = layout_planar(l, net->head[i].in, 0, l->frames);
    wn_planar_view *scratch[] = {&w->dh, &w->ds, &w->du, &w->dz, &w->temp, &w->dout};
    for (size_t i = 0; i < sizeof scratch / sizeof *scratch; i++)
        *scratch[i] = layout_planar(l, max_width, 0, l->frames);
    w->y = layout_planar(l, net->outputs, 0, l->frames);
    w->dy = layout_planar(l, net->outputs, 0, l->frames);
    layout_conditions(l, w);
}

static wn_planar_view step_rows(wn_arena *arena, int channels, int frames)
{
    size_t stride = ((size_t)frames + 15) / 16 * 16;
    return (wn_planar_view){wn_arena_alloc(arena, (size_t)channels, stride * sizeof(wn_real)), (ptrdiff_t)stride};
}

/* The steps of the condition pipeline for chunks of at most max_frames. */
static wn_status steps_new(wn_tstep **out, wn_arena *arena, const wn_tnet *net, int max_frames, wn_error *error)
{
    const wn_tcondition *c = &net->condition;
    wn_tstep *steps = *out = wn_arena_alloc(arena, (size_t)c->n_stages + 1, sizeof *steps);
    if (!steps) return wn_fail_memory(error, NULL);
    int frames = c->to_held ? max_frames / c->hop + 1 : max_frames;
    for (int i = c->n_stages; i >= 0; i--) {
        int channels = i ? c->stages[i - 1].out : c->feature_channels;
        steps[i].value = step_rows(arena, channels, frames);
        steps[i].before = i ? step_rows(arena, channels, frames) : steps[i].value;
        steps[i].gradient = step_rows(arena, channels, frames);
        if (!steps[i].value.x || !steps[i].before.x || !steps[i].gradient.x) return wn_fail_memory(error, NULL);
        if (i) frames = (int)wn_stage_max_needed(c->stages[i - 1].shape, frames);
    }
    return WN_OK;
}

wn_status wn_twork_new(wn_twork **out, const wn_tnet *net, int max_frames, const wn_kernels *kernels, wn_error *error)
{
    *out = NULL;
    wn_twork *w = calloc(1, sizeof *w);
    struct layout l = {w ? wn_arena_new() : NULL, max_frames, false};
    wn_status status = WN_OK;
    if (w) {
        *w = (wn_twork){.net = net, .arena = l.arena, .math = {kernels, NULL}, .max_frames = max_frames};
        layout_all(&l, w);
    }
    if (!w || l.failed) status = wn_fail(error, WN_ERROR_MEMORY, NULL, "out of memory for activations");
    if (!status) status = steps_new(&w->steps, w->arena, net, max_frames, error);
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
