/* SPDX-License-Identifier: MIT
 * exec_fused.c - one or a few frames of narrow networks: layers fused into one kernel call each, many layers in one call.
 * Copyright (c) 2026 the wavenet authors
 *
 * An operation over one row of eight channels takes longer to call than to do. The layout is that of the interleaved executor,
 * so that operations that are no part of a fused layer stand between. */
#include "engine/exec_fused.h"

#include <string.h>

#include "engine/function.h"
#include "engine/pack.h"
#include "engine/stream.h"

enum { MAX_ROWS = 7 }; /* frames x voices; from 8 on planar blocks, or whole vectors of rows, are faster */

/* ---- which networks, which operations -------------------------------------------------------------------------------------- */

/* Held products are no part of fused layers, and rows of features are best multiplied in bulk. */
static bool has_rows_of_its_own(const wn_condition *c)
{
    return c->held_channels || (c->local_channels && c->source != WN_CONDITION_INPUT);
}

static int fused_block(const wn_builder *b)
{
    const wn_plan *plan = b->plan;
    bool few = (int64_t)plan->max_frames * plan->voices <= MAX_ROWS;
    bool plain = plan->precision == WN_PRECISION_F32 && !has_rows_of_its_own(&plan->model->condition);
    if (!plan->kernels->fused || !few || !plain) return 0;
    for (int i = 0; i < plan->ops.n; i++) {
        const wn_op *op = &plan->ops.op[i];
        bool counts = op->role == WN_ROLE_RECHANNEL || op->role == WN_ROLE_ACTIVATION;
        if (counts && plan->ops.value[op->dst].channels > WN_LANE_PAD) return 0;
    }
    return plan->voices == 1 ? 1 : plan->max_frames; /* one row stays in registers from layer to layer */
}

/* What the operations of a unit are for: (1x1 +) convolution, function or gate, and a running sum that takes the result in, or
 * begins with it. */
typedef struct fused_parts {
    int n;                  /* operations */
    int convs;              /* the first of them */
    int result;             /* value */
    const wn_op *act, *sum; /* NULL: none */
} fused_parts;

/* Taps are found by steps of one length, and the newest is not in the ring yet. */
static bool is_evenly_apart(const wn_op *op)
{
    int taps = op->conv->kernel;
    for (int k = 0; op->delays && k < taps - 1; k++)
        if (op->delays[k] != (taps - 1 - k) * op->delays[taps - 2] || op->delays[k] == 0) return false;
    return true;
}

/* Vectors are read and written whole, but not where rows are the caller's. */
static bool can_convolve(const wn_op_list *ops, const wn_op *op)
{
    return op->kind == WN_OP_CONV && op->conv->groups == 1 && is_evenly_apart(op) &&
           !(op->delays && op->src == ops->local);
}

static void join_conv(const wn_builder *b, const wn_op *op, fused_parts *p)
{
    if (op->delays || op[1].kind != WN_OP_CONV || !can_convolve(&b->plan->ops, &op[1])) return;
    if (op[1].add != op->dst || op[1].src == op->dst || b->uses[op->dst] != 1) return;
    p->convs = p->n = 2;
    p->result = op[1].dst;
}

static void join_activation(const wn_builder *b, const wn_op *op, fused_parts *p)
{
    if (op->kind != WN_OP_ACTIVATE && op->kind != WN_OP_GATE && op->kind != WN_OP_BLEND) return;
    if (op->src != p->result || b->uses[p->result] != 1) return;
    p->act = op;
    p->result = op->dst;
    p->n++;
}

/* A sum is updated in place: nobody reads the older one any more, nor does a convolution of this layer. */
static void join_sum(const wn_builder *b, const wn_op *first, int i, fused_parts *p)
{
    const wn_op *op = &b->plan->ops.op[i];
    if ((op->kind != WN_OP_ADD && op->kind != WN_OP_SCALE) || op->src != p->result) return;
    if (op->kind == WN_OP_ADD) {
        bool reads = false;
        for (const wn_op *o = first; o < op; o++) reads = reads || wn_op_reads(o, op->add);
        if (reads || op->add == p->result || !wn_builder_dies(b, op->add, i)) return;
        if (op->dst == b->plan->ops.output || op->add <= b->plan->ops.held) return; /* the caller's, or none of ours */
    }
    p->sum = op;
    p->n++;
}

