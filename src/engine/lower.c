/* SPDX-License-Identifier: MIT
 * lower.c - the operations that a description means. Every family of networks comes through here, and here alone the order of
 * sums is stated. Nothing is known of layouts, of what runs together or of what runs ahead.
 * Copyright (c) 2026 the wavenet authors */
#include "engine/lower.h"

#include <math.h>
#include <string.h>

/* After the first failed allocation every call does nothing and returns something harmless; look at `failed` once. */
typedef struct lowering {
    wn_arena *arena;
    wn_op_list list;
    int op_capacity, value_capacity;
    int depth, stack, layer; /* where the next operation belongs */
    int input, local;        /* input and local condition of the network in hand */
    int link, next_link;     /* its place in a chain, -1: none; that of the next one */
    bool failed;
    wn_op dummy; /* takes the writes of operations that could not be made */
} lowering;

/* Space for one more element of a growing array: doubles it. Old halves stay in the arena until the plan dies. */
static void *grow_array(lowering *l, void *array, int n, int *capacity, size_t size)
{
    if (n < *capacity || l->failed) return array;
    int larger = *capacity ? 2 * *capacity : 64;
    void *p = wn_arena_alloc(l->arena, (size_t)larger, size);
    l->failed = !p;
    if (!p) return array;
    if (n) memcpy(p, array, (size_t)n * size);
    *capacity = larger;
    return p;
}

static int new_value(lowering *l, int channels, wn_rate rate, wn_origin origin)
{
    wn_op_list *list = &l->list;
    list->value = grow_array(l, list->value, list->n_values, &l->value_capacity, sizeof *list->value);
    if (l->failed) return 0;
    list->value[list->n_values] = (wn_value){channels, rate, origin};
    return list->n_values++;
}

static wn_op *new_op(lowering *l, wn_op_kind kind, wn_role role, int src, int channels)
{
    wn_op_list *list = &l->list;
    int dst = new_value(l, channels, WN_RATE_SAMPLE, WN_ORIGIN_COMPUTED);
    list->op = grow_array(l, list->op, list->n, &l->op_capacity, sizeof *list->op);
    wn_op *op = l->failed ? &l->dummy : &list->op[list->n++];
    *op = (wn_op){.kind = kind,
                  .role = role,
                  .depth = l->depth,
                  .link = l->link,
                  .stack = l->stack,
                  .layer = l->layer,
                  .dst = dst,
                  .src = src,
                  .second = WN_NO_VALUE,
                  .add = WN_NO_VALUE,
                  .weight_scale = 1,
                  .scale = 1};
    return op;
}

/* ---- single operations, which return the value they make ------------------------------------------------------------- */

static const float *own_bias(const wn_conv *c) { return c->has_bias ? c->bias : NULL; }

static const int *tap_delays(lowering *l, const wn_conv *c)
{
    if (c->kernel == 1) return NULL;
    int *delays = l->failed ? NULL : wn_arena_alloc(l->arena, (size_t)c->kernel, sizeof *delays);
    l->failed |= !delays;
    for (int k = 0; delays && k < c->kernel; k++) delays[k] = (c->kernel - 1 - k) * c->dilation;
    return delays;
}

/* dst = (add, or bias) + taps of src, each times `weight_scale`. */
static int lower_conv(lowering *l, wn_role role, const wn_conv *c, int src, int add, const float *bias,
                      float weight_scale)
{
    const int *delays = tap_delays(l, c);
    wn_op *op = new_op(l, WN_OP_CONV, role, src, c->out);
    op->conv = c;
    op->delays = delays;
    op->add = add;
    op->bias = add == WN_NO_VALUE ? bias : NULL;
    op->weight_scale = weight_scale;
    return op->dst;
}

static int lower_embed(lowering *l, const wn_conv *c, int classes)
{
    int dst = lower_conv(l, WN_ROLE_RECHANNEL, c, classes, WN_NO_VALUE, own_bias(c), 1);
    if (!l->failed) l->list.op[l->list.n - 1].kind = WN_OP_EMBED;
    return dst;
}

static int channels_of(const lowering *l, int value) { return l->failed ? 1 : l->list.value[value].channels; }

