/* SPDX-License-Identifier: MIT
 * stack.c - forward and backward passes of one stack over a chunk.
 * Copyright (c) 2026 the wavenet authors */
#include "train/stack.h"

#include <string.h>

#include "train/gate.h"

/* ---- forward --------------------------------------------------------------------------------------------------- */

/* u = bias + frame-rate condition. */
static void layer_init(wn_twork *w, const wn_real *parameters, const wn_tlayer *l, int frames, wn_planar_view u)
{
    const wn_real *bias = wn_tconv_bias(&l->conv, parameters);
    if (l->held)
        wn_planar_view_repeat(l->conv.out, frames, w->net->condition.hop, bias,
                              wn_planar_view_from(w->held_product, l->held_row), u);
    else
        wn_planar_view_fill(l->conv.out, frames, bias, u);
}

static void layer_activate(const wn_tlayer *l, const wn_real *parameters, int frames, wn_planar_view u,
                           wn_planar_view z)
{
    if (l->gating == WN_GATING_GATED)
        wn_gated_forward(&l->act, &l->gate, parameters, l->bottleneck, frames, u, z);
    else if (l->gating == WN_GATING_BLENDED)
        wn_blended_forward(&l->act, &l->gate, parameters, l->bottleneck, frames, u, z);
    else if (l->act.kind == WN_ACT_IDENTITY)
        wn_planar_view_copy(l->bottleneck, frames, u, z);
    else
        wn_tact_forward(&l->act, parameters, l->bottleneck, frames, u, z);
}

/* sum += gain * (skip z + bias). */
static void layer_add_skip(wn_twork *w, const wn_real *parameters, const wn_tlayer *l, int frames, wn_planar_view z,
                           wn_planar_view sum)
{
    const wn_tconv *skip = &l->skip;
    if (!skip->out) {
        wn_planar_view_add(l->bottleneck, frames, l->skip_gain, z, sum);
    } else if (l->skip_gain == 1) {
        wn_tconv_forward(&w->math, skip, parameters, frames, z, 1, sum); /* init_skip_sum added the bias */
    } else {
        wn_planar_view_fill(skip->out, frames, wn_tconv_bias(skip, parameters), w->temp);
        wn_tconv_forward(&w->math, skip, parameters, frames, z, 1, w->temp);
        wn_planar_view_add(skip->out, frames, l->skip_gain, w->temp, sum);
    }
}

/* next = scale * (h + residual z). */
static void layer_residual_forward(wn_twork *w, const wn_real *parameters, const wn_tlayer *l, int channels, int frames,
                                   wn_planar_view z, wn_planar_view h, wn_planar_view next)
{
    if (l->plain) {
        wn_planar_view_copy(channels, frames, z, next);
        return;
    }
    if (l->has_residual && l->residual.has_bias)
        wn_planar_add_bias(channels, frames, parameters + l->residual.bias, h, next);
    else
        wn_planar_view_copy(channels, frames, h, next);
    if (!l->has_residual) return;
    wn_tconv_forward(&w->math, &l->residual, parameters, frames, z, 1, next);
    wn_planar_view_scale(channels, frames, l->residual_scale, next);
}

static void layer_forward(wn_twork *w, const wn_real *parameters, int stack, int index, int frames)
{
    const wn_tstack *s = &w->net->stacks[stack];
    const wn_tlayer *l = &s->layers[index];
    wn_planar_view h = w->signals[s->h + index], next = w->signals[s->h + index + 1];
    wn_planar_view u = w->u[stack][index], z = w->z[stack][index];
    layer_init(w, parameters, l, frames, u);
    if (l->mixin.out) wn_tconv_forward(&w->math, &l->mixin, parameters, frames, w->local, 1, u);
    wn_tconv_forward(&w->math, &l->conv, parameters, frames, h, 1, u);
    layer_activate(l, parameters, frames, u, z);
    if (l->has_skip) layer_add_skip(w, parameters, l, frames, z, w->signals[s->sum]);
    layer_residual_forward(w, parameters, l, s->channels, frames, z, h, next);
}