static fused_parts parts_of(const wn_builder *b, int first)
{
    const wn_op_list *ops = &b->plan->ops;
    const wn_op *op = &ops->op[first];
    int left = ops->n - first;
    fused_parts p = {.n = 0, .convs = 1, .result = op->dst};
    if (!can_convolve(ops, op) || (op->add != WN_NO_VALUE && op->dst == ops->output)) return p;
    p.n = 1;
    if (!b->hooks->keep_values) {
        if (p.n < left) join_conv(b, op, &p);
        if (p.n < left) join_activation(b, op + p.n, &p);
        if (p.n < left) join_sum(b, op, first + p.n, &p);
    }
    if (ops->value[p.result].channels > WN_LANE_PAD) p.n = 0;
    return p;
}

static int fused_supports(const wn_builder *b, int first) { return parts_of(b, first).n; }

/* The table whose vectors a row of so many channels fills best, and how many vectors that takes. */
static const wn_kernels *table_for(const wn_kernels *k, int channels, int *vecs)
{
    while (k->narrower && channels <= k->narrower->lanes) k = k->narrower;
    *vecs = 1;
    while (*vecs * k->lanes < channels) *vecs *= 2;
    return k;
}

/* One call does layers of the same width in vectors. */
static bool fused_continues(const wn_builder *b, int before, int first)
{
    int vecs[2];
    const wn_kernels *k = b->plan->kernels;
    const wn_value *value = b->plan->ops.value;
    return table_for(k, value[parts_of(b, before).result].channels, &vecs[0]) ==
               table_for(k, value[parts_of(b, first).result].channels, &vecs[1]) &&
           vecs[0] == vecs[1];
}

/* ---- weights ------------------------------------------------------------------------------------------------------------------ */

/* Panels of all outputs -> [halves][taps * in][lanes], and room for a vector behind. */
static float *pack_lanes(wn_builder *b, const wn_op *op, int out, int halves, int lanes)
{
    size_t in = (size_t)op->conv->in, rows = (size_t)op->conv->kernel * in, padded = wn_padded((size_t)op->conv->out);
    const float *panels = wn_pack_conv_scratch(b, op); /* narrow: all outputs are in one panel */
    float *w = wn_builder_alloc(b, (size_t)halves * rows * (size_t)lanes + WN_LANE_PAD, sizeof *w), *dst = w;
    for (int h = 0; !b->failed && h < halves; h++)
        for (size_t r = 0; r < rows; r++, dst += lanes)
            memcpy(dst, panels + r * padded + h * out, (size_t)out * sizeof *dst);
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
    for (int h = 0; padded && bias && h < halves; h++)
        memcpy(padded + h * lanes, bias + h * out, (size_t)out * sizeof *bias);
    return padded;
}

/* ---- layers -------------------------------------------------------------------------------------------------------------------- */

static int buffer_of(const wn_builder *b, int value) { return b->plan->place[value].buffer; }

static void set_first(wn_builder *b, wn_fused_layer *c, const wn_op *op, const float *w)
{
    c->first = w;
    c->first_in = op->conv->in;
    c->first_src = buffer_of(b, op->src);
}

/* `pitch`: floats from one input's weights to the next. */
static void set_conv(wn_builder *b, wn_fused_layer *c, int i, const float *w, int pitch)
{
    const wn_op *op = &b->plan->ops.op[i];
    const wn_tap_ring *ring = b->plan->ring[i];
    int taps = op->conv->kernel, in = op->conv->in;
    c->conv = (wn_fused_conv){
        .w = w, .newest = w + (taps - 1) * in * pitch, .in = in, .taps = taps, .src = buffer_of(b, op->src)};
    c->conv.ring = ring ? wn_fifo_walk_of(ring, taps) : wn_fifo_walk_none();
}