static int lower_scale(lowering *l, wn_role role, int src, float factor)
{
    wn_op *op = new_op(l, WN_OP_SCALE, role, src, channels_of(l, src));
    op->scale = factor;
    return op->dst;
}

/* (sum + term) * factor */
static int lower_add(lowering *l, wn_role role, int sum, int term, float factor)
{
    wn_op *op = new_op(l, WN_OP_ADD, role, term, channels_of(l, term));
    op->add = sum;
    op->scale = factor;
    return op->dst;
}

static int lower_function(lowering *l, wn_role role, int place, int src, const wn_act *act)
{
    wn_op *op = new_op(l, WN_OP_ACTIVATE, role, src, channels_of(l, src));
    op->place = place;
    op->act = act;
    return op->dst;
}

/* FiLM of `src`, if the layer has it at `place`; else src itself. */
static int lower_film(lowering *l, const wn_layer *y, int place, int src)
{
    const wn_film *f = &y->film[place];
    if (!f->active) return src;
    int second = lower_conv(l, WN_ROLE_FILM, &f->conv, l->local, WN_NO_VALUE, own_bias(&f->conv), 1);
    if (!l->failed) l->list.op[l->list.n - 1].place = place;
    wn_op *op = new_op(l, WN_OP_FILM, WN_ROLE_FILM, src, channels_of(l, src));
    op->place = place;
    op->second = second;
    op->shift = f->shift;
    return op->dst;
}

/* ---- a layer --------------------------------------------------------------------------------------------------------- */

/* u = b + G g + V c[t] + sum over k of W_k h[t - (K-1-k) d], in this order. With FiLM of the condition's share, or of the
 * convolution's alone, V c is a sum of its own, which is added last. */
static int layer_input(lowering *l, const wn_layer *y, int h)
{
    const float *bias = own_bias(&y->conv);
    int u = WN_NO_VALUE;
    bool apart =
        y->film[WN_FILM_CONV_POST].active || y->film[WN_FILM_MIXIN_PRE].active || y->film[WN_FILM_MIXIN_POST].active;
    if (y->held.out) u = lower_conv(l, WN_ROLE_HELD, &y->held, l->list.held, u, bias, 1);
    int x = lower_film(l, y, WN_FILM_CONV_PRE, h);
    if (y->mixin.out && !apart) u = lower_conv(l, WN_ROLE_MIXIN, &y->mixin, l->local, u, bias, 1);
    u = lower_conv(l, WN_ROLE_CONV, &y->conv, x, u, bias, 1);
    u = lower_film(l, y, WN_FILM_CONV_POST, u);
    if (!y->mixin.out || !apart) return u;
    int c = lower_film(l, y, WN_FILM_MIXIN_PRE, l->local);
    int share = lower_conv(l, WN_ROLE_MIXIN, &y->mixin, c, WN_NO_VALUE, NULL, 1);
    share = lower_film(l, y, WN_FILM_MIXIN_POST, share);
    return lower_add(l, WN_ROLE_MIXIN, u, share, 1);
}

/* z = act(u) | act(u[0:B]) gate(u[B:2B]) | a act(u[0:B]) + (1-a) u[0:B], a = gate(u[B:2B]) */
static int layer_activation(lowering *l, const wn_layer *y, int u)
{
    static const wn_op_kind kinds[] = {
        [WN_GATING_NONE] = WN_OP_ACTIVATE, [WN_GATING_GATED] = WN_OP_GATE, [WN_GATING_BLENDED] = WN_OP_BLEND};
    u = lower_film(l, y, WN_FILM_ACT_PRE, u);
    wn_op *op = new_op(l, kinds[y->gating], WN_ROLE_ACTIVATION, u, y->bottleneck);
    op->act = &y->act;
    op->gate = y->gating == WN_GATING_NONE ? NULL : &y->gate;
    return lower_film(l, y, WN_FILM_ACT_POST, op->dst);
}

/* The running skip sum of a stack. */
typedef struct skip_sum {
    int value;           /* WN_NO_VALUE: nothing yet */
    const float *biases; /* [skip] of all layers whose products go straight into the sum; NULL once added */
} skip_sum;

static bool is_direct(const wn_stack *st, const wn_layer *y)
{
    return st->skip_sum == WN_SKIP_SUM && y->skip.out && !y->film[WN_FILM_SKIP_POST].active;
}

