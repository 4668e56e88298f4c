/* SPDX-License-Identifier: MIT
 * lookahead.c - single frames: past taps ahead, all mixins of a stack as one product, all skips as one.
 * Copyright (c) 2026 the wavenet authors */
#include "engine/lookahead.h"

#include <limits.h>
#include <string.h>

#include "engine/pack.h"

enum {
    APART = 256, /* floats, so that a processor that reads one activation does not fetch the next while it is written */
    MAX_PAST = 3,    /* taps: of longer kernels, the products themselves would be more to read than the weights */
    MIN_SHARED = 96, /* inputs of a past tap that is worth a worker thread even if it is known but one frame early */
    MAX_VOICES_AHEAD =
        2 /* more share the reading of weights so well that bulk work only fills the cache: with notes two voices
                          * gain 5 %, four lose 3 % */
};

/* ---- which operations run in bulk -------------------------------------------------------------------------------------- */

static bool lookahead_applies(const wn_builder *b, const wn_segment *s)
{
    return b->plan->max_frames == 1 && b->plan->voices <= MAX_VOICES_AHEAD && s->n == b->plan->ops.n &&
           !b->hooks->keep_values;
}

static const wn_op *op_of_value(const wn_builder *b, int value)
{
    const wn_op_list *ops = &b->plan->ops;
    for (int i = 0; i < ops->n; i++)
        if (ops->op[i].dst == value) return &ops->op[i];
    return NULL;
}

/* The held product that a mixin goes on with; NULL: none. */
static const wn_op *held_of(const wn_builder *b, const wn_op *mixin)
{
    return mixin->add == WN_NO_VALUE ? NULL : op_of_value(b, mixin->add);
}

static bool is_mixin(const wn_builder *b, const wn_op *op, const wn_op *conv)
{
    return op->role == WN_ROLE_MIXIN && op->kind == WN_OP_CONV && op->conv->groups == 1 && !op->delays &&
           b->uses[op->dst] == 1 && conv->kind == WN_OP_CONV && conv->add == op->dst;
}

static bool mixins_are_alike(const wn_builder *b, int i, int first)
{
    const wn_op *x = &b->plan->ops.op[i], *y = &b->plan->ops.op[first];
    const wn_op *held = held_of(b, x);
    if (x->src != y->src || b->plan->format[i] != b->plan->format[first]) return false;
    return (x->add == WN_NO_VALUE) == (y->add == WN_NO_VALUE) && (!held || held->conv->groups == 1);
}

/* The convolution that goes on with the mixin's sum. FiLM of its input stands in between. */
static const wn_op *conv_after(const wn_builder *b, int i)
{
    const wn_op_list *ops = &b->plan->ops;
    while (i + 1 < ops->n && ops->op[i].role != WN_ROLE_CONV) i++;
    return &ops->op[i];
}

/* Operations first .. end - 1 are a stack's. All of its mixins, or none: those that differ are few and rare. */
static void mark_mixins(wn_builder *b, int first, int end)
{
    int n = 0, start = -1;
    bool alike = true;
    for (int i = first; i < end; i++) {
        const wn_op *op = &b->plan->ops.op[i];
        if (op->role != WN_ROLE_MIXIN) continue;
        if (start < 0) start = i;
        alike = alike && is_mixin(b, op, conv_after(b, i)) && mixins_are_alike(b, i, start);
        n++;
    }
    for (int i = first; i < end && alike && n > 1; i++)
        if (b->plan->ops.op[i].role == WN_ROLE_MIXIN) b->bulk[i] = start;
}

static bool is_skip(const wn_op *op)
{
    return op->role == WN_ROLE_SKIP && op->kind == WN_OP_CONV && op->conv->groups == 1;
}

/* The next operation that goes on with the sum that the skip `i` made, and is read by nobody else; -1: none. */
static int next_skip(const wn_builder *b, int i, int end)
{
    const wn_op *op = &b->plan->ops.op[i];
    if (b->uses[op->dst] != 1) return -1;
    for (int k = i + 1; k < end; k++) {
        const wn_op *o = &b->plan->ops.op[k];
        if (o->add != op->dst) continue;
        return is_skip(o) && o->conv->in == op->conv->in && b->plan->format[k] == b->plan->format[i] ? k : -1;
    }
    return -1;
}