static void set_sum(wn_builder *b, wn_fused_layer *c, const wn_op *op)
{
    if (b->uses[op->src] == 1) c->y = -1;
    c->sum = buffer_of(b, op->dst);
    c->sum_scale = op->scale;
    c->sets = op->kind == WN_OP_SCALE;
}

static void set_function(wn_fused_layer *c, const wn_op *op)
{
    c->gate_kind = op->kind == WN_OP_GATE    ? WN_FUSED_GATED
                   : op->kind == WN_OP_BLEND ? WN_FUSED_BLENDED
                                             : WN_FUSED_PLAIN;
    c->act = wn_function(op->act);
    if (op->gate) c->gate = wn_function(op->gate);
}

static void compile_layer(wn_builder *b, wn_fused_layer *c, int i, int vecs, int lanes)
{
    const wn_op_list *ops = &b->plan->ops;
    const wn_op *first = &ops->op[i];
    fused_parts p = parts_of(b, i);
    int out = ops->value[p.result].channels, halves = first->conv->out > out ? 2 : 1;
    const wn_op *conv = &first[p.convs - 1];
    *c = (wn_fused_layer){.out = out, .vecs = vecs, .init = -1, .y = buffer_of(b, p.result), .sum = -1};
    c->tight = halves == 1 && out <= WN_TIGHT && conv->conv->in <= WN_TIGHT;
    if (first->add != WN_NO_VALUE)
        c->init = buffer_of(b, first->add);
    else
        c->bias = pad_bias(b, first->bias, out, halves, lanes);
    bool paired = c->tight && lanes == 2 * WN_TIGHT;
    if (c->tight) lanes = WN_TIGHT;
    if (p.convs > 1) set_first(b, c, first, pack_lanes(b, first, out, halves, lanes));
    float *w = pack_lanes(b, conv, out, halves, lanes);
    if (w && paired) pair_past_taps(w, (size_t)conv->conv->kernel, (size_t)conv->conv->in);
    if (b->failed) return;
    set_conv(b, c, i + p.convs - 1, w, lanes);
    if (p.act) set_function(c, p.act);
    if (p.sum) set_sum(b, c, p.sum);
    bool single = b->plan->max_frames * b->plan->voices == 1;
    c->exact = !single || c->y == WN_BUFFER_OUT || c->sum == WN_BUFFER_OUT;
}

/* The convolution of `c` may take its newest tap from the registers of the layer before. */
static void set_from(wn_fused_layer *c, const wn_fused_layer *before)
{
    if (c->conv.in != before->out) return;
    if (before->sum == c->conv.src)
        c->conv.from = WN_FROM_SUM;
    else if (before->y == c->conv.src)
        c->conv.from = WN_FROM_RESULT;
}

static wn_fused_kind kind_of(const wn_fused_layer *c)
{
    bool plain = c->gate_kind == WN_FUSED_PLAIN && c->init < 0 && !c->exact;
    bool adds = c->sum >= 0 && !c->sets && c->sum_scale == 1;
    bool alone = !c->first && c->conv.ring.index < 0 && c->y < 0 && c->act.fn == WN_ACT_IDENTITY;
    bool layer = c->first && c->first_in == 1 && c->conv.ring.index >= 0 && c->conv.taps > 1 && c->y >= 0;
    if (!plain || !adds) return WN_FUSED_ANY;
    if (c->conv.from == WN_FROM_RESULT && alone) return WN_FUSED_RESIDUAL;
    return c->conv.from == WN_FROM_SUM && layer ? WN_FUSED_LAYER : WN_FUSED_ANY;
}

static void count_runs(wn_fused_layer *layers, int n)
{
    for (int i = n - 1; i >= 0; i--) {
        const wn_fused_layer *c = &layers[i], *next = c + 1;
        bool same = i + 1 < n && next->conv.in == c->conv.in && next->tight == c->tight;
        layers[i].run_length = same ? next->run_length + 1 : 1;
    }
}

