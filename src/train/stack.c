/* SPDX-License-Identifier: MIT
 * stack.c - one stack over a chunk: forward, and backward.
 * Copyright (c) 2026 the wavenet authors */
#include <string.h>

#include "train/net.h"

/* ---- forward ---------------------------------------------------------------------------------------------------- */

/* u before any product: bias and held condition. */
static void start_layer(wn_twork *w, const wn_real *theta, const wn_tlayer *l, int frames, wn_rows u)
{
    const wn_real *bias = wn_tconv_bias(&l->conv, theta);
    if (l->held)
        wn_rows_hold(l->conv.out, frames, w->net->condition.hop, bias, wn_rows_from(w->joined, l->held_row), u);
    else
        wn_rows_fill(l->conv.out, frames, bias, u);
}

static void activate(const wn_tlayer *l, const wn_real *theta, int frames, wn_rows u, wn_rows z)
{
    if (l->gating == WN_GATING_GATED)
        wn_gated_forward(&l->act, &l->gate, theta, l->bottleneck, frames, u, z);
    else if (l->gating == WN_GATING_BLENDED)
        wn_blended_forward(&l->act, &l->gate, theta, l->bottleneck, frames, u, z);
    else if (l->act.kind == WN_ACT_IDENTITY)
        wn_rows_copy(l->bottleneck, frames, u, z);
    else
        wn_tact_forward(&l->act, theta, l->bottleneck, frames, u, z);
}

/* sum += gain * (skip z + bias). */
static void add_skip(wn_twork *w, const wn_real *theta, const wn_tlayer *l, int frames, wn_rows z, wn_rows sum)
{
    const wn_tconv *skip = &l->skip;
    if (!skip->out) {
        wn_rows_add(l->bottleneck, frames, l->skip_gain, z, sum);
    } else if (l->skip_gain == 1) {
        wn_tconv_forward(&w->math, skip, theta, frames, z, 1, sum); /* the bias is in the sum's start */
    } else {
        wn_rows_fill(skip->out, frames, wn_tconv_bias(skip, theta), w->temp);
        wn_tconv_forward(&w->math, skip, theta, frames, z, 1, w->temp);
        wn_rows_add(skip->out, frames, l->skip_gain, w->temp, sum);
    }
}

/* h' = scale * (h + residual z). */
static void move_on(wn_twork *w, const wn_real *theta, const wn_tlayer *l, int channels, int frames, wn_rows z,
                    wn_rows h, wn_rows next)
{
    if (l->plain) {
        wn_rows_copy(channels, frames, z, next);
        return;
    }
    if (l->moves && l->residual.has_bias)
        wn_rows_shift(channels, frames, theta + l->residual.bias, h, next);
    else
        wn_rows_copy(channels, frames, h, next);
    if (!l->moves) return;
    wn_tconv_forward(&w->math, &l->residual, theta, frames, z, 1, next);
    wn_rows_scale(channels, frames, l->residual_scale, next);
}

static void layer_forward(wn_twork *w, const wn_real *theta, int stack, int index, int frames)
{
    const wn_tstack *s = &w->net->stacks[stack];
    const wn_tlayer *l = &s->layers[index];
    wn_rows h = w->signals[s->h + index], next = w->signals[s->h + index + 1];
    wn_rows u = w->u[stack][index], z = w->z[stack][index];
    start_layer(w, theta, l, frames, u);
    if (l->mixin.out) wn_tconv_forward(&w->math, &l->mixin, theta, frames, w->local, 1, u);
    wn_tconv_forward(&w->math, &l->conv, theta, frames, h, 1, u);
    activate(l, theta, frames, u, z);
    if (l->sums) add_skip(w, theta, l, frames, z, w->signals[s->sum]);
    move_on(w, theta, l, s->channels, frames, z, h, next);
}

/* Where the skip sum starts: the output of the stack before, and the biases of the skips that enter it unscaled. */
static void start_sum(wn_twork *w, const wn_real *theta, int stack, int frames)
{
    const wn_tstack *s = &w->net->stacks[stack];
    wn_rows sum = w->signals[s->sum];
    wn_real *bias = w->temp.x;
    memset(bias, 0, (size_t)s->skip_channels * sizeof *bias);
    for (int i = 0; i < s->n_layers; i++) {
        const wn_tlayer *l = &s->layers[i];
        if (!l->sums || !l->skip.has_bias || l->skip_gain != 1) continue;
        for (int c = 0; c < s->skip_channels; c++) bias[c] += theta[l->skip.bias + (size_t)c];
    }
    wn_rows_fill(s->skip_channels, frames, bias, sum);
    if (stack) wn_rows_add(s->skip_channels, frames, 1, w->out[stack - 1], sum);
}

/* A look at the one-hot input: classes `first` .. `first + n - 1` reach the output; weights of tap k at row + k * n. */
struct view {
    int first, n;
    size_t row;
};

static struct view view_of(const wn_tconv *c, int output)
{
    int n = c->in / c->groups;
    return (struct view){output / (c->out / c->groups) * n, n,
                         c->weight + (size_t)output * (size_t)c->kernel * (size_t)n};
}