/* Biases of all direct skips are added once, first: "bias first, then products". */
static const float *skip_biases(lowering *l, const wn_stack *st)
{
    float *sum = l->failed ? NULL : wn_arena_alloc(l->arena, (size_t)st->skip_channels, sizeof(float));
    bool any = false;
    l->failed |= !sum;
    for (int i = 0; sum && i < st->n_layers; i++) {
        const wn_layer *y = &st->layers[i];
        if (!is_direct(st, y) || !y->skip.has_bias) continue;
        any = true;
        for (int o = 0; o < st->skip_channels; o++) sum[o] += y->skip_scale * y->skip.bias[o];
    }
    return any ? sum : NULL;
}

static void add_skip(lowering *l, const wn_stack *st, skip_sum *s, int term)
{
    float factor = st->skip_sum == WN_SKIP_RUNNING ? sqrtf(0.5f) : 1;
    s->value = s->value == WN_NO_VALUE ? term : lower_add(l, WN_ROLE_SKIP, s->value, term, factor);
}

/* skip += skip_scale (P z + p), or skip += z where the 1x1 is absent. A direct product goes on with the sum; the first one
 * brings all biases, and is added as a whole if there is a sum to add it to. */
static void layer_skip(lowering *l, const wn_stack *st, const wn_layer *y, int z, skip_sum *s)
{
    if (is_direct(st, y)) {
        bool whole = s->value != WN_NO_VALUE && s->biases;
        int p = lower_conv(l, WN_ROLE_SKIP, &y->skip, z, whole ? WN_NO_VALUE : s->value, s->biases, y->skip_scale);
        if (whole)
            add_skip(l, st, s, p);
        else
            s->value = p;
        s->biases = NULL;
        return;
    }
    int term = z;
    if (y->skip.out) term = lower_conv(l, WN_ROLE_SKIP, &y->skip, z, WN_NO_VALUE, own_bias(&y->skip), 1);
    term = lower_film(l, y, WN_FILM_SKIP_POST, term);
    if (y->skip.out && y->skip_scale != 1)
        term = lower_scale(l, WN_ROLE_SKIP, term, y->skip_scale); /* z itself joins unscaled */
    add_skip(l, st, s, term);
}

/* h' = residual_scale (h + (q + Q z)); h where the 1x1 is absent; z where the layer is plain. Q z is a sum of its own: as one
 * that starts from h it would have other bits. */
static int layer_residual(lowering *l, const wn_layer *y, int z, int h)
{
    if (y->plain) return z;
    if (!y->residual.out) return h;
    int q = lower_conv(l, WN_ROLE_RESIDUAL, &y->residual, z, WN_NO_VALUE, own_bias(&y->residual), 1);
    q = lower_film(l, y, WN_FILM_RESIDUAL_POST, q);
    return lower_add(l, WN_ROLE_RESIDUAL, h, q, y->residual_scale);
}

/* ---- a stack, a network ------------------------------------------------------------------------------------------------ */

/* Residual input in *h, skip sum so far in `carried`; returns the stack's output, and its last h in *h. */
static int lower_stack(lowering *l, const wn_model *m, int index, int *h, int carried)
{
    const wn_stack *st = &m->stacks[index];
    skip_sum skip = {.value = carried};
    l->stack = index;
    if (index == 0 && m->input.n_classes)
        *h = lower_embed(l, &st->rechannel, *h);
    else
        *h = lower_conv(l, WN_ROLE_RECHANNEL, &st->rechannel, *h, WN_NO_VALUE, own_bias(&st->rechannel), 1);
    if (!st->plain_output) skip.biases = skip_biases(l, st);
    for (l->layer = 0; l->layer < st->n_layers; l->layer++) {
        const wn_layer *y = &st->layers[l->layer];
        bool is_last = index == m->n_stacks - 1 && l->layer == st->n_layers - 1;
        int z = layer_activation(l, y, layer_input(l, y, *h));
        if (!st->plain_output) layer_skip(l, st, y, z, &skip);
        if (!is_last || st->plain_output || y->plain)
            *h = layer_residual(l, y, z, *h); /* nobody reads the very last residual */
    }
    l->layer = -1;
    int out = st->plain_output ? *h : skip.value;
    if (st->skip_out_scale != 1) out = lower_scale(l, WN_ROLE_SKIP, out, st->skip_out_scale);
    if (st->head.out) out = lower_conv(l, WN_ROLE_STACK_HEAD, &st->head, out, WN_NO_VALUE, own_bias(&st->head), 1);
    l->stack = -1;
    return out;
}

