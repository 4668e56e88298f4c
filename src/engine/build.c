/* SPDX-License-Identifier: MIT
 * build.c - the flat list of steps that a description means. Every family of networks comes through here.
 * Copyright (c) 2026 the wavenet authors */
#include "engine/build.h"

#include <math.h>
#include <stdio.h>

#include "engine/function.h"

/* Scratch of one network. Row strides are those of the steps; a buffer only has room for the widest user. */
typedef struct scratch {
    int local;    /* the local condition */
    int h[2];     /* residual path, stacks alternate */
    int skip[2];  /* skip sum and head output, stacks alternate */
    int u, z;     /* before and after the activation */
    int product;  /* a 1x1's result on its way to a sum */
    int filtered; /* input of a conv or mixin after FiLM */
    int film;     /* scale and shift rows */
    int head[2];  /* between head layers */
    int starts, width; /* single frames: bias + condition of all layers of the stack, the row's channels; -1 = none */
    int part;          /* first channel of this layer's */
} scratch;

void wn_step_name(wn_step *s, const char *prefix, const char *role)
{
    if (s->layer >= 0)
        snprintf(s->name, sizeof s->name, "%sstacks.%d.layers.%d.%s", prefix ? prefix : "", s->stack, s->layer, role);
    else if (s->stack >= 0)
        snprintf(s->name, sizeof s->name, "%sstacks.%d.%s", prefix ? prefix : "", s->stack, role);
    else
        snprintf(s->name, sizeof s->name, "%s%s", prefix ? prefix : "", role);
}

static int widest(int a, int b) { return a > b ? a : b; }

static scratch make_scratch(wn_builder *b, const wn_model *m)
{
    int h = 1, skip = 1, u = 1, z = 1, product = 1, filtered = 1, film = 1, head = m->output_channels;
    for (int s = 0; s < m->n_stacks; s++) {
        const wn_stack *st = &m->stacks[s];
        h = widest(h, st->channels);
        skip = widest(skip, st->plain_output ? st->channels : widest(st->skip_channels, st->head.out));
        for (int l = 0; l < st->n_layers; l++) {
            const wn_layer *y = &st->layers[l];
            u = widest(u, y->conv.out);
            z = widest(z, y->bottleneck);
            product = widest(product, widest(widest(y->conv.out, y->bottleneck), widest(y->skip.out, y->residual.out)));
            filtered = widest(filtered, widest(y->conv.in, y->mixin.in));
            for (int f = 0; f < WN_FILM_COUNT; f++) film = widest(film, y->film[f].conv.out);
        }
    }
    for (int i = 0; i < m->n_head; i++) head = widest(head, widest(m->head[i].conv.in, m->head[i].conv.out));
    scratch k = {.local = WN_BUFFER_LOCAL};
    for (int i = 0; i < 2; i++) {
        k.h[i] = wn_builder_buffer(b, h);
        k.skip[i] = wn_builder_buffer(b, skip);
        k.head[i] = wn_builder_buffer(b, widest(head, widest(skip, h)));
    }
    k.u = wn_builder_buffer(b, u);
    k.z = wn_builder_buffer(b, z);
    k.product = wn_builder_buffer(b, product);
    k.filtered = wn_builder_buffer(b, filtered);
    k.film = wn_builder_buffer(b, film);
    return k;
}

static void scale(wn_builder *b, int src, int dst, int channels, float factor, const char *role)
{
    wn_step *s = wn_builder_step(b, WN_OP_SCALE, src, dst, role);
    s->channels = channels;
    s->scale = factor;
}

static void add(wn_builder *b, int src, int dst, int channels, float factor, const char *role)
{
    wn_step *s = wn_builder_step(b, WN_OP_ADD_SCALED, src, dst, role);
    s->channels = channels;
    s->scale = factor;
}

static const float *own_bias(const wn_conv *c) { return c->has_bias ? c->bias : NULL; }

