/* SPDX-License-Identifier: MIT
 * exec_interleaved.c - blocks as [frames x voices][channels], lanes hold channels: wide layers, several voices, generation.
 * Copyright (c) 2026 the wavenet authors */
#include "engine/exec_interleaved.h"

#include <string.h>

#include "engine/function.h"
#include "engine/lookahead.h"
#include "engine/pack.h"
#include "engine/parallel.h"
#include "engine/parallel_run.h"

/* ---- compile ---------------------------------------------------------------------------------------------------------- */

/* Takes everything, one operation after another. */
static int interleaved_block(const wn_builder *b) { return b->plan->max_frames; }

static int interleaved_supports(const wn_builder *b, int first)
{
    (void)b, (void)first;
    return 1;
}

wn_step *wn_interleaved_add(wn_interleaved *program, wn_builder *b, wn_op_kind kind, int op)
{
    const wn_op *o = &b->plan->ops.op[op];
    if (b->failed) return NULL;
    wn_step *s = &program->steps[program->n_steps];
    program->step_of[op - program->first_op] = program->n_steps++;
    *s = (wn_step){.kind = kind, .op = op, .n_ops = 1, .layer = o->layer, .src = -1, .dst = -1, .second = -1, .scale = o->scale};
    return s;
}

wn_conv_step *wn_interleaved_add_conv(wn_interleaved *program, wn_builder *b, int op)
{
    wn_step *s = wn_interleaved_add(program, b, b->plan->ops.op[op].kind, op);
    wn_conv_step *c = wn_builder_alloc(b, 1, sizeof *c);
    if (s) s->conv = c;
    return b->failed ? NULL : c;
}

/* Rows that were made for several frames, and parts of wider ones, come from what is done in bulk. */
void wn_interleaved_set_init(const wn_builder *b, wn_conv_step *c, const wn_op *op)
{
    c->bias = op->bias;
    if (op->add == WN_NO_VALUE) return;
    const wn_value *v = &b->plan->ops.value[op->add];
    c->add = b->plan->place[op->add];
    c->init = v->rate == WN_RATE_HELD ? WN_INIT_HELD : c->add.width > v->channels ? WN_INIT_AHEAD : WN_INIT_ROWS;
}

static void note_size(wn_interleaved *program, const wn_conv_step *c)
{
    size_t scratch = c->columns ? 0 : c->weights.format->scratch(c->in / c->groups, c->taps);
    if (c->taps > program->max_taps) program->max_taps = c->taps;
    if (c->out > program->max_out) program->max_out = c->out;
    if (scratch > program->scratch_floats) program->scratch_floats = scratch;
}

static void compile_conv(wn_interleaved *program, wn_builder *b, int i)
{
    const wn_op *op = &b->plan->ops.op[i];
    const wn_conv *k = op->conv;
    wn_conv_step *c = wn_interleaved_add_conv(program, b, i);
    if (!c) return;
    bool embeds = op->kind == WN_OP_EMBED;
    *c = (wn_conv_step){.in = k->in, .out = k->out, .taps = k->kernel, .groups = embeds ? 1 : k->groups, /* columns have all */
                        .delays = op->delays, .ring = b->plan->ring[i]};
    wn_interleaved_set_init(b, c, op);
    if (embeds) c->columns = wn_pack_columns(b, k);
    else c->weights = wn_pack_conv(b, op, b->plan->format[i]);
    if (program->bulk && !embeds) wn_lookahead_past(b, c);
}

static int buffer_of(const wn_builder *b, int value) { return value == WN_NO_VALUE ? -1 : b->plan->place[value].buffer; }

static void compile_op(wn_interleaved *program, wn_builder *b, int i)
{
    const wn_op *op = &b->plan->ops.op[i];
    if (wn_op_convolves(op)) compile_conv(program, b, i);
    else wn_interleaved_add(program, b, op->kind, i);
    if (b->failed) return;
    wn_step *s = &program->steps[program->n_steps - 1];
    s->src = buffer_of(b, op->src);
    s->dst = buffer_of(b, op->dst);
    s->second = buffer_of(b, op->kind == WN_OP_ADD ? op->add : op->second);
    s->channels = b->plan->ops.value[op->dst].channels;
    s->shift = op->shift;
    if (op->act) s->act = wn_function(op->act);
    if (op->gate) s->gate = wn_function(op->gate);
}

