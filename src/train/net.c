/* SPDX-License-Identifier: MIT
 * net.c - forward and backward passes of the whole network over a chunk: inputs, stacks, head.
 * Copyright (c) 2026 the wavenet authors */
#include "train/net.h"

#include <string.h>

#include "train/act.h"
#include "train/gemm.h"
#include "train/pipe.h"
#include "train/stack.h"

/* ---- carried state --------------------------------------------------------------------------------------------- */

static void restore_histories(wn_twork *w, const wn_real *state)
{
    const wn_tnet *net = w->net;
    for (int i = 0; i < net->n_signals; i++) {
        const wn_tsignal *s = &net->signals[i];
        if (!s->history) continue;
        wn_planar_view from = {(wn_real *)state + s->state, s->history};
        wn_planar_view to = {w->signals[i].x - s->history, w->signals[i].stride};
        wn_planar_view_copy(s->channels, s->history, from, to);
    }
    /* The state stores classes plus 1, so a zeroed state means that there was no sample. */
    for (int t = 0; t < net->in_reach; t++) w->classes[t] = (int)state[net->in_state + (size_t)t] - 1;
}

static void save_histories(const wn_twork *w, int frames, wn_real *state)
{
    const wn_tnet *net = w->net;
    for (int i = 0; i < net->n_signals; i++) {
        const wn_tsignal *s = &net->signals[i];
        if (!s->history) continue;
        wn_planar_view from = {w->signals[i].x + frames - s->history, w->signals[i].stride};
        wn_planar_view_copy(s->channels, s->history, from, (wn_planar_view){state + s->state, s->history});
    }
    for (int t = 0; t < net->in_reach; t++) state[net->in_state + (size_t)t] = (wn_real)(w->classes[frames + t] + 1);
}

/* ---- inputs ---------------------------------------------------------------------------------------------------- */

static void set_input(wn_twork *w, const wn_tchunk *chunk)
{
    const wn_tnet *net = w->net;
    size_t frames = (size_t)chunk->frames;
    if (net->input < 0)
        memcpy(w->classes + net->in_reach, chunk->classes, frames * sizeof *chunk->classes);
    else
        wn_planar_view_copy(net->in_channels, chunk->frames, (wn_planar_view){(wn_real *)chunk->pcm, chunk->frames},
                            w->signals[net->input]);
}

/* Compute the conditions, and the product of the frame-rate condition for all layers. */
static void condition_forward(wn_twork *w, const wn_real *parameters, const wn_tchunk *chunk)
{
    const wn_tnet *net = w->net;
    const wn_tcondition *c = &net->condition;
    if (c->from_input)
        wn_planar_view_copy(net->in_channels, chunk->frames, (wn_planar_view){(wn_real *)chunk->pcm, chunk->frames},
                            w->local);
    wn_tpipe_forward(w, parameters, chunk);
    if (c->harmonic_channels)
        wn_planar_view_copy(
            c->harmonic_channels, chunk->frames, (wn_planar_view){(wn_real *)chunk->harmonic_source, chunk->frames},
            wn_planar_view_from(w->local, c->pipeline_channels && !c->to_held ? c->pipeline_channels : 0));
    if (!net->held_rows) return;
    wn_gemm(&w->math, net->held_rows, chunk->frames / c->hop, c->held_channels,
            wn_plain(parameters + net->held_weight, c->held_channels), wn_plain(w->held.x, w->held.stride), 0,
            w->held_product.x, w->held_product.stride);
}

static void condition_backward(wn_twork *w, const wn_real *parameters, const wn_tchunk *chunk, wn_real *grad)
{
    const wn_tnet *net = w->net;
    const wn_tcondition *c = &net->condition;
    if (net->held_rows) {
        int frames = chunk->frames / c->hop;
        wn_gemm(&w->math, net->held_rows, c->held_channels, frames,
                wn_plain(w->dheld_product.x, w->dheld_product.stride), wn_transposed(w->held.x, w->held.stride), 1,
                grad + net->held_weight, c->held_channels);
        wn_gemm(&w->math, c->held_channels, frames, net->held_rows,
                wn_transposed(parameters + net->held_weight, c->held_channels),
                wn_plain(w->dheld_product.x, w->dheld_product.stride), 0, w->dheld.x, w->dheld.stride);
    }
    wn_tpipe_backward(w, parameters, chunk, grad);
}