/* dst = film(src), if the layer has FiLM at `place`; returns where the result is. */
static int film(wn_builder *b, const scratch *k, const wn_layer *y, int place, int channels, int src, int dst)
{
    const wn_film *f = &y->film[place];
    if (!f->active) return src;
    char role[24];
    snprintf(role, sizeof role, "film.%s", wn_film_name(place));
    wn_builder_conv(b, &f->conv, role, k->local, k->film, WN_START_BIAS, own_bias(&f->conv), 1);
    wn_step *s = wn_builder_step(b, WN_OP_FILM, src, dst, role);
    s->second = k->film;
    s->channels = channels;
    s->shift = f->shift;
    return dst;
}

/* u = bias + held + mixin + conv taps. Without FiLM in between, one running sum in the order of the contract. */
static void layer_input(wn_builder *b, const scratch *k, const wn_layer *y, int h)
{
    if (k->starts >= 0) {
        int src = film(b, k, y, WN_FILM_CONV_PRE, y->conv.in, h, k->filtered);
        wn_step *s = wn_builder_conv(b, &y->conv, "conv", src, k->u, WN_START_PART, NULL, 1);
        s->second = k->starts;
        s->part = k->part;
        s->width = k->width;
        return;
    }
    wn_start start = y->held.out ? WN_START_HELD : WN_START_BIAS;
    int held = y->held.out ? wn_builder_held(b, &y->held, own_bias(&y->conv)) : 0;
    int source = film(b, k, y, WN_FILM_CONV_PRE, y->conv.in, h, k->filtered);
    bool apart =
        y->film[WN_FILM_CONV_POST].active || y->film[WN_FILM_MIXIN_PRE].active || y->film[WN_FILM_MIXIN_POST].active;
    if (y->mixin.out && !apart) {
        wn_builder_conv(b, &y->mixin, "mixin", k->local, k->u, start, own_bias(&y->conv), 1)->held = held;
        wn_builder_conv(b, &y->conv, "conv", source, k->u, WN_START_ROWS, NULL, 1);
        return;
    }
    wn_builder_conv(b, &y->conv, "conv", source, k->u, start, own_bias(&y->conv), 1)->held = held;
    film(b, k, y, WN_FILM_CONV_POST, y->conv.out, k->u, k->u);
    if (!y->mixin.out) return;
    int condition = film(b, k, y, WN_FILM_MIXIN_PRE, y->mixin.in, k->local, k->filtered);
    wn_builder_conv(b, &y->mixin, "mixin", condition, k->product, WN_START_BIAS, NULL, 1);
    film(b, k, y, WN_FILM_MIXIN_POST, y->mixin.out, k->product, k->product);
    add(b, k->product, k->u, y->conv.out, 1, "mixin");
}

static void layer_gate(wn_builder *b, const scratch *k, const wn_layer *y)
{
    static const wn_op ops[] = {
        [WN_GATING_NONE] = WN_OP_ACT, [WN_GATING_GATED] = WN_OP_GATED, [WN_GATING_BLENDED] = WN_OP_BLENDED};
    film(b, k, y, WN_FILM_ACT_PRE, y->conv.out, k->u, k->u);
    wn_step *s = wn_builder_step(b, ops[y->gating], k->u, k->z, "activation");
    s->channels = y->bottleneck;
    s->act = wn_function(&y->act);
    s->gate = wn_function(&y->gate);
    film(b, k, y, WN_FILM_ACT_POST, y->bottleneck, k->z, k->z);
}

/* Where the running skip sum of a stack stands. */
typedef struct skip_state {
    int buffer;
    bool started;        /* the buffer holds something */
    const float *biases; /* [skip] sum over the layers whose products go straight into the sum; NULL once added */
    bool late;           /* single frames: one product at the end of the stack */
} skip_state;

static bool is_direct(const wn_stack *st, const wn_layer *y)
{
    return st->skip_sum == WN_SKIP_SUM && y->skip.out && !y->film[WN_FILM_SKIP_POST].active;
}

/* Biases of all direct skips are added once, first: "bias first, then products". */
static const float *skip_biases(wn_builder *b, const wn_stack *st)
{
    float *sum = wn_builder_alloc(b, (size_t)st->skip_channels, sizeof(float));
    bool any = false;
    for (int l = 0; sum && l < st->n_layers; l++) {
        const wn_layer *y = &st->layers[l];
        if (!is_direct(st, y) || !y->skip.has_bias) continue;
        any = true;
        for (int o = 0; o < st->skip_channels; o++) sum[o] += y->skip_scale * y->skip.bias[o];
    }
    return any ? sum : NULL;
}

