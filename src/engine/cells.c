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

/* Panels of all outputs -> [halves][taps * in][lanes], and room for a vector behind. */
static float *repack(wn_builder *b, const wn_step *s, int out, int halves, int lanes)
{
    size_t in = (size_t)s->in, rows = (size_t)s->taps * in, padded = wn_padded((size_t)s->out);
    float *w = wn_builder_alloc(b, (size_t)halves * rows * (size_t)lanes + WN_LANE_PAD, sizeof *w), *dst = w;
    for (int h = 0; w && h < halves; h++)
        for (size_t r = 0; r < rows; r++, dst += lanes) /* narrow: all outputs are in one panel */
            memcpy(dst, s->weight + r * padded + h * out, (size_t)out * sizeof *dst);
    return w;
}

/* Past taps two by two: [in][2][lanes] of [2][in][lanes]. */
static void pair_past_taps(float *w, size_t taps, size_t in)
{
    float pair[2 * WN_TIGHT * WN_TIGHT];
    for (size_t k = 0; k + 2 < taps; k += 2, w += 2 * in * WN_TIGHT) {
        for (size_t i = 0; i < in; i++)
            for (size_t half = 0; half < 2; half++)
                memcpy(pair + (2 * i + half) * WN_TIGHT, w + (half * in + i) * WN_TIGHT, WN_TIGHT * sizeof *w);
        memcpy(w, pair, 2 * in * WN_TIGHT * sizeof *w);
    }
}

static const float *pad_bias(wn_builder *b, const float *bias, int out, int halves, int lanes)
{
    float *padded = wn_builder_alloc(b, (size_t)(halves * lanes), sizeof *padded);
    for (int h = 0; padded && bias && h < halves; h++) memcpy(padded + h * lanes, bias + h * out, (size_t)out * sizeof *bias);
    return padded;
}

/* ---- cells -------------------------------------------------------------------------------------------------------- */

static void set_first(wn_cell *c, const wn_step *s, const float *w)
{
    c->first = w;
    c->first_in = s->in;
    c->first_src = s->src;
}

static void set_conv(wn_builder *b, wn_cell *c, const wn_step *s, const float *w)
{
    ptrdiff_t frame = (ptrdiff_t)b->plan->voices * s->in;
    c->conv = (wn_cell_conv){.w = w,
                             .in = s->in,
                             .taps = s->taps,
                             .src = s->src,
                             .ring = s->ring,
                             .frames = s->ring_frames,
                             .frame = frame,
                             .step = s->dilation * frame,
                             .end = s->ring_frames * frame,
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
    int convs = count > 1 && first[1].op == WN_OP_CONV ? 2 : 1;
    *c = (wn_cell){.out = out, .vecs = vecs, .start = -1, .y = first->dst, .sum = -1};
    c->tight = halves == 1 && out <= WN_TIGHT && first[convs - 1].in <= WN_TIGHT;
    if (first->start == WN_START_ROWS) c->start = first->dst;
    else c->bias = pad_bias(b, first->bias, out, halves, lanes);
    bool paired = c->tight && lanes == 2 * WN_TIGHT;
    if (c->tight) lanes = WN_TIGHT;
    if (convs > 1) set_first(c, first, repack(b, first, out, halves, lanes));
    float *w = repack(b, &first[convs - 1], out, halves, lanes);
    if (w && paired) pair_past_taps(w, (size_t)first[convs - 1].taps, (size_t)first[convs - 1].in);
    set_conv(b, c, &first[convs - 1], w);
    for (const wn_step *s = first + convs; s < first + count; s++)
        (s->op == WN_OP_ADD_SCALED || s->op == WN_OP_SCALE ? set_sum : set_function)(c, s);
    bool single = b->plan->max_frames * b->plan->voices == 1;
    c->exact = !single || c->y == WN_BUFFER_OUT || c->sum == WN_BUFFER_OUT;
}

/* The convolution of `c` may take its newest tap from the registers of the cell before. */
static void set_from(wn_cell *c, const wn_cell *before)
{
    if (c->conv.in != before->out) return;
    if (before->sum == c->conv.src) c->conv.from = WN_FROM_SUM;
    else if (before->y == c->conv.src) c->conv.from = WN_FROM_RESULT;
}

static wn_cell_kind kind_of(const wn_cell *c)
{
    bool plain = c->gate_kind == WN_CELL_PLAIN && c->start < 0 && !c->exact;
    bool adds = c->sum >= 0 && !c->sets && c->sum_scale == 1;
    bool alone = !c->first && c->conv.ring < 0 && c->y < 0 && c->act.fn == WN_FN_IDENTITY;
    bool layer = c->first && c->first_in == 1 && c->conv.ring >= 0 && c->conv.taps > 1 && c->y >= 0;
    if (!plain || !adds) return WN_CELL_ANY;
    if (c->conv.from == WN_FROM_RESULT && alone) return WN_CELL_RESIDUAL;
    return c->conv.from == WN_FROM_SUM && layer ? WN_CELL_LAYER : WN_CELL_ANY;
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
            if (plan->max_frames * plan->voices == 1) set_from(cells, cells - 1);
            cells->kind = kind_of(cells);
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