/* ---- head ------------------------------------------------------------------------------------------------------ */

static void head_forward(wn_twork *w, const wn_real *parameters, int frames)
{
    const wn_tnet *net = w->net;
    wn_planar_view from = w->out[net->n_stacks - 1];
    int channels = net->n_head ? net->head[0].in : net->outputs;
    wn_planar_view to = net->n_head ? w->head[0] : w->y;
    wn_planar_view_copy(channels, frames, from, to);
    wn_planar_view_scale(channels, frames, net->head_scale, to);
    for (int i = 0; i < net->n_head; i++) {
        const wn_thead *h = &net->head[i];
        wn_planar_view a = w->signals[h->signal], y = i + 1 < net->n_head ? w->head[i + 1] : w->y;
        if (h->act.kind == WN_ACT_IDENTITY)
            wn_planar_view_copy(h->in, frames, w->head[i], a);
        else
            wn_tact_forward(&h->act, parameters, h->in, frames, w->head[i], a);
        wn_planar_view_fill(h->conv.out, frames, wn_tconv_bias(&h->conv, parameters), y);
        wn_tconv_forward(&w->math, &h->conv, parameters, frames, a, 1, y);
    }
}

/* w->dout = gradient of the last stack's output. */
static void head_backward(wn_twork *w, const wn_real *parameters, int frames, wn_real *grad)
{
    const wn_tnet *net = w->net;
    wn_planar_view dy = w->dy;
    for (int i = net->n_head - 1; i >= 0; i--) {
        const wn_thead *h = &net->head[i];
        wn_planar_view dx = i % 2 ? w->temp : w->dout;
        if (h->conv.has_bias) wn_planar_view_sum(h->conv.out, frames, dy, grad + h->conv.bias);
        wn_tconv_weights(&w->math, &h->conv, grad, frames, w->signals[h->signal], dy);
        wn_tconv_input(&w->math, &h->conv, parameters, h->in, frames, dy, 0, dx);
        wn_tact_backward(&h->act, parameters, grad, h->in, frames, w->head[i], dx, dx);
        dy = dx;
    }
    if (!net->n_head) wn_planar_view_copy(net->outputs, frames, dy, w->dout);
    wn_planar_view_scale(net->n_head ? net->head[0].in : net->outputs, frames, net->head_scale, w->dout);
}

/* ---- the two passes -------------------------------------------------------------------------------------------- */

void wn_tnet_forward(wn_twork *w, const wn_real *parameters, const wn_tchunk *chunk, wn_real *state)
{
    restore_histories(w, state);
    set_input(w, chunk);
    condition_forward(w, parameters, chunk);
    for (int i = 0; i < w->net->n_stacks; i++) wn_tstack_forward(w, parameters, i, chunk->frames);
    head_forward(w, parameters, chunk->frames);
    save_histories(w, chunk->frames, state);
}

void wn_tnet_backward(wn_twork *w, const wn_real *parameters, const wn_tchunk *chunk, wn_real *grad)
{
    const wn_tnet *net = w->net;
    const wn_tstack *last = &net->stacks[net->n_stacks - 1];
    head_backward(w, parameters, chunk->frames, grad);
    wn_planar_view_fill(last->channels, chunk->frames, NULL, w->dh);
    if (net->condition.trains && !net->condition.to_held)
        wn_planar_view_fill(net->condition.pipeline_channels, chunk->frames, NULL, w->dlocal);
    for (int i = net->n_stacks - 1; i >= 0; i--) wn_tstack_backward(w, parameters, i, chunk, grad);
    condition_backward(w, parameters, chunk, grad);
}