/* Initialise the skip sum with the output of the previous stack and the biases of all skips of gain 1. */
static void init_skip_sum(wn_twork *w, const wn_real *parameters, int stack, int frames)
{
    const wn_tstack *s = &w->net->stacks[stack];
    wn_planar_view sum = w->signals[s->sum];
    wn_real *bias = w->temp.x;
    memset(bias, 0, (size_t)s->skip_channels * sizeof *bias);
    for (int i = 0; i < s->n_layers; i++) {
        const wn_tlayer *l = &s->layers[i];
        if (!l->has_skip || !l->skip.has_bias || l->skip_gain != 1) continue;
        for (int c = 0; c < s->skip_channels; c++) bias[c] += parameters[l->skip.bias + (size_t)c];
    }
    wn_planar_view_fill(s->skip_channels, frames, bias, sum);
    if (stack) wn_planar_view_add(s->skip_channels, frames, 1, w->out[stack - 1], sum);
}

/* The classes first .. first + n - 1 of a one-hot input that an output reads; their weights for tap k are at row + k *
 * n. */
struct class_range {
    int first, n;
    size_t row;
};

static struct class_range class_range_of(const wn_tconv *c, int output)
{
    int n = c->in / c->groups;
    return (struct class_range){output / (c->out / c->groups) * n, n,
                                c->weight + (size_t)output * (size_t)c->kernel * (size_t)n};
}

/* The classes that tap k reads, [frames]. */
static const int *tap_classes(const wn_twork *w, const wn_tconv *c, int k)
{
    return w->classes + w->net->in_reach - (c->kernel - 1 - k) * c->dilation;
}

/* y += columns of the first convolution's weights, selected by class. */
static void embedding_forward(const wn_twork *w, const wn_real *parameters, const wn_tconv *c, int frames,
                              wn_planar_view y)
{
    for (int o = 0; o < c->out; o++) {
        struct class_range v = class_range_of(c, o);
        wn_real *out = y.x + o * y.stride;
        for (int k = 0; k < c->kernel; k++) {
            const wn_real *row = parameters + v.row + k * v.n;
            const int *classes = tap_classes(w, c, k);
            for (int t = 0; t < frames; t++) {
                int i = classes[t] - v.first;
                out[t] += i >= 0 && i < v.n ? row[i] : 0;
            }
        }
    }
}

static void rechannel_forward(wn_twork *w, const wn_real *parameters, int stack, int frames)
{
    const wn_tnet *net = w->net;
    const wn_tstack *s = &net->stacks[stack];
    wn_planar_view h = w->signals[s->h];
    int from = stack ? s[-1].h + s[-1].n_layers : net->input;
    wn_planar_view_fill(s->channels, frames, wn_tconv_bias(&s->rechannel, parameters), h);
    if (from < 0)
        embedding_forward(w, parameters, &s->rechannel, frames, h);
    else
        wn_tconv_forward(&w->math, &s->rechannel, parameters, frames, w->signals[from], 1, h);
}

void wn_tstack_forward(wn_twork *w, const wn_real *parameters, int stack, int frames)
{
    const wn_tstack *s = &w->net->stacks[stack];
    rechannel_forward(w, parameters, stack, frames);
    if (!s->plain_output) init_skip_sum(w, parameters, stack, frames);
    for (int i = 0; i < s->n_layers; i++) layer_forward(w, parameters, stack, i, frames);
    if (s->plain_output) { /* scale a copy, because the next stack reads the unscaled h */
        wn_planar_view_copy(s->channels, frames, w->signals[s->h + s->n_layers], w->out[stack]);
        wn_planar_view_scale(s->channels, frames, s->out_scale, w->out[stack]);
        return;
    }
    wn_planar_view_scale(s->skip_channels, frames, s->out_scale, w->signals[s->sum]);
    if (!s->head.out) return;
    wn_planar_view_fill(s->head.out, frames, wn_tconv_bias(&s->head, parameters), w->out[stack]);
    wn_tconv_forward(&w->math, &s->head, parameters, frames, w->signals[s->sum], 1, w->out[stack]);
}