static void fused_compile(wn_builder *b, wn_segment *segment)
{
    wn_plan *plan = b->plan;
    wn_fused_program *program = wn_builder_alloc(b, 1, sizeof *program);
    if (!program) return;
    *program = (wn_fused_program){.plan = plan, .first_op = segment->first, .n_ops = segment->n};
    program->ring = wn_builder_alloc(b, (size_t)segment->n, sizeof *program->ring);
    program->layers = wn_builder_alloc(b, (size_t)segment->n, sizeof *program->layers);
    program->layer_of = wn_builder_alloc(b, (size_t)segment->n, sizeof *program->layer_of);
    program->first_of = wn_builder_alloc(b, (size_t)segment->n, sizeof *program->first_of);
    for (int i = segment->first, n; i < segment->first + segment->n && !b->failed; i += n) {
        wn_fused_layer *c = &program->layers[program->n];
        fused_parts p = parts_of(b, i);
        int vecs;
        program->table = table_for(plan->kernels, plan->ops.value[p.result].channels, &vecs);
        n = p.n;
        for (int k = 0; k < n; k++) program->layer_of[i - segment->first + k] = program->n;
        program->first_of[program->n] = i;
        program->ring[program->n] = plan->ring[i + p.convs - 1];
        compile_layer(b, c, i, vecs, vecs * program->table->lanes);
        if (program->n && plan->max_frames * plan->voices == 1) set_from(c, c - 1);
        if (program->n) c->kind = kind_of(c);
        program->n++;
    }
    count_runs(program->layers, program->n);
    segment->program = program;
}

/* ---- streams ------------------------------------------------------------------------------------------------------------------- */

static wn_fused_run run_of(const wn_fused_program *p, const wn_stream *s, int frames)
{
    return (wn_fused_run){s->buffer, s->memory, s->position, frames, p->plan->voices};
}

static void fused_init(const void *program, wn_stream *s)
{
    (void)program, (void)s; /* all its state is in rings and buffers */
}

static void fused_reset(const void *program, wn_stream *s)
{
    const wn_fused_program *p = program;
    for (int i = 0; i < p->n; i++) {
        if (!p->ring[i]) continue;
        wn_tap_ring_clear(p->ring[i], s->memory);
        s->position[p->ring[i]->index] = 0;
    }
}

/* A layer after the other, for one frame: none finds the row before in a register. */
static void fused_prewarm(const void *program, wn_stream *s)
{
    const wn_fused_program *p = program;
    wn_fused_run run = run_of(p, s, 1);
    for (int i = 0; i < p->n; i++) {
        wn_fused_layer layer = p->layers[i];
        layer.kind = WN_FUSED_ANY;
        layer.conv.from = WN_FROM_BUFFER;
        if (p->ring[i]) {
            wn_tap_ring_fill(p->ring[i], s->memory, s->buffer[layer.conv.src], 1);
            s->position[p->ring[i]->index] = 0;
        }
        p->table->fused(&layer, 1, &run);
    }
}

static void fused_run(const void *program, wn_stream *s, int frames)
{
    const wn_fused_program *p = program;
    wn_fused_run run = run_of(p, s, frames);
    p->table->fused(p->layers, p->n, &run);
}

static void fused_describe(const void *program, int op, wn_op_info *info)
{
    const wn_fused_program *p = program;
    int layer = p->layer_of[op - p->first_op];
    info->first = p->first_of[layer];
    int end = layer + 1 < p->n ? p->first_of[layer + 1] : p->first_op + p->n_ops;
    info->n = end - info->first;
}

const wn_executor wn_exec_fused = {
    .name = "fused",
    .layout = WN_INTERLEAVED,
    .overrun = WN_LANE_PAD - 1,
    .block = fused_block,
    .supports = fused_supports,
    .continues = fused_continues,
    .compile = fused_compile,
    .init = fused_init,
    .reset = fused_reset,
    .prewarm = fused_prewarm,
    .run = fused_run,
    .describe = fused_describe,
};
