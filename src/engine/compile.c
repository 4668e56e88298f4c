/* SPDX-License-Identifier: MIT
 * compile.c - from a model to a plan: operations, precisions, the choice of executors, and the memory that they share.
 * Copyright (c) 2026 the wavenet authors */
#include "engine/compile.h"

#include <limits.h>

#include "engine/builder.h"
#include "engine/exec_fused.h"
#include "engine/exec_interleaved.h"
#include "engine/exec_planar.h"
#include "engine/lower.h"

enum { MAX_FRAMES = 1 << 20, MAX_VOICES = 1 << 12, DEFAULT_FRAMES = 1024 };

/* In order of preference. The last takes everything. */
static const wn_executor *const executors[] = {&wn_exec_planar, &wn_exec_fused, &wn_exec_interleaved};
enum { EXECUTORS = sizeof executors / sizeof *executors };

/* ---- precision ------------------------------------------------------------------------------------------------------------- */

/* Narrow layers, groups and held products stay in float32. It is decided per operation, before any run together, so that every
 * executor rounds the same products. */
static const wn_weight_format *format_of(const wn_op_list *ops, const wn_op *op, wn_precision precision)
{
    if (!wn_op_convolves(op)) return NULL;
    bool rounds = op->kind == WN_OP_CONV && op->conv->groups == 1 && !wn_op_is_held(ops, op);
    return wn_weight_format_for(rounds ? (int)precision : 0, op->conv->in, op->conv->out, op->dst == ops->output);
}

/* The last layer alone is no reason to round anything. */
static wn_precision find_precision(const wn_op_list *ops, wn_precision precision)
{
    for (int i = 0; i < ops->n; i++) {
        const wn_weight_format *f = format_of(ops, &ops->op[i], precision);
        if (f && f != &wn_weight_formats[0] && ops->op[i].dst != ops->output) return precision;
    }
    return WN_PRECISION_F32;
}

static void choose_formats(wn_builder *b)
{
    wn_plan *plan = b->plan;
    plan->precision = find_precision(&plan->ops, b->config->precision);
    plan->format = wn_builder_alloc(b, (size_t)plan->ops.n, sizeof *plan->format);
    for (int i = 0; plan->format && i < plan->ops.n; i++)
        plan->format[i] = format_of(&plan->ops, &plan->ops.op[i], plan->precision);
}

/* ---- executors --------------------------------------------------------------------------------------------------------------- */

/* The first executor for this network says how blocks lie in memory; those of the same layout run what it does not. Returns
 * which of them can. */
static unsigned choose_layout(wn_builder *b)
{
    unsigned usable = 0;
    for (int e = 0; e < EXECUTORS; e++) {
        int block = executors[e]->block(b);
        if (!block || (usable && executors[e]->layout != b->plan->layout)) continue;
        if (!usable) {
            b->plan->layout = executors[e]->layout;
            b->plan->max_frames = block;
        }
        usable |= 1u << e;
    }
    b->plan->room = b->plan->layout == WN_PLANAR ? (int)wn_padded((size_t)b->plan->max_frames) : b->plan->max_frames;
    return usable;
}

static const wn_executor *choose_executor(const wn_builder *b, unsigned usable, int first, int *n)
{
    const wn_executor *chosen = NULL;
    *n = 0;
    for (int e = 0; e < EXECUTORS && !chosen; e++)
        if (usable >> e & 1u && (*n = executors[e]->supports(b, first)) > 0) chosen = executors[e];
    return chosen;
}

/* Units that follow one another form a segment where one executor runs them all; but where values are kept, each operation is
 * one by itself. */
static void make_segments(wn_builder *b, unsigned usable)
{
    wn_plan *plan = b->plan;
    plan->segment = wn_builder_alloc(b, (size_t)plan->ops.n, sizeof *plan->segment);
    wn_segment *s = plan->segment;
    for (int i = 0, n, before = 0; !b->failed && i < plan->ops.n; before = i, i += n) {
        const wn_executor *e = choose_executor(b, usable, i, &n);
        bool joins =
            i > 0 && !b->hooks->keep_values && s->executor == e && (!e->continues || e->continues(b, before, i));
        if (!joins) {
            s = &plan->segment[plan->n_segments++];
            *s = (wn_segment){.executor = e, .first = i};
        }
        s->n += n;
        for (int k = 0; k < n; k++) b->unit[i + k] = i;
    }
}

