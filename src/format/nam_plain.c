/* SPDX-License-Identifier: MIT
 * nam_plain.c - captures without residuals: ConvNet, a chain of convolutions, and Linear, one long FIR.
 * Copyright (c) 2026 the wavenet authors */
#include "format/nam_plain.h"

#include <math.h>

#include "format/nam_act.h"
#include "format/nam_reader.h"
#include "format/nam_weights.h"
#include "model/description.h"

/* One stack without layers, whose output is what its first convolution gives. */
static wn_stack *plain_stack(wn_nam_reader *x)
{
    wn_model *m = x->model;
    m->output_channels = 1;
    m->stacks = x->r->status ? NULL : wn_stacks_new(m->arena, 1);
    if (!m->stacks) {
        wn_json_memory(x->r);
        return NULL;
    }
    m->n_stacks = 1;
    m->stacks->plain_output = true;
    return m->stacks;
}

/* ---- ConvNet: the first block is the stack's first convolution, what follows is its head ------------------------- */

static void read_block(wn_nam_reader *x, const json_t *dilations, int i, int in, int channels, int groups,
                       wn_conv *conv)
{
    size_t mark = wn_json_enter(x->r, "dilations", i);
    int dilation = wn_json_as_int(x->r, json_array_get(dilations, (size_t)i), "", 1, 1, WN_MAX_DILATION);
    wn_nam_shape(x, "", conv, in, channels, 2, dilation, groups, true);
    wn_json_leave(x->r, mark);
}

void wn_nam_convnet(wn_nam_reader *x, const json_t *config)
{
    static const char *const keys[] = {"channels", "dilations", "batchnorm", "activation", "groups", NULL};
    wn_json *r = x->r;
    wn_model *m = x->model;
    wn_nam_keys(x, config, keys);
    for (int i = 0; i < 4; i++) wn_json_need(r, config, keys[i]);
    int channels = wn_json_int(r, config, "channels", 1, 1, WN_MAX_CHANNELS);
    int groups = wn_json_int(r, config, "groups", 1, 1, WN_MAX_CHANNELS);
    x->batchnorm = wn_json_bool(r, config, "batchnorm", false);
    const json_t *dilations = wn_json_array(r, config, "dilations", WN_MAX_HEAD);
    int n = (int)json_array_size(dilations);
    if (!n) wn_json_fail(r, "dilations", "is empty, expected one for each block");
    wn_stack *s = plain_stack(x);
    if (!s) return;
    m->head = wn_arena_alloc(m->arena, (size_t)n, sizeof *m->head);
    if (!m->head) wn_json_memory(r);
    s->channels = channels;
    read_block(x, dilations, 0, 1, channels, groups, &s->rechannel);
    for (int i = 0; !r->status && i < n; i++) {
        wn_head_layer *h = &m->head[i];
        m->n_head = i + 1;
        wn_nam_read_act(x, wn_json_get(config, "activation"), "activation", channels, &h->act);
        if (i + 1 < n)
            read_block(x, dilations, i + 1, channels, channels, groups, &h->conv);
        else
            wn_nam_shape(x, "channels", &h->conv, channels, 1, 1, 1, 1, true);
    }
}

static wn_conv *block(wn_model *m, int i) { return i ? &m->head[i - 1].conv : &m->stacks->rechannel; }

/* Batch norm that no longer learns is a scale and a shift a channel; they go into the convolution, in double precision:
 * gamma (W x - mean) / sqrt(var + eps) + beta. */
static void fold(wn_nam_reader *x, wn_conv *c, const float *norm)
{
    int n = c->out, row = c->in / c->groups * c->kernel;
    const float *mean = norm, *var = mean + n, *gamma = var + n, *beta = gamma + n;
    double eps = (double)norm[4 * n];
    for (int o = 0; o < n; o++) {
        double scale = (double)gamma[o] / sqrt((double)var[o] + eps);
        if (!isfinite(scale))
            wn_json_fail(x->r, "weights", "hold a batch norm with variance %g and epsilon %g, expected a positive sum",
                         (double)var[o], eps);
        for (int i = 0; i < row; i++) c->weight[o * row + i] = (float)(scale * (double)c->weight[o * row + i]);
        c->bias[o] = (float)((double)beta[o] - scale * (double)mean[o]);
    }
}

/* Each block's convolution, then mean, variance, gamma, beta and epsilon in place of a bias. */
static void take_normed(wn_nam_reader *x, wn_nam_cursor *cursor, wn_conv *c)
{
    int64_t norm = 4 * (int64_t)c->out + 1;
    if (!x->r->status) x->r->status = wn_nam_take(cursor, &c->weight, wn_conv_weights(c));
    if (!x->r->status) x->r->status = wn_weights_new(x->model->arena, &c->bias, c->out, x->r->file, x->r->error);
    if (!x->r->status) fold(x, c, cursor->next);
    cursor->next += norm;
}

static void take_plain(wn_nam_reader *x, wn_nam_cursor *cursor, wn_conv *c)
{
    if (!x->r->status) x->r->status = wn_nam_take(cursor, &c->weight, wn_conv_weights(c));
    if (!x->r->status) x->r->status = wn_nam_take(cursor, &c->bias, c->out);
}

void wn_nam_convnet_weights(wn_nam_reader *x)
{
    wn_model *m = x->model;
    int64_t expected = 0;
    if (x->r->status) return;
    for (int i = 0; i <= m->n_head; i++) {
        const wn_conv *c = block(m, i);
        bool normed = x->batchnorm && i < m->n_head;
        expected += wn_conv_weights(c) + (normed ? 4 * (int64_t)c->out + 1 : c->out);
    }
    const float *list = wn_nam_floats(x, expected);
    wn_nam_cursor cursor = {x, list};
    for (int i = 0; list && i <= m->n_head; i++)
        (x->batchnorm && i < m->n_head ? take_normed : take_plain)(x, &cursor, block(m, i));
    if (x->batchnorm) wn_nam_note(x, "batch norm is folded into the convolutions");
}

/* ---- Linear --------------------------------------------------------------------------------------------------------- */

void wn_nam_linear(wn_nam_reader *x, const json_t *config)
{
    static const char *const keys[] = {"receptive_field", "bias", "implementation", NULL};
    static const char *const implementations[] = {"auto", "direct", "fft"};
    wn_json *r = x->r;
    wn_nam_keys(x, config, keys);
    for (int i = 0; i < 2; i++) wn_json_need(r, config, keys[i]);
    int taps = wn_json_int(r, config, "receptive_field", 1, 1, WN_MAX_KERNEL);
    bool bias = wn_json_bool(r, config, "bias", false);
    wn_json_word(r, config, "implementation", 0, implementations, 3);
    wn_stack *s = plain_stack(x);
    if (!s) return;
    s->channels = 1;
    wn_nam_shape(x, "receptive_field", &s->rechannel, 1, 1, taps, 1, 1, bias);
}

/* The file begins with the newest tap, a description ends with it. */
void wn_nam_reverse(float *taps, int n)
{
    for (int i = 0, k = n - 1; i < k; i++, k--) {
        float t = taps[i];
        taps[i] = taps[k];
        taps[k] = t;
    }
}

void wn_nam_linear_weights(wn_nam_reader *x)
{
    if (x->r->status) return;
    wn_conv *c = &x->model->stacks->rechannel;
    const float *list = wn_nam_floats(x, c->kernel + c->has_bias);
    wn_nam_cursor cursor = {x, list};
    if (list) x->r->status = wn_nam_runs(x->model, false, wn_nam_take, &cursor);
    if (list && !x->r->status) wn_nam_reverse(c->weight, c->kernel);
}