/* Join a finished skip row (in `src`) to the sum. */
static void skip_join(wn_builder *b, const wn_stack *st, skip_state *s, int src)
{
    if (!s->started)
        scale(b, src, s->buffer, st->skip_channels, 1, "skip");
    else
        add(b, src, s->buffer, st->skip_channels, st->skip_sum == WN_SKIP_RUNNING ? sqrtf(0.5f) : 1, "skip");
    s->started = true;
}

static void layer_skip(wn_builder *b, const scratch *k, const wn_stack *st, const wn_layer *y, skip_state *s)
{
    if (st->plain_output || s->late) /* nobody reads the sum, or it is made at the end */
        return;
    if (is_direct(st, y)) {
        if (s->started && s->biases) {
            wn_builder_conv(b, &y->skip, "skip", k->z, k->product, WN_START_BIAS, s->biases, y->skip_scale);
            skip_join(b, st, s, k->product);
        } else {
            wn_start start = s->started ? WN_START_ROWS : WN_START_BIAS;
            wn_builder_conv(b, &y->skip, "skip", k->z, s->buffer, start, s->biases, y->skip_scale);
        }
        s->started = true;
        s->biases = NULL;
        return;
    }
    int src = k->z;
    if (y->skip.out) {
        src = k->product;
        wn_builder_conv(b, &y->skip, "skip", k->z, src, WN_START_BIAS, own_bias(&y->skip), 1);
    }
    src = film(b, k, y, WN_FILM_SKIP_POST, st->skip_channels, src, k->product);
    if (y->skip.out && y->skip_scale != 1) { /* z itself joins unscaled */
        scale(b, src, k->product, st->skip_channels, y->skip_scale, "skip");
        src = k->product;
    }
    skip_join(b, st, s, src);
}

/* With a sum to start from, biases of its own would be one sum too many. */
static bool can_wait(const skip_state *s) { return !s->started || !s->biases; }

static void layer_residual(wn_builder *b, const scratch *k, const wn_stack *st, const wn_layer *y, int h)
{
    if (!y->residual.out) return;
    wn_builder_conv(b, &y->residual, "residual", k->z, k->product, WN_START_BIAS, own_bias(&y->residual), 1);
    film(b, k, y, WN_FILM_RESIDUAL_POST, st->channels, k->product, k->product);
    add(b, k->product, h, st->channels, y->residual_scale, "residual");
}

/* h' = z. A plain layer that follows has read z before it writes z again; any other still needs h after that. */
static int layer_plain(wn_builder *b, const scratch *k, const wn_layer *next, int channels, int h)
{
    if (!next || next->plain) return k->z;
    scale(b, k->z, h, channels, 1, "plain");
    return h;
}

/* The layers of a stack; returns where its last h is. */
static int layers(wn_builder *b, scratch k, const wn_stack *st, int own, skip_state *skip)
{
    int h = own, activations = can_wait(skip) ? wn_frames_activations(b, st) : -1;
    int *part = wn_builder_alloc(b, (size_t)st->n_layers, sizeof *part);
    k.starts = part ? wn_frames_mixins(b, st, k.local, part, &k.width) : -1;
    skip->late = activations >= 0;
    for (int l = 0; part && l < st->n_layers; l++) {
        const wn_layer *y = &st->layers[l], *next = l + 1 < st->n_layers ? y + 1 : NULL;
        b->layer = l;
        k.part = part[l];
        if (skip->late) k.z = activations + l;
        layer_input(b, &k, y, h);
        layer_gate(b, &k, y);
        layer_skip(b, &k, st, y, skip);
        bool dead = !next && !st->plain_output && b->stack == b->last_stack;
        if (y->plain)
            h = layer_plain(b, &k, next, st->channels, own);
        else if (!dead) /* nobody reads the very last residual */
            layer_residual(b, &k, st, y, h);
    }
    b->layer = -1;
    if (skip->late) wn_frames_skips(b, st, activations, skip->buffer, skip->biases, skip->started);
    return h;
}