int wn_tstack_outputs(const wn_tstack *s)
{
    return s->plain_output ? s->channels : s->head.out ? s->head.out : s->skip_channels;
}

/* ---- backward -------------------------------------------------------------------------------------------------- */

static void add_bias_gradient(const wn_tconv *c, wn_real *grad, int frames, wn_planar_view dy)
{
    if (c->has_bias) wn_planar_view_sum(c->out, frames, dy, grad + c->bias);
}

/* w->dz = gradient of z, from the residual path and the skip path. */
static void layer_output_backward(wn_twork *w, const wn_real *parameters, wn_real *grad, const wn_tlayer *l,
                                  int channels, int frames, wn_planar_view z)
{
    int filled = 0;
    if (l->plain) {
        wn_planar_view_copy(channels, frames, w->dh, w->dz);
        wn_planar_view_fill(channels, frames, NULL, w->dh);
        filled = 1;
    } else if (l->has_residual) {
        wn_planar_view_scale(channels, frames, l->residual_scale, w->dh);
        add_bias_gradient(&l->residual, grad, frames, w->dh);
        wn_tconv_weights(&w->math, &l->residual, grad, frames, z, w->dh);
        wn_tconv_input(&w->math, &l->residual, parameters, l->bottleneck, frames, w->dh, 0, w->dz);
        filled = 1;
    }
    if (!filled && !(l->has_skip && l->skip.out && l->skip_gain == 1))
        wn_planar_view_fill(l->bottleneck, frames, NULL, w->dz);
    if (!l->has_skip) return;
    if (!l->skip.out) {
        wn_planar_view_add(l->bottleneck, frames, l->skip_gain, w->ds, w->dz);
        return;
    }
    wn_planar_view ds = w->ds;
    if (l->skip_gain != 1) {
        wn_planar_view_copy(l->skip.out, frames, w->ds, w->temp);
        wn_planar_view_scale(l->skip.out, frames, l->skip_gain, w->temp);
        ds = w->temp;
        filled = 1;
    }
    add_bias_gradient(&l->skip, grad, frames, ds);
    wn_tconv_weights(&w->math, &l->skip, grad, frames, z, ds);
    wn_tconv_input(&w->math, &l->skip, parameters, l->bottleneck, frames, ds, filled, w->dz);
}

static void layer_activation_backward(wn_twork *w, const wn_real *parameters, wn_real *grad, const wn_tlayer *l,
                                      int frames, wn_planar_view u, wn_planar_view z)
{
    int n = l->bottleneck;
    if (l->gating == WN_GATING_GATED)
        wn_gated_backward(&l->act, &l->gate, parameters, grad, n, frames, u, w->dz, w->du);
    else if (l->gating == WN_GATING_BLENDED)
        wn_blended_backward(&l->act, &l->gate, parameters, grad, n, frames, u, w->dz, w->du);
    else if (wn_tact_has_slope(&l->act))
        wn_tact_backward_values(&l->act, n, frames, z, w->dz, w->du);
    else
        wn_tact_backward(&l->act, parameters, grad, n, frames, u, w->dz, w->du);
}

/* Add the gradients of the bias and of both conditions, from du. */
static void layer_condition_backward(wn_twork *w, const wn_real *parameters, wn_real *grad, const wn_tlayer *l,
                                     int frames)
{
    const wn_tcondition *c = &w->net->condition;
    if (l->held) {
        wn_planar_view sums = wn_planar_view_from(w->dheld_product, l->held_row);
        wn_planar_sum_hops(l->conv.out, frames, c->hop, w->du, sums);
        add_bias_gradient(&l->conv, grad, frames / c->hop, sums);
    } else {
        add_bias_gradient(&l->conv, grad, frames, w->du);
    }
    if (!l->mixin.out) return;
    wn_tconv_weights(&w->math, &l->mixin, grad, frames, w->local, w->du);
    if (c->trains && !c->to_held)
        wn_tconv_input(&w->math, &l->mixin, parameters, c->pipeline_channels, frames, w->du, 1, w->dlocal);
}