/* The classes that tap k meets. */
static const int *classes_of(const wn_twork *w, const wn_tconv *c, int k)
{
    return w->classes + w->net->in_reach - (c->kernel - 1 - k) * c->dilation;
}

/* Columns of the first convolution's weights, chosen by class. */
static void look_up(const wn_twork *w, const wn_real *theta, const wn_tconv *c, int frames, wn_rows y)
{
    for (int o = 0; o < c->out; o++) {
        struct view v = view_of(c, o);
        wn_real *out = y.x + o * y.stride;
        for (int k = 0; k < c->kernel; k++) {
            const wn_real *row = theta + v.row + k * v.n;
            const int *classes = classes_of(w, c, k);
            for (int t = 0; t < frames; t++) {
                int i = classes[t] - v.first;
                out[t] += i >= 0 && i < v.n ? row[i] : 0;
            }
        }
    }
}

static void rechannel_forward(wn_twork *w, const wn_real *theta, int stack, int frames)
{
    const wn_tnet *net = w->net;
    const wn_tstack *s = &net->stacks[stack];
    wn_rows h = w->signals[s->h];
    int from = stack ? s[-1].h + s[-1].n_layers : net->input;
    wn_rows_fill(s->channels, frames, wn_tconv_bias(&s->rechannel, theta), h);
    if (from < 0)
        look_up(w, theta, &s->rechannel, frames, h);
    else
        wn_tconv_forward(&w->math, &s->rechannel, theta, frames, w->signals[from], 1, h);
}

void wn_tstack_forward(wn_twork *w, const wn_real *theta, int stack, int frames)
{
    const wn_tstack *s = &w->net->stacks[stack];
    rechannel_forward(w, theta, stack, frames);
    if (!s->plain_output) start_sum(w, theta, stack, frames);
    for (int i = 0; i < s->n_layers; i++) layer_forward(w, theta, stack, i, frames);
    if (s->plain_output) { /* a copy: the next stack may need the h before it is scaled */
        wn_rows_copy(s->channels, frames, w->signals[s->h + s->n_layers], w->out[stack]);
        wn_rows_scale(s->channels, frames, s->out_scale, w->out[stack]);
        return;
    }
    wn_rows_scale(s->skip_channels, frames, s->out_scale, w->signals[s->sum]);
    if (!s->head.out) return;
    wn_rows_fill(s->head.out, frames, wn_tconv_bias(&s->head, theta), w->out[stack]);
    wn_tconv_forward(&w->math, &s->head, theta, frames, w->signals[s->sum], 1, w->out[stack]);
}

int wn_tstack_outputs(const wn_tstack *s)
{
    return s->plain_output ? s->channels : s->head.out ? s->head.out : s->skip_channels;
}

/* ---- backward --------------------------------------------------------------------------------------------------- */

static void bias_gradient(const wn_tconv *c, wn_real *grad, int frames, wn_rows dy)
{
    if (c->has_bias) wn_rows_sum(c->out, frames, dy, grad + c->bias);
}

/* dz, from the residual path and the skip path. */
static void gather_dz(wn_twork *w, const wn_real *theta, wn_real *grad, const wn_tlayer *l, int channels, int frames,
                      wn_rows z)
{
    int filled = 0;
    if (l->plain) {
        wn_rows_copy(channels, frames, w->dh, w->dz);
        wn_rows_fill(channels, frames, NULL, w->dh);
        filled = 1;
    } else if (l->moves) {
        wn_rows_scale(channels, frames, l->residual_scale, w->dh);
        bias_gradient(&l->residual, grad, frames, w->dh);
        wn_tconv_weights(&w->math, &l->residual, grad, frames, z, w->dh);
        wn_tconv_input(&w->math, &l->residual, theta, l->bottleneck, frames, w->dh, 0, w->dz);
        filled = 1;
    }
    if (!filled && !(l->sums && l->skip.out && l->skip_gain == 1)) wn_rows_fill(l->bottleneck, frames, NULL, w->dz);
    if (!l->sums) return;
    if (!l->skip.out) {
        wn_rows_add(l->bottleneck, frames, l->skip_gain, w->ds, w->dz);
        return;
    }
    wn_rows ds = w->ds;
    if (l->skip_gain != 1) {
        wn_rows_copy(l->skip.out, frames, w->ds, w->temp);
        wn_rows_scale(l->skip.out, frames, l->skip_gain, w->temp);
        ds = w->temp;
        filled = 1;
    }
    bias_gradient(&l->skip, grad, frames, ds);
    wn_tconv_weights(&w->math, &l->skip, grad, frames, z, ds);
    wn_tconv_input(&w->math, &l->skip, theta, l->bottleneck, frames, ds, filled, w->dz);
}