static void mark_skips(wn_builder *b, int first, int end)
{
    for (int i = first; i < end; i++) {
        if (!is_skip(&b->plan->ops.op[i]) || b->bulk[i] >= 0) continue;
        for (int k = next_skip(b, i, end); k >= 0; k = next_skip(b, k, end)) b->bulk[i] = b->bulk[k] = i;
    }
}

static int stack_end(const wn_op_list *ops, int i)
{
    int end = i + 1;
    while (end < ops->n && ops->op[end].stack == ops->op[i].stack && ops->op[end].depth == ops->op[i].depth) end++;
    return end;
}

/* The next member of the bulk that operation `i` belongs to; -1: it is the last. */
static int next_member(const wn_builder *b, int i)
{
    for (int k = i + 1, end = stack_end(&b->plan->ops, i); k < end; k++)
        if (b->bulk[k] == b->bulk[i]) return k;
    return -1;
}

static int count_members(const wn_builder *b, int first)
{
    int n = 0;
    for (int i = first; i >= 0; i = next_member(b, i)) n++;
    return n;
}

/* ---- places ------------------------------------------------------------------------------------------------------------ */

static int padded_width(int n) { return (int)wn_padded((size_t)n); }

/* Whether mixins can run before their frames do. */
static bool is_early(const wn_builder *b, const wn_op *mixin)
{
    return b->plan->ops.value[mixin->src].origin == WN_ORIGIN_LOCAL && b->plan->voices == 1;
}

/* Side by side, each padded, in one buffer; and so the rows of the held condition that they start from. */
static void place_mixins(wn_builder *b, int first)
{
    wn_plan *plan = b->plan;
    int width = 0, at = 0;
    for (int i = first; i >= 0; i = next_member(b, i)) width += padded_width(plan->ops.op[i].conv->out);
    int buffer = wn_builder_buffer(b, is_early(b, &plan->ops.op[first]) ? WN_FRAMES_AHEAD * width : width);
    for (int i = first; i >= 0; i = next_member(b, i)) {
        const wn_op *op = &plan->ops.op[i];
        plan->place[op->dst] = (wn_place){.buffer = buffer, .first = at, .width = width};
        if (op->add != WN_NO_VALUE) plan->place[op->add] = (wn_place){.buffer = -1, .first = at, .width = width};
        b->last_use[op->dst] = INT_MAX;
        at += padded_width(op->conv->out);
    }
}

/* The activations wait, each in a buffer of its own, until the last is there; what the sum starts from does, too. So does the
 * sum, which a worker thread begins as activations come in. Partial sums are nowhere else. */
static void place_skips(wn_builder *b, int first)
{
    wn_plan *plan = b->plan;
    int last = first, start = plan->ops.op[first].add;
    for (int i = first; i >= 0; i = next_member(b, i)) {
        const wn_op *op = &plan->ops.op[i];
        int channels = op->conv->in;
        plan->place[op->src] =
            (wn_place){.buffer = wn_builder_buffer(b, channels + (plan->threads > 1 ? APART : 0)), .width = channels};
        b->last_use[op->src] = INT_MAX;
        plan->place[op->dst] = (wn_place){.buffer = -1, .width = op->conv->out};
        last = i;
    }
    int sum = plan->ops.op[last].dst;
    plan->place[sum].buffer = wn_builder_buffer(b, plan->place[sum].width);
    b->last_use[sum] = INT_MAX;
    if (start != WN_NO_VALUE && b->last_use[start] < last) b->last_use[start] = last;
}

void wn_lookahead_arrange(wn_builder *b, const wn_segment *s)
{
    const wn_op_list *ops = &b->plan->ops;
    if (!lookahead_applies(b, s)) return;
    b->bulk = wn_builder_scratch(b, (size_t)ops->n, sizeof *b->bulk);
    if (!b->bulk) return;
    if (b->plan->voices == 1) b->plan->threads = b->config->threads;
    for (int i = 0; i < ops->n; i++) b->bulk[i] = -1;
    for (int i = 0, end; i < ops->n; i = end) {
        end = stack_end(ops, i);
        mark_mixins(b, i, end);
        mark_skips(b, i, end);
    }
    for (int i = 0; i < ops->n; i++)
        if (b->bulk[i] == i) (ops->op[i].role == WN_ROLE_MIXIN ? place_mixins : place_skips)(b, i);
}

