/* SPDX-License-Identifier: MIT
 * held.c - the 1x1s of the held condition.
 * Copyright (c) 2026 the wavenet authors */
#include "engine/held.h"

#include "engine/pack.h"

static void add_product(wn_held *held, wn_builder *b, wn_held_product product)
{
    if (!held->product) {
        held->plan = b->plan;
        held->capacity = b->plan->ops.n;
        held->product = wn_builder_alloc(b, (size_t)held->capacity, sizeof *held->product);
    }
    if (held->product && !b->failed) held->product[held->n++] = product;
}

/* Dense, across groups: the sums over all inputs run in four chains, which those over a group's would not. */
void wn_held_compile(wn_held *held, wn_builder *b, const wn_segment *s)
{
    const wn_op_list *ops = &b->plan->ops;
    for (int i = s->first; i < s->first + s->n && !b->failed; i++) {
        const wn_op *op = &ops->op[i];
        const wn_place *place = &b->plan->place[op->dst];
        if (!wn_op_is_held(ops, op) || place->width != op->conv->out) continue; /* or it is a part of a wide one */
        wn_weight_view *views = wn_builder_scratch(b, (size_t)op->conv->groups, sizeof *views);
        if (!views) return;
        int n = wn_pack_dense_views(op->conv, 1, 0, views);
        wn_weights w = wn_pack_views(b, &wn_weight_formats[0], views, n, op->conv->in, op->conv->out, 1);
        add_product(held, b, (wn_held_product){op->conv->out, w, op->bias, place->row});
    }
}

size_t wn_held_add_wide(wn_held *held, wn_builder *b, const wn_op *const *ops, const int *at, int n, int width, const float *bias)
{
    size_t row = wn_builder_reserve(b, (size_t)width * (size_t)b->plan->voices);
    wn_weight_view *views = wn_builder_scratch(b, (size_t)n, sizeof *views);
    for (int i = 0; views && i < n; i++) wn_pack_dense_views(ops[i]->conv, 1, at[i], &views[i]);
    if (!views) return row;
    wn_weights w = wn_pack_views(b, &wn_weight_formats[0], views, n, ops[0]->conv->in, width, 1);
    add_product(held, b, (wn_held_product){width, w, bias, row});
    return row;
}

void wn_held_set(const wn_held *held, float *memory, int voice, const float *condition)
{
    for (int i = 0; i < held->n; i++) {
        const wn_held_product *h = &held->product[i];
        float *row = memory + h->row + (ptrdiff_t)voice * h->out;
        wn_products p = {.rows = 1,
                         .in = h->weights.in,
                         .out = h->out,
                         .taps = 1,
                         .x = &condition,
                         .start = h->bias,
                         .y = row};
        if (condition)
            h->weights.format->multiply(&h->weights, held->plan->kernels, 0, 0, &p, NULL);
        else
            for (int o = 0; o < h->out; o++) row[o] = h->bias ? h->bias[o] : 0;
    }
}