static void deactivate(wn_twork *w, const wn_real *theta, wn_real *grad, const wn_tlayer *l, int frames, wn_rows u,
                       wn_rows z)
{
    int n = l->bottleneck;
    if (l->gating == WN_GATING_GATED)
        wn_gated_backward(&l->act, &l->gate, theta, grad, n, frames, u, w->dz, w->du);
    else if (l->gating == WN_GATING_BLENDED)
        wn_blended_backward(&l->act, &l->gate, theta, grad, n, frames, u, w->dz, w->du);
    else if (wn_tact_has_slope(&l->act))
        wn_tact_backward_values(&l->act, n, frames, z, w->dz, w->du);
    else
        wn_tact_backward(&l->act, theta, grad, n, frames, u, w->dz, w->du);
}

/* The gradients of bias, held and local condition from du. */
static void condition_backward(wn_twork *w, const wn_real *theta, wn_real *grad, const wn_tlayer *l, int frames)
{
    const wn_tcondition *c = &w->net->condition;
    if (l->held) {
        wn_rows sums = wn_rows_from(w->djoined, l->held_row);
        wn_rows_unhold(l->conv.out, frames, c->hop, w->du, sums);
        bias_gradient(&l->conv, grad, frames / c->hop, sums);
    } else {
        bias_gradient(&l->conv, grad, frames, w->du);
    }
    if (!l->mixin.out) return;
    wn_tconv_weights(&w->math, &l->mixin, grad, frames, w->local, w->du);
    if (c->trains && !c->to_held)
        wn_tconv_input(&w->math, &l->mixin, theta, c->pipeline_channels, frames, w->du, 1, w->dlocal);
}

static void layer_backward(wn_twork *w, const wn_real *theta, wn_real *grad, int stack, int index, int frames)
{
    const wn_tstack *s = &w->net->stacks[stack];
    const wn_tlayer *l = &s->layers[index];
    gather_dz(w, theta, grad, l, s->channels, frames, w->z[stack][index]);
    deactivate(w, theta, grad, l, frames, w->u[stack][index], w->z[stack][index]);
    condition_backward(w, theta, grad, l, frames);
    wn_tconv_weights(&w->math, &l->conv, grad, frames, w->signals[s->h + index], w->du);
    wn_tconv_input(&w->math, &l->conv, theta, s->channels, frames, w->du, 1, w->dh);
}

static void look_up_backward(const wn_twork *w, const wn_tconv *c, wn_real *grad, int frames, wn_rows dy)
{
    for (int o = 0; o < c->out; o++) {
        struct view v = view_of(c, o);
        const wn_real *d = dy.x + o * dy.stride;
        for (int k = 0; k < c->kernel; k++) {
            wn_real *row = grad + v.row + k * v.n;
            const int *classes = classes_of(w, c, k);
            for (int t = 0; t < frames; t++) {
                int i = classes[t] - v.first;
                if (i >= 0 && i < v.n) row[i] += d[t];
            }
        }
    }
}

/* dh becomes the gradient of what the stack before gave. */
static void rechannel_backward(wn_twork *w, const wn_real *theta, wn_real *grad, int stack, int frames)
{
    const wn_tnet *net = w->net;
    const wn_tstack *s = &net->stacks[stack];
    bias_gradient(&s->rechannel, grad, frames, w->dh);
    if (!stack && net->input < 0) {
        look_up_backward(w, &s->rechannel, grad, frames, w->dh);
        return;
    }
    int from = stack ? s[-1].h + s[-1].n_layers : net->input;
    wn_tconv_weights(&w->math, &s->rechannel, grad, frames, w->signals[from], w->dh);
    if (!stack) return;
    wn_tconv_input(&w->math, &s->rechannel, theta, s->rechannel.in, frames, w->dh, 0, w->temp);
    wn_rows_copy(s->rechannel.in, frames, w->temp, w->dh);
}

/* ds from the gradient of the stack's output. */
static void output_backward(wn_twork *w, const wn_real *theta, wn_real *grad, int stack, int frames)
{
    const wn_tstack *s = &w->net->stacks[stack];
    if (s->plain_output) {
        wn_rows_add(s->channels, frames, s->out_scale, w->dout, w->dh);
        return;
    }
    if (s->head.out) {
        bias_gradient(&s->head, grad, frames, w->dout);
        wn_tconv_weights(&w->math, &s->head, grad, frames, w->signals[s->sum], w->dout);
        wn_tconv_input(&w->math, &s->head, theta, s->skip_channels, frames, w->dout, 0, w->ds);
    } else {
        wn_rows_copy(s->skip_channels, frames, w->dout, w->ds);
    }
    wn_rows_scale(s->skip_channels, frames, s->out_scale, w->ds);
}

void wn_tstack_backward(wn_twork *w, const wn_real *theta, int stack, const wn_tchunk *chunk, wn_real *grad)
{
    const wn_tstack *s = &w->net->stacks[stack];
    int frames = chunk->frames;
    output_backward(w, theta, grad, stack, frames);
    for (int i = s->n_layers - 1; i >= 0; i--) layer_backward(w, theta, grad, stack, i, frames);
    rechannel_backward(w, theta, grad, stack, frames);
    if (!stack) return;
    if (s->plain_output)
        wn_rows_fill(wn_tstack_outputs(s - 1), frames, NULL, w->dout); /* no sum started from it */
    else
        wn_rows_copy(s->skip_channels, frames, w->ds, w->dout);
}