/* ---- steps in bulk ----------------------------------------------------------------------------------------------------- */

/* All members of the bulk that begins with operation `first` are done by the step last made. */
static void claim_members(wn_interleaved *program, const wn_builder *b, int first)
{
    for (int i = first; i >= 0; i = next_member(b, i)) program->step_of[i - program->first_op] = program->n_steps - 1;
}

static void compile_mixins(wn_interleaved *program, wn_builder *b, int first)
{
    const wn_plan *plan = b->plan;
    int n = count_members(b, first), k = 0, width = plan->place[plan->ops.op[first].dst].width;
    wn_conv_step *c = wn_interleaved_add_conv(program, b, first);
    wn_weight_view *views = wn_builder_scratch(b, (size_t)n, sizeof *views);
    const wn_op **held = wn_builder_scratch(b, (size_t)n, sizeof *held);
    int *at = wn_builder_scratch(b, (size_t)n, sizeof *at);
    float *bias = wn_builder_alloc(b, (size_t)width, sizeof *bias);
    if (b->failed) return;
    for (int i = first; i >= 0; i = next_member(b, i), k++) {
        const wn_op *op = &plan->ops.op[i];
        at[k] = plan->place[op->dst].first;
        held[k] = held_of(b, op);
        const float *own = held[k] ? held[k]->bias : op->bias;
        if (own) memcpy(bias + at[k], own, (size_t)op->conv->out * sizeof *own);
        wn_pack_dense_views(op->conv, op->weight_scale, at[k], &views[k]);
    }
    const wn_op *op = &plan->ops.op[first];
    *c = (wn_conv_step){.in = op->conv->in, .out = width, .taps = 1, .groups = 1, .bias = bias};
    c->weights = wn_pack_views(b, plan->format[first], views, n, c->in, width, 1);
    if (held[0]) {
        c->init = WN_INIT_HELD;
        c->add = (wn_place){
            .buffer = -1, .width = width, .row = wn_held_add_wide(&program->held, b, held, at, n, width, bias)};
    }
    wn_step *s = &program->steps[program->n_steps - 1];
    s->src = plan->place[op->src].buffer;
    s->dst = plan->place[op->dst].buffer;
    s->channels = width;
    s->n_ops = n;
    s->early = is_early(b, op);
    claim_members(program, b, first);
}

/* As the taps of one convolution, each with inputs of its own. */
static void compile_skips(wn_interleaved *program, wn_builder *b, int last)
{
    const wn_plan *plan = b->plan;
    int first = b->bulk[last], n = count_members(b, first), k = 0;
    const wn_op *op = &plan->ops.op[first];
    wn_conv_step *c = wn_interleaved_add_conv(program, b, first);
    wn_weight_view *views = wn_builder_scratch(b, (size_t)n, sizeof *views);
    int *sources = wn_builder_alloc(b, (size_t)n, sizeof *sources);
    if (b->failed) return;
    for (int i = first; i >= 0; i = next_member(b, i), k++) {
        sources[k] = plan->place[plan->ops.op[i].src].buffer;
        wn_pack_dense_views(plan->ops.op[i].conv, plan->ops.op[i].weight_scale, 0, &views[k]);
        views[k].first_matrix = k;
    }
    *c = (wn_conv_step){.in = op->conv->in, .out = op->conv->out, .taps = n, .groups = 1, .sources = sources};
    c->weights = wn_pack_views(b, plan->format[first], views, n, c->in, c->out, n);
    wn_interleaved_set_init(b, c, op);
    wn_step *s = &program->steps[program->n_steps - 1];
    s->src = sources[0];
    s->dst = plan->place[plan->ops.op[last].dst].buffer;
    s->channels = c->out;
    s->n_ops = n;
    s->layer = -1; /* of the whole stack */
    claim_members(program, b, first);
}

bool wn_lookahead_compile(wn_interleaved *program, wn_builder *b, int i)
{
    if (b->bulk[i] < 0) return false;
    bool mixin = b->plan->ops.op[i].role == WN_ROLE_MIXIN;
    if (mixin && b->bulk[i] == i) compile_mixins(program, b, i);
    if (!mixin && next_member(b, i) < 0) compile_skips(program, b, i);
    return true;
}

/* ---- past taps --------------------------------------------------------------------------------------------------------- */