static void reserve_state(wn_interleaved *program, wn_builder *b)
{
    size_t threads = (size_t)b->plan->threads, taps = (size_t)program->max_taps + 1;
    program->scratch_floats = wn_padded(program->scratch_floats);
    program->scratch = wn_builder_reserve(b, program->scratch_floats * threads);
    program->thread = wn_builder_reserve_state(b, threads, sizeof(wn_interleaved_thread));
    program->taps = wn_builder_reserve_state(b, threads * wn_padded(taps), sizeof(float *));
    program->left = wn_builder_reserve_state(b, threads * wn_padded((size_t)b->plan->n_rings + 1), sizeof(int));
    if (program->schedule) program->parallel = wn_builder_reserve_state(b, 1, sizeof(wn_parallel));
}

static void interleaved_compile(wn_builder *b, wn_segment *segment)
{
    wn_plan *plan = b->plan;
    wn_interleaved *program = wn_builder_alloc(b, 1, sizeof *program);
    if (!program) return;
    program->plan = plan;
    program->first_op = segment->first;
    program->bulk = b->bulk != NULL;
    program->steps = wn_builder_alloc(b, (size_t)segment->n, sizeof *program->steps);
    program->step_of = wn_builder_alloc(b, (size_t)segment->n, sizeof *program->step_of);
    for (int i = 0; !b->failed && i < segment->n; i++) program->step_of[i] = -1;
    wn_held_compile(&program->held, b, segment);
    for (int i = segment->first; i < segment->first + segment->n && !b->failed; i++) {
        if (wn_op_is_held(&plan->ops, &plan->ops.op[i])) continue;
        if (!program->bulk || !wn_lookahead_compile(program, b, i)) compile_op(program, b, i);
    }
    for (int i = 0; i < program->n_steps && !b->failed; i++)
        if (program->steps[i].conv) note_size(program, program->steps[i].conv);
    if (program->bulk) wn_lookahead_stagger(program, b);
    if (plan->threads > 1 && !b->failed) program->schedule = wn_schedule_make(program, b);
    if (!program->schedule) plan->threads = 1;
    reserve_state(program, b);
    segment->program = program;
}

static void interleaved_arrange(wn_builder *b, const wn_segment *segment) { wn_lookahead_arrange(b, segment); }

/* ---- convolutions ------------------------------------------------------------------------------------------------------ */

static void multiply_from(const wn_interleaved_thread *t, const wn_conv_step *c, size_t matrix, size_t output, wn_products *p)
{
    c->weights.format->multiply(&c->weights, t->program->plan->kernels, matrix, output, p, t->scratch);
}

void wn_interleaved_multiply(const wn_interleaved_thread *t, const wn_conv_step *c, int group, int tap, wn_products *p)
{
    multiply_from(t, c, (size_t)(group * c->taps + tap), 0, p);
}

const float *wn_interleaved_start(const wn_interleaved_thread *t, const wn_conv_step *c, ptrdiff_t at, ptrdiff_t *stride)
{
    *stride = 0;
    switch (c->init) {
    case WN_INIT_ROWS: *stride = c->add.width; return t->buffer[c->add.buffer] + at;
    case WN_INIT_AHEAD:
        *stride = c->add.width;
        return t->buffer[c->add.buffer] + (ptrdiff_t)t->used * c->add.width + c->add.first + at;
    case WN_INIT_HELD: *stride = t->program->plan->voices > 1 ? c->add.width : 0; return t->memory + c->add.row + at;
    default: return c->bias ? c->bias + at : NULL;
    }
}

