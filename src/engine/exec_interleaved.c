/* SPDX-License-Identifier: MIT
 * exec_interleaved.c - blocks as [frames x voices][channels], lanes hold channels: wide layers, several voices, generation.
 * Copyright (c) 2026 the wavenet authors */
#include "engine/exec_interleaved.h"

#include <string.h>

#include "engine/function.h"
#include "engine/interleaved_step.h"
#include "engine/lookahead.h"
#include "engine/pack.h"
#include "engine/parallel.h"
#include "engine/parallel_run.h"
#include "engine/stream.h"

/* ---- compile ---------------------------------------------------------------------------------------------------------- */

/* Takes everything, one operation after another. */
static int interleaved_block(const wn_builder *b) { return b->plan->max_frames; }

static int interleaved_supports(const wn_builder *b, int first)
{
    (void)b, (void)first;
    return 1;
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
    *c = (wn_conv_step){.in = k->in,
                        .out = k->out,
                        .taps = k->kernel,
                        .groups = embeds ? 1 : k->groups, /* columns have all */
                        .delays = op->delays,
                        .ring = b->plan->ring[i]};
    wn_interleaved_set_init(b, c, op);
    if (embeds)
        c->columns = wn_pack_columns(b, k);
    else
        c->weights = wn_pack_conv(b, op, b->plan->format[i]);
    if (program->bulk && !embeds) wn_lookahead_past(b, c);
}

static int buffer_of(const wn_builder *b, int value)
{
    return value == WN_NO_VALUE ? -1 : b->plan->place[value].buffer;
}

static void compile_op(wn_interleaved *program, wn_builder *b, int i)
{
    const wn_op *op = &b->plan->ops.op[i];
    if (wn_op_convolves(op))
        compile_conv(program, b, i);
    else
        wn_interleaved_add(program, b, op->kind, i);
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
        *thread_of(p, s, i) =
            (wn_interleaved_thread){.program = p,
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
    if (!p->schedule || !wn_parallel_lead(s->parallel)) wn_interleaved_steps(t, frames);
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