static void layer_backward(wn_twork *w, const wn_real *parameters, wn_real *grad, int stack, int index, int frames)
{
    const wn_tstack *s = &w->net->stacks[stack];
    const wn_tlayer *l = &s->layers[index];
    layer_output_backward(w, parameters, grad, l, s->channels, frames, w->z[stack][index]);
    layer_activation_backward(w, parameters, grad, l, frames, w->u[stack][index], w->z[stack][index]);
    layer_condition_backward(w, parameters, grad, l, frames);
    wn_tconv_weights(&w->math, &l->conv, grad, frames, w->signals[s->h + index], w->du);
    wn_tconv_input(&w->math, &l->conv, parameters, s->channels, frames, w->du, 1, w->dh);
}

static void embedding_backward(const wn_twork *w, const wn_tconv *c, wn_real *grad, int frames, wn_planar_view dy)
{
    for (int o = 0; o < c->out; o++) {
        struct class_range v = class_range_of(c, o);
        const wn_real *d = dy.x + o * dy.stride;
        for (int k = 0; k < c->kernel; k++) {
            wn_real *row = grad + v.row + k * v.n;
            const int *classes = tap_classes(w, c, k);
            for (int t = 0; t < frames; t++) {
                int i = classes[t] - v.first;
                if (i >= 0 && i < v.n) row[i] += d[t];
            }
        }
    }
}

/* w->dh = gradient of the previous stack's last h. */
static void rechannel_backward(wn_twork *w, const wn_real *parameters, wn_real *grad, int stack, int frames)
{
    const wn_tnet *net = w->net;
    const wn_tstack *s = &net->stacks[stack];
    add_bias_gradient(&s->rechannel, grad, frames, w->dh);
    if (!stack && net->input < 0) {
        embedding_backward(w, &s->rechannel, grad, frames, w->dh);
        return;
    }
    int from = stack ? s[-1].h + s[-1].n_layers : net->input;
    wn_tconv_weights(&w->math, &s->rechannel, grad, frames, w->signals[from], w->dh);
    if (!stack) return;
    wn_tconv_input(&w->math, &s->rechannel, parameters, s->rechannel.in, frames, w->dh, 0, w->temp);
    wn_planar_view_copy(s->rechannel.in, frames, w->temp, w->dh);
}

/* w->ds = gradient of the skip sum, from w->dout. */
static void output_backward(wn_twork *w, const wn_real *parameters, wn_real *grad, int stack, int frames)
{
    const wn_tstack *s = &w->net->stacks[stack];
    if (s->plain_output) {
        wn_planar_view_add(s->channels, frames, s->out_scale, w->dout, w->dh);
        return;
    }
    if (s->head.out) {
        add_bias_gradient(&s->head, grad, frames, w->dout);
        wn_tconv_weights(&w->math, &s->head, grad, frames, w->signals[s->sum], w->dout);
        wn_tconv_input(&w->math, &s->head, parameters, s->skip_channels, frames, w->dout, 0, w->ds);
    } else {
        wn_planar_view_copy(s->skip_channels, frames, w->dout, w->ds);
    }
    wn_planar_view_scale(s->skip_channels, frames, s->out_scale, w->ds);
}

void wn_tstack_backward(wn_twork *w, const wn_real *parameters, int stack, const wn_tchunk *chunk, wn_real *grad)
{
    const wn_tstack *s = &w->net->stacks[stack];
    int frames = chunk->frames;
    output_backward(w, parameters, grad, stack, frames);
    for (int i = s->n_layers - 1; i >= 0; i--) layer_backward(w, parameters, grad, stack, i, frames);
    rechannel_backward(w, parameters, grad, stack, frames);
    if (!stack) return;
    if (s->plain_output)
        wn_planar_view_fill(wn_tstack_outputs(s - 1), frames, NULL,
                            w->dout); /* the previous output was not added to a sum */
    else
        wn_planar_view_copy(s->skip_channels, frames, w->ds, w->dout);
}