/* The products of the rows from row `first` of the block on, whose taps are aimed, group by group. */
static void multiply_groups(wn_interleaved_thread *t, const wn_conv_step *c, ptrdiff_t first, int rows, float *dst)
{
    int in = c->in / c->groups, out = c->out / c->groups;
    wn_products p = {.rows = rows,
                     .in = in,
                     .out = out,
                     .taps = c->taps,
                     .x = t->taps,
                     .x_stride = c->in,
                     .y_stride = c->out};
    for (int g = 0; g < c->groups; g++) {
        p.y = dst + first * c->out + (ptrdiff_t)g * out;
        p.start = wn_interleaved_start(t, c, (ptrdiff_t)g * out, &p.start_stride);
        if (c->init != WN_INIT_HELD && p.start) p.start += first * p.start_stride;
        wn_interleaved_multiply(t, c, g, 0, &p);
        for (int k = 0; k < c->taps; k++) t->taps[k] += in;
    }
}

/* Point every tap at its input for frame `done` of the block; returns for how many frames no tap wraps. */
static int aim_taps(wn_interleaved_thread *t, const wn_conv_step *c, const float *src, int done, int frames)
{
    int run = frames - done;
    ptrdiff_t at = (ptrdiff_t)done * t->program->plan->voices * c->in;
    if (c->ring)
        for (int k = 0; k < c->taps; k++)
            t->taps[k] = wn_tap_ring_tap(c->ring, t->memory, t->position[c->ring->index], done, c->delays[k], &run);
    else if (c->sources)
        for (int k = 0; k < c->taps; k++) t->taps[k] = t->buffer[c->sources[k]] + at;
    else
        t->taps[0] = src + at;
    return run;
}

static void convolve(wn_interleaved_thread *t, const wn_conv_step *c, const float *src, float *dst, int frames)
{
    int voices = t->program->plan->voices;
    /* Held starts repeat every frame: with several voices the kernel sees one frame at a time. */
    int most = c->init == WN_INIT_HELD && voices > 1 ? 1 : frames;
    for (int done = 0, run; done < frames; done += run) {
        run = aim_taps(t, c, src, done, frames);
        if (run > most) run = most;
        multiply_groups(t, c, (ptrdiff_t)done * voices, run * voices, dst);
    }
}

/* One row of a one-hot product: bias plus a column per tap. */
static void look_up(const wn_conv_step *c, const float *const *taps, ptrdiff_t row, float *dst)
{
    for (int o = 0; o < c->out; o++) dst[o] = c->bias ? c->bias[o] : 0;
    for (int k = 0; k < c->taps; k++) {
        int class = (int)taps[k][row];
        if (class < 0) continue;
        const float *column = c->columns + ((ptrdiff_t)k * c->in + class) * c->out;
        for (int o = 0; o < c->out; o++) dst[o] += column[o];
    }
}

static void embed(wn_interleaved_thread *t, const wn_conv_step *c, const float *src, float *dst, int frames)
{
    int voices = t->program->plan->voices;
    for (int done = 0, run; done < frames; done += run) {
        run = frames - done;
        if (c->ring) run = aim_taps(t, c, src, done, frames);
        else t->taps[0] = src;
        for (ptrdiff_t r = 0; r < (ptrdiff_t)run * voices; r++)
            look_up(c, t->taps, r, dst + ((ptrdiff_t)done * voices + r) * c->out);
    }
}

static void run_conv(wn_interleaved_thread *t, const wn_step *s, const float *src, float *dst, int frames)
{
    const wn_conv_step *c = s->conv;
    int *position = c->ring ? &t->position[c->ring->index] : NULL;
    if (c->ring) wn_tap_ring_write(c->ring, t->memory, *position, src, frames);
    if (c->ahead.frames) wn_lookahead_convolve(t, c, src, dst);
    else (c->columns ? embed : convolve)(t, c, src, dst, frames);
    if (c->ring) *position = wn_tap_ring_advance(c->ring, *position, frames);
}

/* ---- steps -------------------------------------------------------------------------------------------------------------- */

