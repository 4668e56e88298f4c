/* SPDX-License-Identifier: MIT
 * cells.c - blocks of a few frames of narrow networks: steps that run together as cells, and many cells in one call.
 * Copyright (c) 2026 the wavenet authors */
#include <string.h>

#include "engine/build.h"
#include "engine/stream.h"

/* A step over one row of eight channels takes longer to call than to do. Steps stay in the list as they are, and their rings
 * and buffers where they are, so that each can still be run alone. */

/* ---- which -------------------------------------------------------------------------------------------------------- */

static bool is_gate(const wn_step *s) { return s->op == WN_OP_GATED || s->op == WN_OP_BLENDED; }

/* Channels of what the joined steps make. */
static int result_channels(const wn_step *first, int count)
{
    for (int i = 1; i < count; i++)
        if (is_gate(&first[i])) return first[i].channels;
    return first->out;
}

/* Vectors are read and written whole, but not where rows are the caller's. */
static bool is_convertible(const wn_step *s)
{
    bool callers = s->dst == WN_BUFFER_OUT && s->start == WN_START_ROWS;
    if (s->op == WN_OP_ADD_SCALED) return s->dst != WN_BUFFER_OUT;
    if (s->op != WN_OP_CONV) return true;
    return s->groups == 1 && !s->gathers && !s->ahead && !s->early && !callers &&
           (s->start == WN_START_BIAS || s->start == WN_START_ROWS) && (s->ring < 0 || s->src != WN_BUFFER_LOCAL);
}

static bool can_be_cell(const wn_step *first, int count)
{
    for (int i = 0; i < count; i++)
        if (!is_convertible(&first[i])) return false;
    return first->op == WN_OP_CONV && result_channels(first, count) <= WN_LANE_PAD;
}

/* The table whose vectors a row of so many channels fills best, and how many vectors that takes. */
static const wn_kernels *table_for(const wn_kernels *k, int channels, int *vecs)
{
    while (k->narrower && channels <= k->narrower->lanes) k = k->narrower;
    *vecs = 1;
    while (*vecs * k->lanes < channels) *vecs *= 2;
    return k;
}

/* ---- weights as cells take them ---------------------------------------------------------------------------------- */

/* Panels of all outputs -> [halves][taps * in][lanes]. */
static const float *repack(wn_builder *b, const wn_step *s, int out, int halves, int lanes)
{
    size_t in = (size_t)s->in, rows = (size_t)s->taps * in, padded = wn_padded((size_t)s->out);
    float *w = wn_builder_alloc(b, (size_t)halves * rows * (size_t)lanes, sizeof *w), *dst = w;
    for (int h = 0; w && h < halves; h++)
        for (size_t r = 0; r < rows; r++, dst += lanes) /* narrow: all outputs are in one panel */
            memcpy(dst, s->weight + r * padded + h * out, (size_t)out * sizeof *dst);
    return w;
}

static const float *pad_bias(wn_builder *b, const float *bias, int out, int halves, int lanes)
{
    float *padded = wn_builder_alloc(b, (size_t)(halves * lanes), sizeof *padded);
    for (int h = 0; padded && bias && h < halves; h++) memcpy(padded + h * lanes, bias + h * out, (size_t)out * sizeof *bias);
    return padded;
}

/* ---- cells -------------------------------------------------------------------------------------------------------- */

static void add_conv(wn_builder *b, wn_cell *c, const wn_step *s, int halves, int lanes)
{
    c->conv[c->n_convs++] = (wn_cell_conv){.w = repack(b, s, c->out, halves, lanes),
                                           .in = s->in,
                                           .taps = s->taps,
                                           .src = s->src,
                                           .ring = s->ring,
                                           .dilation = s->dilation,
                                           .frames = s->ring_frames,
                                           .offset = s->ring_offset};
}

static void set_sum(wn_cell *c, const wn_step *s)
{
    if (s->unread) c->y = -1;
    c->sum = s->dst;
    c->sum_scale = s->scale;
    c->sets = s->op == WN_OP_SCALE;
}

static void set_function(wn_cell *c, const wn_step *s)
{
    c->gate_kind = s->op == WN_OP_GATED ? WN_CELL_GATED : s->op == WN_OP_BLENDED ? WN_CELL_BLENDED : WN_CELL_PLAIN;
    c->act = s->act;
    c->gate = s->gate;
    c->y = s->dst;
}

static void make_cell(wn_builder *b, wn_cell *c, const wn_step *first, int count, int vecs, int lanes)
{
    int out = result_channels(first, count), halves = first->out > out ? 2 : 1;
    bool single = b->plan->max_frames * b->plan->voices == 1;
    *c = (wn_cell){.out = out, .vecs = vecs, .start = -1, .y = first->dst, .sum = -1};
    if (first->start == WN_START_ROWS) c->start = first->dst;
    else c->bias = pad_bias(b, first->bias, out, halves, lanes);
    for (int i = 0; i < count; i++) {
        const wn_step *s = &first[i];
        if (s->op == WN_OP_CONV) add_conv(b, c, s, halves, lanes);
        else if (s->op == WN_OP_ADD_SCALED || s->op == WN_OP_SCALE) set_sum(c, s);
        else set_function(c, s);
    }
    c->exact = !single || c->y == WN_BUFFER_OUT || c->sum == WN_BUFFER_OUT;
}

void wn_cells_make(wn_builder *b)
{
    wn_plan *plan = b->plan;
    wn_cell *cells = wn_builder_alloc(b, (size_t)plan->n_steps, sizeof *cells);
    wn_step *run = NULL;
    for (int i = 0, count; cells && i < plan->n_steps; i += count) {
        wn_step *first = &plan->steps[i];
        count = first->together;
        int vecs = 0;
        const wn_kernels *table = table_for(plan->kernels, result_channels(first, count), &vecs);
        if (!can_be_cell(first, count)) {
            first->together = count = 1;
            run = NULL;
            continue;
        }
        make_cell(b, cells, first, count, vecs, vecs * table->lanes);
        if (run && (run->cell_table != table || run->cells->vecs != vecs)) run = NULL;
        if (run) {
            run->together += count;
        } else {
            run = first;
            run->cells = cells;
            run->cell_table = table;
        }
        run->n_cells++;
        cells++;
    }
}

void wn_cells_run(wn_stream *s, const wn_step *first, int frames)
{
    wn_cell_run r = {s->buffer, s->memory, s->ring_position, frames, s->plan->voices};
    first->cell_table->cells(first->cells, first->n_cells, &r);
}