void wn_lookahead_past(wn_builder *b, wn_conv_step *c)
{
    int past = c->taps - 1, ahead = WN_FRAMES_AHEAD;
    if (!c->ring || c->groups > 1 || past > MAX_PAST) return;
    while (ahead > c->delays[past - 1]) ahead /= 2; /* frames until the newest of them needs what is not there yet */
    int fewest = b->plan->threads > 1 && c->in >= MIN_SHARED ? 1 : 2; /* the worker's, or several at once */
    if (ahead < fewest) return;
    c->ahead.frames = ahead;
    c->ahead.offset = wn_builder_reserve(b, (size_t)past * (size_t)ahead * (size_t)b->plan->voices * (size_t)c->out);
}

/* No frame has the work of all layers alike, and what work it has lies apart. */
void wn_lookahead_stagger(wn_interleaved *program, wn_builder *b)
{
    int n[WN_FRAMES_AHEAD + 1] = {0};
    for (int i = 0; i < program->n_steps && !b->failed; i++) {
        wn_conv_step *c = program->steps[i].conv;
        if (c && c->ahead.frames) c->ahead.first = 1 + n[c->ahead.frames]++ % c->ahead.frames;
    }
    float *minus_zeros = wn_builder_alloc(b, (size_t)program->max_out, sizeof *minus_zeros);
    for (int i = 0; minus_zeros && i < program->max_out; i++) minus_zeros[i] = -0.0f;
    program->minus_zeros = minus_zeros;
}

/* The product of past tap k with the frames that it will meet from now on; they lie in the ring in one or two pieces. */
static void multiply_ahead(wn_interleaved_thread *t, const wn_conv_step *c, int k, float *past)
{
    int voices = t->program->plan->voices;
    for (int done = 0, run; done < c->ahead.frames; done += run) {
        run = c->ahead.frames - done;
        const float *x = wn_tap_ring_tap(c->ring, t->memory, t->position[c->ring->index], done, c->delays[k], &run);
        wn_matmul p = {.rows = run * voices,
                       .in = c->in,
                       .out = c->out,
                       .taps = 1,
                       .past = 1,
                       .x = &x,
                       .x_stride = c->in,
                       .init = t->program->minus_zeros,
                       .y = past + (ptrdiff_t)done * voices * c->out,
                       .y_stride = c->out};
        wn_interleaved_multiply(t, c, 0, k, &p);
    }
}

void wn_lookahead_multiply_past(wn_interleaved_thread *t, const wn_conv_step *c)
{
    ptrdiff_t next = (ptrdiff_t)c->ahead.frames * t->program->plan->voices * c->out;
    if (t->left[c->ring->index] > 0) return;
    for (int k = 0; k < c->taps - 1; k++) multiply_ahead(t, c, k, t->memory + c->ahead.offset + k * next);
    t->left[c->ring->index] = c->ahead.frames;
}

void wn_lookahead_convolve(wn_interleaved_thread *t, const wn_conv_step *c, const float *src, float *dst)
{
    int voices = t->program->plan->voices, n_past = c->taps - 1;
    ptrdiff_t next = (ptrdiff_t)c->ahead.frames * voices * c->out;
    int *left = &t->left[c->ring->index];
    wn_lookahead_multiply_past(t, c);
    wn_matmul p = {.rows = voices,
                   .in = c->in,
                   .out = c->out,
                   .taps = 1,
                   .x = &src,
                   .x_stride = c->in,
                   .partial = t->memory + c->ahead.offset + (ptrdiff_t)(c->ahead.frames - *left) * voices * c->out,
                   .partial_stride = c->out,
                   .partial_next = next,
                   .n_partial = n_past,
                   .y = dst,
                   .y_stride = c->out};
    p.init = wn_interleaved_start(t, c, 0, &p.init_stride);
    wn_interleaved_multiply(t, c, 0, n_past, &p);
    --*left;
}

void wn_lookahead_clear(wn_interleaved_thread *t, const wn_conv_step *c)
{
    size_t n = (size_t)(c->taps - 1) * (size_t)c->ahead.frames * (size_t)t->program->plan->voices * (size_t)c->out;
    if (c->ahead.frames) memset(t->memory + c->ahead.offset, 0, n * sizeof(float));
    t->left[c->ring->index] = c->ahead.first;
}