/* ---- memory ------------------------------------------------------------------------------------------------------------------- */

/* Operations that look back, each with a ring of its own. */
static void make_ring(wn_builder *b, const wn_segment *segment, int i)
{
    wn_plan *plan = b->plan;
    const wn_op *op = &plan->ops.op[i];
    wn_tap_ring *ring = op->delays ? wn_builder_alloc(b, 1, sizeof *ring) : NULL;
    if (!ring) return;
    bool classes = op->kind == WN_OP_EMBED;
    wn_tap_ring_init(ring, plan->layout, classes ? 1 : op->conv->in, plan->voices, op->delays[0], plan->room,
                     segment->executor->overrun);
    ring->empty = classes ? -1 : 0;
    if (b->hooks->edit_ring) b->hooks->edit_ring(b->hooks->user, &plan->ops, i, ring);
    ring->index = plan->n_rings++;
    ring->offset = wn_builder_reserve(b, wn_tap_ring_floats(ring));
    plan->ring[i] = ring;
}

static void make_rings(wn_builder *b)
{
    wn_plan *plan = b->plan;
    plan->ring = wn_builder_alloc(b, (size_t)plan->ops.n, sizeof *plan->ring);
    for (int s = 0; s < plan->n_segments; s++)
        for (int i = plan->segment[s].first; !b->failed && i < plan->segment[s].first + plan->segment[s].n; i++)
            make_ring(b, &plan->segment[s], i);
}

/* The values that stand there before, and the caller's buffers. */
static void place_inputs(wn_builder *b)
{
    wn_plan *plan = b->plan;
    const wn_op_list *ops = &plan->ops;
    const int values[] = {
        [WN_BUFFER_INPUT] = ops->input, [WN_BUFFER_LOCAL] = ops->local, [WN_BUFFER_OUT] = ops->output};
    plan->place = wn_builder_alloc(b, (size_t)ops->n_values, sizeof *plan->place);
    for (int i = 0; i < WN_BUFFER_SCRATCH; i++) wn_builder_buffer(b, ops->value[values[i]].channels);
    if (b->failed) return;
    plan->place[ops->input] = (wn_place){WN_BUFFER_INPUT, 0, ops->value[ops->input].channels, 0};
    plan->place[ops->local] = (wn_place){WN_BUFFER_LOCAL, 0, ops->value[ops->local].channels, 0};
    plan->place[ops->held] = (wn_place){-1, 0, ops->value[ops->held].channels, 0};
}

/* Kernels may read and write whole vectors, also behind the last buffer. */
static void lay_out_buffers(wn_builder *b)
{
    wn_plan *plan = b->plan;
    size_t rows = (size_t)plan->room * (size_t)plan->voices;
    for (int i = 0; !b->failed && i < plan->n_buffers; i++)
        plan->buffer[i].offset = wn_builder_reserve(b, rows * (size_t)plan->buffer[i].channels);
    wn_builder_reserve(b, WN_LANE_PAD);
}

/* ---- the whole ----------------------------------------------------------------------------------------------------------------- */

/* Kernels count the elements of a block in int. */
static wn_status check_size(const wn_plan *plan, wn_error *error)
{
    int64_t rows = (int64_t)plan->max_frames * plan->voices;
    for (int i = 0; i < plan->n_buffers; i++)
        if (rows > INT_MAX / plan->buffer[i].channels)
            return wn_fail(error, WN_ERROR_ARGUMENT, "plan",
                           "blocks of %d frames of %d voices are too long for a model "
                           "%d channels wide",
                           plan->max_frames, plan->voices, plan->buffer[i].channels);
    return WN_OK;
}