void wn_interleaved_step(wn_interleaved_thread *t, const wn_step *s, int frames)
{
    const wn_kernels *k = t->program->plan->kernels;
    const float *src = t->buffer[s->src];
    float *dst = t->buffer[s->dst];
    int rows = frames * t->program->plan->voices, c = s->channels;
    switch (s->kind) {
    case WN_OP_CONV:
    case WN_OP_EMBED: run_conv(t, s, src, dst, frames); break;
    case WN_OP_ACTIVATE: k->activate(&s->act, rows, c, src, c, dst, c); break;
    case WN_OP_GATE: k->gated(&s->act, &s->gate, rows, c, src, 2 * c, dst, c); break;
    case WN_OP_BLEND: k->blended(&s->act, &s->gate, rows, c, src, 2 * c, dst, c); break;
    case WN_OP_ADD: k->add_scaled(rows * c, t->buffer[s->second], src, s->scale, dst); break;
    case WN_OP_SCALE: k->scale(rows * c, src, s->scale, dst); break;
    case WN_OP_FILM:
        k->film(rows, c, src, c, t->buffer[s->second], s->shift ? 2 * c : c, s->shift, dst, c);
        break;
    }
}

static void conv_outputs(wn_interleaved_thread *t, const wn_step *s, int from, int to)
{
    const wn_conv_step *c = s->conv;
    const float *src = t->buffer[s->src];
    wn_products p = {.rows = 1,
                     .in = c->in,
                     .out = to - from,
                     .taps = 1,
                     .x = &src,
                     .x_stride = c->in,
                     .y = t->buffer[s->dst] + from,
                     .y_stride = c->out};
    p.start = wn_interleaved_start(t, c, from, &p.start_stride);
    multiply_from(t, c, 0, (size_t)from, &p);
}

void wn_interleaved_outputs(wn_interleaved_thread *t, const wn_step *s, int from, int to)
{
    const wn_kernels *k = t->program->plan->kernels;
    const float *src = t->buffer[s->src] + from;
    float *dst = t->buffer[s->dst] + from;
    int n = to - from;
    if (s->kind == WN_OP_CONV) conv_outputs(t, s, from, to);
    if (s->kind == WN_OP_ACTIVATE) k->activate(&s->act, 1, n, src, n, dst, n);
    if (s->kind == WN_OP_SCALE) k->scale(n, src, s->scale, dst);
}

void wn_interleaved_taps(wn_interleaved_thread *t, const wn_step *s, int from, int to)
{
    const wn_conv_step *c = s->conv;
    float *dst = t->buffer[s->dst];
    for (int k = from; k < to; k++) t->taps[k - from] = t->buffer[c->sources[k]];
    wn_products p = {.rows = 1,
                     .in = c->in,
                     .out = c->out,
                     .taps = to - from,
                     .x = t->taps,
                     .x_stride = c->in,
                     .start = dst,
                     .y = dst,
                     .y_stride = c->out};
    if (from == 0) p.start = wn_interleaved_start(t, c, 0, &p.start_stride);
    wn_interleaved_multiply(t, c, 0, from, &p);
}

/* ---- streams ------------------------------------------------------------------------------------------------------------ */

static wn_interleaved_thread *thread_of(const wn_interleaved *p, const wn_stream *s, int index)
{
    return (wn_interleaved_thread *)wn_stream_state(s, p->thread) + index;
}

static void interleaved_init(const void *program, wn_stream *s)
{
    const wn_interleaved *p = program;
    size_t taps = wn_padded((size_t)p->max_taps + 1), rings = wn_padded((size_t)p->plan->n_rings + 1);
    for (int i = 0; i < (p->schedule ? 2 : 1); i++)
        *thread_of(p, s, i) = (wn_interleaved_thread){.program = p,
                                                      .buffer = s->buffer,
                                                      .memory = s->memory,
                                                      .position = s->position,
                                                      .taps = (const float **)wn_stream_state(s, p->taps) + (size_t)i * taps,
                                                      .left = (int *)wn_stream_state(s, p->left) + (size_t)i * rings,
                                                      .scratch = s->memory + p->scratch + (size_t)i * p->scratch_floats};
    if (p->schedule) s->parallel = wn_stream_state(s, p->parallel);
    if (p->schedule) wn_parallel_init(s->parallel, thread_of(p, s, 0), thread_of(p, s, 1));
}