/* head_scale, then (activation, conv)*. Without head layers the scaled value is the output, also where the factor is 1: the
 * output is a value of its own. */
static int lower_head(lowering *l, const wn_model *m, int x)
{
    if (m->head_scale != 1 || m->n_head == 0) x = lower_scale(l, WN_ROLE_HEAD_SCALE, x, m->head_scale);
    for (int i = 0; i < m->n_head; i++) {
        const wn_head_layer *y = &m->head[i];
        if (y->act.kind != WN_ACT_IDENTITY) x = lower_function(l, WN_ROLE_HEAD, i, x, &y->act);
        x = lower_conv(l, WN_ROLE_HEAD, &y->conv, x, WN_NO_VALUE, own_bias(&y->conv), 1);
        if (!l->failed) l->list.op[l->list.n - 1].place = i;
    }
    return x;
}

static int lower_network(lowering *l, const wn_model *m);

/* The output of each model is the input of the next. Links are counted through chains within chains. */
static int lower_chain(lowering *l, const wn_model *m)
{
    int input = l->input, link = l->link;
    for (int i = 0; i < m->n_chain; i++) {
        if (!m->chain[i]->n_chain) l->link = l->next_link++;
        l->input = lower_network(l, m->chain[i]);
    }
    int output = l->input;
    l->input = input;
    l->link = link;
    return output;
}

/* The local condition is the caller's, the output of a model of its own, or the input. */
static int lower_network(lowering *l, const wn_model *m)
{
    int h = l->input, output = WN_NO_VALUE, local = l->list.local;
    if (m->n_chain) return lower_chain(l, m);
    if (m->condition.nested) {
        l->depth++;
        local = lower_network(l, m->condition.nested);
        l->depth--;
    } else if (m->condition.source == WN_CONDITION_INPUT) {
        local = l->input;
    }
    l->local = local;
    for (int s = 0; s < m->n_stacks; s++) output = lower_stack(l, m, s, &h, output);
    return lower_head(l, m, output);
}

/* ---- rates and origins -------------------------------------------------------------------------------------------------- */

static void join_operand(const wn_op_list *list, int value, wn_value *joined)
{
    if (value == WN_NO_VALUE) return;
    const wn_value *v = &list->value[value];
    if (v->rate > joined->rate) joined->rate = v->rate;
    if (v->origin > joined->origin) joined->origin = v->origin;
}

static void propagate(wn_op_list *list)
{
    for (int i = 0; i < list->n; i++) {
        const wn_op *op = &list->op[i];
        wn_value *dst = &list->value[op->dst], joined = {dst->channels, WN_RATE_HELD, WN_ORIGIN_HELD};
        join_operand(list, op->src, &joined);
        join_operand(list, op->second, &joined);
        join_operand(list, op->add, &joined);
        if (joined.origin == WN_ORIGIN_INPUT) joined.origin = WN_ORIGIN_COMPUTED;
        *dst = joined;
    }
}

static int at_least_one(int n) { return n > 0 ? n : 1; }

wn_status wn_lower(wn_op_list *out, wn_arena *arena, const wn_model *m, wn_error *error)
{
    lowering l = {.arena = arena, .stack = -1, .layer = -1, .link = -1};
    l.list.input = new_value(&l, at_least_one(m->input.channels), WN_RATE_SAMPLE, WN_ORIGIN_INPUT);
    l.list.local = new_value(&l, at_least_one(m->condition.local_channels), WN_RATE_SAMPLE, WN_ORIGIN_LOCAL);
    l.list.held = new_value(&l, at_least_one(m->condition.held_channels), WN_RATE_HELD, WN_ORIGIN_HELD);
    l.input = l.list.input;
    l.list.output = lower_network(&l, m);
    if (l.failed) return wn_fail(error, WN_ERROR_MEMORY, "plan", "out of memory");
    propagate(&l.list);
    *out = l.list;
    return WN_OK;
}