static wn_status check_config(wn_plan_config *config, const wn_model *model, wn_error *error)
{
    if (config->max_frames == 0) config->max_frames = model->autoregressive ? 1 : DEFAULT_FRAMES;
    if (config->voices == 0) config->voices = 1;
    if (config->threads == 0) config->threads = 1;
    if ((int)config->precision < 0 || (int)config->precision >= wn_weight_format_count)
        return wn_fail(error, WN_ERROR_ARGUMENT, "plan", "precision %d is none", (int)config->precision);
    if (config->max_frames < 0 || config->max_frames > MAX_FRAMES)
        return wn_fail(error, WN_ERROR_ARGUMENT, "plan", "block of %d frames, expected 1 to %d", config->max_frames,
                       MAX_FRAMES);
    if (config->voices < 0 || config->voices > MAX_VOICES)
        return wn_fail(error, WN_ERROR_ARGUMENT, "plan", "%d voices, expected 1 to %d", config->voices, MAX_VOICES);
    if (config->threads < 0 || config->threads > 2)
        return wn_fail(error, WN_ERROR_ARGUMENT, "plan", "%d threads for a frame, expected 1 or 2", config->threads);
    return WN_OK;
}

static void compile_plan(wn_builder *b)
{
    wn_plan *plan = b->plan;
    choose_formats(b);
    b->unit = wn_builder_scratch(b, (size_t)plan->ops.n, sizeof *b->unit);
    b->last_use = wn_builder_scratch(b, (size_t)plan->ops.n_values, sizeof *b->last_use);
    b->uses = wn_builder_scratch(b, (size_t)plan->ops.n_values, sizeof *b->uses);
    if (b->failed) return;
    wn_builder_count_uses(b);
    make_segments(b, choose_layout(b));
    if (b->failed) return;
    make_rings(b);
    place_inputs(b);
    for (int i = 0; i < plan->n_segments && !b->failed; i++)
        if (plan->segment[i].executor->arrange) plan->segment[i].executor->arrange(b, &plan->segment[i]);
    wn_builder_assign_buffers(b);
    for (int i = 0; i < plan->n_segments && !b->failed; i++) plan->segment[i].executor->compile(b, &plan->segment[i]);
    lay_out_buffers(b);
}

wn_status wn_plan_build(wn_plan **out, const wn_model *model, const wn_plan_config *config, const wn_plan_hooks *hooks,
                        wn_error *error)
{
    *out = NULL;
    wn_plan_config c = config ? *config : (wn_plan_config){0};
    wn_status status = check_config(&c, model, error);
    if (status) return status;
    const wn_kernels *kernels = wn_kernels_get((int)c.cpu);
    if (!kernels)
        return wn_fail(error, WN_ERROR_UNSUPPORTED, "plan",
                       "this machine or this build lacks the kernel set asked for");
    wn_arena *arena = wn_arena_new();
    wn_plan *plan = wn_arena_alloc(arena, 1, sizeof *plan);
    if (!plan) {
        wn_arena_free(arena);
        return wn_fail_memory(error, "plan");
    }
    *plan = (wn_plan){.model = model,
                      .kernels = kernels,
                      .arena = arena,
                      .max_frames = c.max_frames,
                      .voices = c.voices,
                      .threads = 1};
    status = wn_lower(&plan->ops, arena, model, error);
    if (!status) {
        wn_builder b = {
            .plan = plan, .config = &c, .hooks = hooks ? hooks : &(wn_plan_hooks){0}, .scratch = wn_arena_new()};
        if (b.hooks->edit_ops) b.hooks->edit_ops(b.hooks->user, &plan->ops);
        compile_plan(&b);
        wn_arena_free(b.scratch);
        status = b.failed ? wn_fail_memory(error, "plan") : check_size(plan, error);
    }
    if (status)
        wn_plan_free(plan);
    else
        *out = plan;
    return status;
}

wn_status wn_plan_new(wn_plan **out, const wn_model *model, const wn_plan_config *config, wn_error *error)
{
    return wn_plan_build(out, model, config, NULL, error);
}