/* One stack: residual input in `input`, skip sum so far in `carried` (-1: none). Returns the buffer of its output. */
static int stack(wn_builder *b, const scratch *k, const wn_model *m, int index, int *residual, int carried)
{
    const wn_stack *st = &m->stacks[index];
    b->stack = index;
    int h = k->h[index % 2];
    if (index == 0 && m->input.n_classes)
        wn_builder_embed(b, &st->rechannel, *residual, h);
    else
        wn_builder_conv(b, &st->rechannel, "rechannel", *residual, h, WN_START_BIAS, own_bias(&st->rechannel), 1);
    skip_state s = {.buffer = carried >= 0 ? carried : k->skip[index % 2], .started = carried >= 0};
    s.biases = st->plain_output ? NULL : skip_biases(b, st);
    *residual = layers(b, *k, st, h, &s);
    int out = st->plain_output ? *residual : s.buffer;
    int channels = st->plain_output ? st->channels : st->skip_channels;
    if (st->skip_out_scale != 1 || (st->plain_output && index < b->last_stack)) { /* the next stack needs both */
        int dst = st->plain_output ? k->skip[index % 2] : out;
        scale(b, out, dst, channels, st->skip_out_scale, "skip");
        out = dst;
    }
    if (st->head.out) {
        int dst = out == k->skip[0] ? k->skip[1] : k->skip[0];
        wn_builder_conv(b, &st->head, "head", out, dst, WN_START_BIAS, own_bias(&st->head), 1);
        out = dst;
    }
    b->stack = -1;
    return out;
}

/* head_scale and the head layers, from `src` (channels wide) to `out`. */
static void head(wn_builder *b, const scratch *k, const wn_model *m, int src, int channels, int out)
{
    if (m->head_scale != 1 || m->n_head == 0) {
        int dst = m->n_head ? k->head[0] : out;
        scale(b, src, dst, channels, m->head_scale, "head.scale");
        src = dst;
    }
    for (int i = 0; i < m->n_head; i++) {
        char role[24];
        snprintf(role, sizeof role, "head.%d", i);
        if (m->head[i].act.kind != WN_ACT_IDENTITY) {
            wn_step *s = wn_builder_step(b, WN_OP_ACT, src, k->head[0], role);
            s->channels = m->head[i].conv.in;
            s->act = wn_function(&m->head[i].act);
            src = k->head[0];
        }
        int dst = i == m->n_head - 1 ? out : src == k->head[1] ? k->head[0] : k->head[1];
        wn_builder_conv(b, &m->head[i].conv, role, src, dst, WN_START_BIAS, own_bias(&m->head[i].conv), 1);
        src = dst;
    }
}

static void network(wn_builder *b, const wn_model *m, int input, int out)
{
    scratch k = make_scratch(b, m);
    if (m->condition.nested) {
        k.local = wn_builder_buffer(b, m->condition.nested->output_channels);
        b->prefix = "condition.";
        network(b, m->condition.nested, input, k.local);
        b->prefix = "";
    } else if (m->condition.source == WN_CONDITION_INPUT) {
        k.local = input;
    }
    b->last_stack = m->n_stacks - 1;
    int residual = input, output = -1;
    for (int s = 0; s < m->n_stacks; s++) output = stack(b, &k, m, s, &residual, output);
    const wn_stack *last = &m->stacks[m->n_stacks - 1];
    int channels = last->head.out ? last->head.out : last->plain_output ? last->channels : last->skip_channels;
    head(b, &k, m, output, channels, out);
}

void wn_build_network(wn_builder *b, const wn_model *model)
{
    const int fixed[] = {model->input.channels, model->condition.local_channels, model->output_channels};
    for (int i = 0; i < WN_BUFFER_SCRATCH; i++) wn_builder_buffer(b, fixed[i] > 0 ? fixed[i] : 1);
    network(b, model, WN_BUFFER_INPUT, WN_BUFFER_OUT);
}