static void interleaved_reset(const void *program, wn_stream *s)
{
    const wn_interleaved *p = program;
    wn_interleaved_thread *t = thread_of(p, s, 0);
    for (int i = 0; i < p->n_steps; i++) {
        const wn_conv_step *c = p->steps[i].conv;
        if (!c || !c->ring) continue;
        wn_tap_ring_clear(c->ring, s->memory);
        s->position[c->ring->index] = 0;
        wn_lookahead_clear(t, c);
    }
    t->ahead = t->used = 0;
}

static void interleaved_prewarm(const void *program, wn_stream *s)
{
    const wn_interleaved *p = program;
    wn_interleaved_thread *t = thread_of(p, s, 0);
    t->ahead = t->used = 0;
    for (int i = 0; i < p->n_steps; i++) {
        const wn_step *step = &p->steps[i];
        const wn_tap_ring *ring = step->conv ? step->conv->ring : NULL;
        if (ring) {
            wn_tap_ring_fill(ring, s->memory, s->buffer[step->src], 1);
            s->position[ring->index] = 0;
            t->left[ring->index] = 0; /* what is known ahead is worked out again */
        }
        wn_interleaved_step(t, step, 1);
        if (ring && step->conv->ahead.frames) t->left[ring->index] = step->conv->ahead.first; /* all are alike */
    }
}

static void interleaved_set_condition(const void *program, wn_stream *s, int voice, const float *held)
{
    wn_held_set(&((const wn_interleaved *)program)->held, s->memory, voice, held);
}

static void interleaved_run(const void *program, wn_stream *s, int frames)
{
    const wn_interleaved *p = program;
    wn_interleaved_thread *t = thread_of(p, s, 0);
    if (!p->schedule || !wn_parallel_lead(s->parallel))
        for (const wn_step *step = p->steps, *end = step + p->n_steps; step < end; step++)
            if (!step->early || t->used == t->ahead) wn_interleaved_step(t, step, frames);
    if (t->used < t->ahead && ++t->used == t->ahead) t->ahead = t->used = 0;
}

static void interleaved_run_ahead(const void *program, wn_stream *s, int frames, const float *local)
{
    const wn_interleaved *p = program;
    wn_interleaved_thread *t = thread_of(p, s, 0);
    float *zeros = s->buffer[WN_BUFFER_LOCAL];
    s->buffer[WN_BUFFER_LOCAL] = (float *)local; /* read only */
    t->ahead = t->used = 0;
    for (int i = 0; i < p->n_steps; i++) {
        if (!p->steps[i].early) continue;
        wn_interleaved_step(t, &p->steps[i], frames);
        t->ahead = frames;
    }
    s->buffer[WN_BUFFER_LOCAL] = zeros;
}

static void interleaved_run_worker(const void *program, wn_stream *s)
{
    const wn_interleaved *p = program;
    if (p->schedule) wn_parallel_work(s->parallel);
}

static void interleaved_describe(const void *program, int op, wn_op_info *info)
{
    const wn_interleaved *p = program;
    int i = p->step_of[op - p->first_op];
    const wn_step *s = i >= 0 ? &p->steps[i] : NULL;
    if (!s) return;
    info->first = s->op;
    info->n = s->n_ops;
    if (s->n_ops > 1) info->with = s->conv->sources ? "skips of the stack" : "mixins of the stack";
    if (s->n_ops > 1 && !s->conv->sources) info->columns = (int)wn_padded((size_t)info->columns);
    if (s->early) info->ahead = WN_FRAMES_AHEAD;
    if (s->conv && s->conv->ahead.frames) info->past_ahead = s->conv->ahead.frames;
}

const wn_executor wn_exec_interleaved = {
    .name = "interleaved",
    .layout = WN_INTERLEAVED,
    .block = interleaved_block,
    .supports = interleaved_supports,
    .arrange = interleaved_arrange,
    .compile = interleaved_compile,
    .init = interleaved_init,
    .reset = interleaved_reset,
    .prewarm = interleaved_prewarm,
    .set_condition = interleaved_set_condition,
    .run = interleaved_run,
    .run_ahead = interleaved_run_ahead,
    .run_worker = interleaved_run_worker,
    .describe = interleaved_describe,
};
