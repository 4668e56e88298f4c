/* SPDX-License-Identifier: MIT
 * exec_planar.c - blocks as [channels][frames], lanes hold frames: narrow layers, one voice.
 * Copyright (c) 2026 the wavenet authors
 *
 * With channels in the lanes a layer of 8 leaves half of a vector of 16 empty. With frames no channel count wastes any, but a
 * block shorter than half a vector would. Whole vectors of frames are computed, and columns of WN_LANE_PAD frames are copied. What
 * lies past the end of a block is never read as a frame: in buffers it is written over, in rings it falls on frames that the next
 * block writes. */
#include "engine/exec_planar.h"

#include "engine/function.h"
#include "engine/held.h"
#include "engine/pack.h"
#include "engine/stream.h"

enum { MIN_FRAMES = 8 };

/* ---- the record -------------------------------------------------------------------------------------------------------- */

/* A convolution as a term of a call. */
typedef struct planar_conv {
    const float *w;       /* [groups][taps] panels */
    const float *columns; /* EMBED: [taps][in][out] */
    int in, out, taps, groups;
    int src; /* buffer */
    const int *delays;
    const wn_tap_ring *ring; /* NULL: no tap looks back */
    int first_tap;           /* its cursors' place in those of all */
    bool filled;             /* its ring is written by the unit before */
} planar_conv;

/* sum = (old + result) * scale */
typedef struct planar_add {
    int old, dst; /* buffers; dst -1: none */
    float scale;
} planar_add;

/* Operations that run as one call of the kernel: (1x1 +) convolution, function, running sum, and the residual: its 1x1 and its
 * sum. Or one elementwise operation, which has no convolution. */
typedef struct planar_unit {
    const wn_op *op; /* the first of n_ops */
    int n_ops, n_convs;
    planar_conv conv[2];   /* [n_convs] */
    const float *bias;     /* [out] or NULL */
    const wn_place *start; /* what the sums start from instead; NULL: the bias */
    bool activates;
    wn_fn_param act, gate;
    int y; /* buffer of the result; -1: not wanted */
    planar_add sum;
    const wn_op *residual; /* its 1x1; NULL: none */
    const float *residual_w;
    planar_add residual_sum;
    planar_conv *into; /* its ring takes the result instead of a buffer; NULL: none */
} planar_unit;

typedef struct planar_program {
    const wn_plan *plan;
    int first_op, n_units, n_taps, n_cursors, max_taps;
    planar_unit *units;
    int *unit_of; /* [operations] -1: a held product */
    wn_held held;
    size_t state; /* a planar_state, and its arrays: */
    size_t taps, ends, wraps, calls;
} planar_program;

/* A unit for blocks of one length. All calls lie one behind the other, and a block reads them from end to end, which units would
 * push out of the first-level cache. */
typedef struct planar_call {
    const planar_unit *unit;
    bool kept;   /* else the unit is not one call */
    bool writes; /* a block has to be copied into a ring before */
    wn_planar sum, residual;
    wn_term terms[2], results; /* `results`: what the residual is made of */
    const float *z;
    const float **old,
        **into;     /* the cursors, of rings, that hold what the residual adds to, take the result; NULL: none */
    float **result; /* its place in sum or residual */
    wn_tap_ring_plain plain; /* results there need no commit */
    wn_fn_param act;
} planar_call;

typedef struct planar_state {
    wn_cursors
        cursors; /* [n_taps + max_taps]: of all rings, then those that point at buffers, then those of one group */
    planar_call *calls; /* [n_units] for blocks of `described` frames, whole vectors; 0: none yet */
    int described;
} planar_state;

/* ---- which networks ------------------------------------------------------------------------------------------------------ */

static bool has_slopes(const wn_act *a) { return a->kind == WN_ACT_PRELU && a->n_slopes > 1; }

/* Channels of the widest layer. */
static int widest_layer(const wn_op_list *ops)
{
    int most = 1;
    for (int i = 0; i < ops->n; i++) {
        const wn_op *op = &ops->op[i];
        bool counts = op->role == WN_ROLE_RECHANNEL || op->role == WN_ROLE_ACTIVATION;
        if (counts && ops->value[op->dst].channels > most) most = ops->value[op->dst].channels;
    }
    return most;
}

/* Everything in float32. Gates take a planar block as one long row, in which slopes have no place. */
static bool all_planar(const wn_builder *b)
{
    const wn_op_list *ops = &b->plan->ops;
    for (int i = 0; i < ops->n; i++) {
        const wn_op *op = &ops->op[i];
        if (b->plan->format[i] && b->plan->format[i] != &wn_weight_formats[0]) return false;
        if (op->gate && (has_slopes(op->act) || has_slopes(op->gate))) return false;
    }
    return true;
}

/* Channels up to which frames in the lanes are faster. Vectors of 8 gain up to 16 channels, but for gated layers, whose sums
 * are twice as wide: those take 8 to 20 % longer than interleaved. */
static int widest_planar(const wn_builder *b)
{
    const wn_op_list *ops = &b->plan->ops;
    int lanes = b->plan->kernels->lanes;
    for (int i = 0; i < ops->n; i++)
        if (ops->op[i].gate) return lanes;
    return lanes < 8 ? lanes : 16;
}

/* A layer's buffers and taps, a thousand floats each, stay in a first-level cache of 32 KiB. */
static int longest_block(int channels) { return channels > 8 ? 64 : channels > 4 ? 128 : 256; }

static int planar_block(const wn_builder *b)
{
    const wn_plan *plan = b->plan;
    int width = widest_layer(&plan->ops);
    bool single = plan->voices > 1 || plan->max_frames < MIN_FRAMES || plan->model->autoregressive;
    if (single || width > widest_planar(b) || !all_planar(b)) return 0;
    return plan->max_frames < longest_block(width) ? plan->max_frames : longest_block(width);
}

/* ---- units --------------------------------------------------------------------------------------------------------------- */

/* What the operations of a unit are for. The kernel can add a 1x1 and a convolution, put the sum through a function, and add
 * the result to a running sum, without a buffer in between; and then the 1x1 of the residual. */
typedef struct planar_parts {
    int n;                                            /* operations */
    int convs;                                        /* the first of them */
    int result;                                       /* value */
    const wn_op *act, *sum, *residual, *residual_sum; /* NULL: none */
} planar_parts;

static bool is_1x1(const wn_op *op) { return op->kind == WN_OP_CONV && !op->delays && op->conv->groups == 1; }

static void join_conv(const wn_builder *b, const wn_op *op, planar_parts *p)
{
    if (!is_1x1(op) || op[1].kind != WN_OP_CONV || op[1].conv->groups != 1) return;
    if (op[1].add != op->dst || op[1].src == op->dst || b->uses[op->dst] != 1) return;
    p->convs = p->n = 2;
    p->result = op[1].dst;
}

static void join_activation(const wn_builder *b, const wn_op *op, planar_parts *p)
{
    if (op->kind != WN_OP_ACTIVATE || op->src != p->result || b->uses[p->result] != 1) return;
    p->act = op;
    p->result = op->dst;
    p->n++;
}

static void join_sum(const wn_op *op, planar_parts *p)
{
    if (op->kind != WN_OP_ADD || op->src != p->result || op->add == p->result) return;
    p->sum = op;
    p->n++;
}

/* A 1x1 of the result, added to another sum; nobody else reads the result. */
static void join_residual(const wn_builder *b, const wn_op *conv, planar_parts *p)
{
    const wn_op *add = conv + 1;
    if (!is_1x1(conv) || conv->add != WN_NO_VALUE || conv->src != p->result) return;
    if (add->kind != WN_OP_ADD || add->src != conv->dst || add->add == conv->dst || b->uses[conv->dst] != 1) return;
    if (b->uses[p->result] != (p->sum ? 2 : 1) || add->add == p->result) return;
    p->residual = conv;
    p->residual_sum = add;
    p->n += 2;
}

static planar_parts parts_of(const wn_builder *b, int first)
{
    const wn_op_list *ops = &b->plan->ops;
    const wn_op *op = &ops->op[first];
    int left = ops->n - first;
    planar_parts p = {.n = 1, .convs = wn_op_convolves(op), .result = op->dst};
    if (op->kind != WN_OP_CONV || op->conv->groups != 1 || wn_op_is_held(ops, op) || b->hooks->keep_values) return p;
    if (p.n < left) join_conv(b, op, &p);
    if (p.n < left) join_activation(b, op + p.n, &p);
    if (p.n < left) join_sum(op + p.n, &p);
    if (p.n + 1 < left) join_residual(b, op + p.n, &p);
    return p;
}

static int planar_supports(const wn_builder *b, int first) { return parts_of(b, first).n; }

static int buffer_of(const wn_builder *b, int value) { return b->plan->place[value].buffer; }

static planar_add add_of(const wn_builder *b, const wn_op *add)
{
    if (!add) return (planar_add){.dst = -1};
    return (planar_add){buffer_of(b, add->add), buffer_of(b, add->dst), add->scale};
}

static planar_conv compile_conv(wn_builder *b, int i)
{
    const wn_op *op = &b->plan->ops.op[i];
    const wn_conv *k = op->conv;
    planar_conv c = {.in = k->in,
                     .out = k->out,
                     .taps = k->kernel,
                     .groups = k->groups,
                     .src = buffer_of(b, op->src),
                     .delays = op->delays,
                     .ring = b->plan->ring[i]};
    if (op->kind == WN_OP_EMBED)
        c.columns = wn_pack_columns(b, k);
    else
        c.w = wn_pack_conv(b, op, b->plan->format[i]).data;
    return c;
}

static void compile_unit(planar_program *program, wn_builder *b, int i)
{
    const wn_plan *plan = b->plan;
    const wn_op *op = &plan->ops.op[i];
    planar_parts parts = parts_of(b, i);
    planar_unit *u = &program->units[program->n_units];
    *u = (planar_unit){.op = op, .n_ops = parts.n, .n_convs = parts.convs, .y = buffer_of(b, parts.result)};
    for (int k = 0; k < parts.n; k++) program->unit_of[i - program->first_op + k] = program->n_units;
    program->n_units++;
    for (int k = 0; k < parts.convs; k++) {
        u->conv[k] = compile_conv(b, i + k);
        if (u->conv[k].taps > program->max_taps) program->max_taps = u->conv[k].taps;
        program->n_taps += u->conv[k].taps;
    }
    u->bias = op->bias;
    if (op->kind == WN_OP_CONV && op->add != WN_NO_VALUE) u->start = &plan->place[op->add];
    const wn_op *act = parts.act ? parts.act : op;
    u->activates = parts.act != NULL;
    if (act->act) u->act = wn_function(act->act);
    if (act->gate) u->gate = wn_function(act->gate);
    if (parts.sum && b->uses[parts.result] == 1) u->y = -1;
    u->sum = add_of(b, parts.sum);
    u->residual_sum = add_of(b, parts.residual_sum);
    u->residual = parts.residual;
    if (parts.residual) u->residual_w = wn_pack_conv(b, parts.residual, &wn_weight_formats[0]).data;
}

/* ---- results that go straight into a ring ---------------------------------------------------------------------------------- */

/* The convolution with a ring that is the only one to read `value`, but for the residual sum of its own unit; NULL: none is. */
static planar_conv *only_ring(planar_program *program, const wn_builder *b, int value)
{
    for (planar_unit *u = program->units; u < program->units + program->n_units; u++)
        for (int k = 0; k < u->n_convs; k++) {
            if (u->op[k].src != value) continue;
            bool adds = u->residual && u->residual[1].add == value;
            bool only = u->conv[k].ring && u->op[k].kind == WN_OP_CONV && b->uses[value] == (adds ? 2 : 1);
            return only ? &u->conv[k] : NULL;
        }
    return NULL;
}

/* A kernel that starts from planes of a buffer writes its result with their stride. */
static void aim_result(planar_program *program, const wn_builder *b, planar_unit *u)
{
    const wn_op_list *ops = &b->plan->ops;
    bool fits = u->op->kind == WN_OP_CONV && u->conv[0].groups == 1 && (u->residual || u->sum.dst < 0);
    if (!fits || (u->start && u->start->buffer >= 0) || b->hooks->keep_values) return;
    int result = u->residual ? u->residual[1].dst : u->op[u->n_ops - 1].dst;
    if (result == ops->output) return;
    u->into = only_ring(program, b, result);
    if (u->into) u->into->filled = true;
}

/* ---- compile --------------------------------------------------------------------------------------------------------------- */

/* The taps of rings come first: those whose cursors move. */
static void place_taps(planar_program *program)
{
    int n = 0;
    for (int rings = 1; rings >= 0; rings--) {
        for (planar_unit *u = program->units; u < program->units + program->n_units; u++)
            for (int k = 0; k < u->n_convs; k++) {
                if ((u->conv[k].ring != NULL) != rings) continue;
                u->conv[k].first_tap = n;
                n += u->conv[k].taps;
            }
        if (rings) program->n_cursors = n;
    }
}

static void planar_compile(wn_builder *b, wn_segment *segment)
{
    planar_program *program = wn_builder_alloc(b, 1, sizeof *program);
    if (!program) return;
    program->plan = b->plan;
    program->first_op = segment->first;
    program->units = wn_builder_alloc(b, (size_t)segment->n, sizeof *program->units);
    program->unit_of = wn_builder_alloc(b, (size_t)segment->n, sizeof *program->unit_of);
    wn_held_compile(&program->held, b, segment);
    for (int i = segment->first; i < segment->first + segment->n && !b->failed;) {
        bool held = wn_op_is_held(&b->plan->ops, &b->plan->ops.op[i]);
        if (held)
            program->unit_of[i++ - segment->first] = -1;
        else
            compile_unit(program, b, i), i += program->units[program->n_units - 1].n_ops;
    }
    if (b->failed) return;
    for (planar_unit *u = program->units; u < program->units + program->n_units; u++) aim_result(program, b, u);
    place_taps(program);
    program->state = wn_builder_reserve_state(b, 1, sizeof(planar_state));
    program->taps = wn_builder_reserve_state(b, (size_t)(program->n_taps + program->max_taps + 1), sizeof(float *));
    program->ends = wn_builder_reserve_state(b, (size_t)program->n_cursors, sizeof(float *));
    program->wraps = wn_builder_reserve_state(b, (size_t)program->n_cursors, sizeof(ptrdiff_t));
    program->calls = wn_builder_reserve_state(b, (size_t)program->n_units, sizeof(planar_call));
    segment->program = program;
}

/* ---- calls ------------------------------------------------------------------------------------------------------------------ */

/* What a call of the kernel is made of is worked out once for blocks of a length, but for the two cursors that move. Field by
 * field: a struct that is copied right after it was written waits for its stores, 20 cycles each time. */

/* The cursor of the newest tap, where the block itself is written. */
static const float **newest_of(const planar_state *t, const planar_conv *c)
{
    return &t->cursors.at[c->first_tap + c->taps - 1];
}

/* The taps of one group, oldest first. */
static void describe_taps(const planar_program *program, const planar_state *t, const planar_conv *c, int group,
                          int frames, wn_term *term)
{
    int in = c->in / c->groups;
    term->x = t->cursors.at + c->first_tap;
    term->x_stride = c->ring ? wn_tap_ring_stride(c->ring) : wn_planar_stride(frames);
    if (group) {
        const float **own = t->cursors.at + program->n_taps;
        for (int k = 0; k < c->taps; k++) own[k] = term->x[k] + (ptrdiff_t)group * in * term->x_stride;
        term->x = own;
    }
    term->w = c->w + (size_t)(group * c->taps * in) * wn_padded((size_t)(c->out / c->groups));
    term->in = in;
    term->taps = c->taps;
    term->past = c->ring ? c->taps - 1 : 0;
}

static void set_start(const wn_stream *s, const planar_unit *u, int group, int frames, wn_planar *p)
{
    const float *bias = u->bias;
    ptrdiff_t at = (ptrdiff_t)group * p->out;
    p->init = NULL;
    if (u->start && u->start->buffer < 0) bias = s->memory + u->start->row;
    if (u->start && u->start->buffer >= 0) p->init = s->buffer[u->start->buffer] + at * wn_planar_stride(frames);
    p->bias = bias ? bias + at : NULL;
}

static void set_sum(const wn_stream *s, const planar_add *add, int frames, wn_planar *p)
{
    p->old = s->buffer[add->old];
    p->sum = s->buffer[add->dst];
    p->old_stride = p->sum_stride = wn_planar_stride(frames);
    p->sum_scale = add->scale;
}

/* The residual adds to what a ring of the unit holds, if no buffer does. */
static void set_residual(const wn_stream *s, const planar_state *t, const planar_unit *u, int frames, planar_call *c)
{
    const wn_conv *conv = u->residual->conv;
    c->z = c->sum.y;
    c->results = (wn_term){.x = &c->z, .x_stride = c->sum.stride, .w = u->residual_w, .in = conv->in, .taps = 1};
    c->residual = (wn_planar){
        .frames = c->sum.frames, .out = conv->out, .n_terms = 1, .terms = &c->results, .bias = u->residual->bias};
    c->sum.then = &c->residual;
    set_sum(s, &u->residual_sum, frames, &c->residual);
    for (int k = 0; k < u->n_convs; k++) {
        if (!u->conv[k].filled || u->op[k].src != u->residual[1].add) continue;
        c->old = newest_of(t, &u->conv[k]);
        c->residual.old_stride = wn_tap_ring_stride(u->conv[k].ring);
    }
}

/* The result goes straight into the ring that would take it from its buffer. */
static void set_result(const wn_stream *s, const planar_state *t, const planar_unit *u, planar_call *c)
{
    const wn_tap_ring *ring = u->into->ring;
    c->into = newest_of(t, u->into);
    c->plain = wn_tap_ring_plain_range(ring, s->memory, c->sum.frames);
    c->result = c->sum.then ? &c->residual.sum : &c->sum.y;
    *(c->sum.then ? &c->residual.sum_stride : &c->sum.stride) = wn_tap_ring_stride(ring);
}

/* Frames of the vectors that hold a block. */
static int whole_vectors(const wn_stream *s, int frames)
{
    int lanes = s->plan->kernels->lanes;
    return (frames + lanes - 1) / lanes * lanes;
}

static bool is_written(const planar_conv *c) { return c->ring && !c->filled; }

static void describe_call(const planar_program *program, const wn_stream *s, const planar_unit *u, int group,
                          int frames, planar_call *c)
{
    const planar_state *t = wn_stream_state(s, program->state);
    ptrdiff_t stride = wn_planar_stride(frames);
    int out = u->conv[0].out / u->conv[0].groups;
    c->sum = (wn_planar){
        .frames = whole_vectors(s, frames), .out = out, .n_terms = u->n_convs, .terms = c->terms, .stride = stride};
    if (u->y >= 0) c->sum.y = s->buffer[u->y] + (ptrdiff_t)group * out * stride;
    c->old = c->into = NULL;
    c->writes = false;
    set_start(s, u, group, frames, &c->sum);
    for (int k = 0; k < u->n_convs; k++) {
        describe_taps(program, t, &u->conv[k], group, frames, &c->terms[k]);
        c->writes = c->writes || is_written(&u->conv[k]);
    }
    c->act = u->act;
    if (u->activates) c->sum.act = &c->act;
    if (u->sum.dst >= 0) set_sum(s, &u->sum, frames, &c->sum);
    if (u->residual) set_residual(s, t, u, frames, c);
    if (u->into) set_result(s, t, u, c);
    c->sum.capture = wn_planar_is_capture(&c->sum);
}

static void describe_calls(const planar_program *program, const wn_stream *s, planar_state *t, int frames)
{
    for (int i = 0; i < program->n_units; i++) {
        const planar_unit *u = &program->units[i];
        planar_call *c = &t->calls[i];
        c->unit = u;
        c->kept = u->op->kind == WN_OP_CONV && u->conv[0].groups == 1; /* those of groups differ from group to group */
        if (c->kept) describe_call(program, s, u, 0, frames, c);
    }
    t->described = whole_vectors(s, frames);
}

/* ---- run --------------------------------------------------------------------------------------------------------------------- */

static void write_rings(const planar_state *t, const wn_stream *s, const planar_unit *u, int frames)
{
    for (int k = 0; k < u->n_convs; k++) {
        const planar_conv *c = &u->conv[k];
        if (is_written(c))
            wn_tap_ring_write_planar(c->ring, s->plan->kernels, s->memory, (float *)*newest_of(t, c), s->buffer[c->src],
                                     frames);
    }
}

static void run_call(const planar_state *t, const wn_stream *s, planar_call *c, int frames)
{
    if (c->writes) write_rings(t, s, c->unit, frames);
    if (c->old) c->residual.old = *c->old;
    if (c->into) *c->result = (float *)*c->into;
    s->plan->kernels->planar(&c->sum);
    bool plain = !c->into || (*c->into >= c->plain.from && *c->into <= c->plain.to);
    if (!plain) wn_tap_ring_commit(c->unit->into->ring, s->plan->kernels, s->memory, (float *)*c->into, frames);
}

static void run_groups(const planar_program *program, const wn_stream *s, const planar_unit *u, int frames)
{
    planar_call c;
    write_rings(wn_stream_state(s, program->state), s, u, frames);
    for (int g = 0; g < u->conv[0].groups; g++) {
        describe_call(program, s, u, g, frames, &c);
        s->plan->kernels->planar(&c.sum);
    }
}

/* One-hot products: bias plus a column per tap, frame by frame. */
static void run_embed(const planar_state *t, const wn_stream *s, const planar_unit *u, int frames)
{
    const planar_conv *c = &u->conv[0];
    ptrdiff_t stride = wn_planar_stride(frames);
    float *dst = s->buffer[u->y];
    write_rings(t, s, u, frames);
    for (int o = 0; o < c->out; o++)
        for (int f = 0; f < frames; f++) dst[o * stride + f] = u->bias ? u->bias[o] : 0;
    for (int k = 0; k < c->taps; k++) {
        const float *classes = t->cursors.at[c->first_tap + k];
        for (int f = 0; f < frames; f++) {
            if (classes[f] < 0) continue;
            const float *column = c->columns + ((ptrdiff_t)k * c->in + (int)classes[f]) * c->out;
            for (int o = 0; o < c->out; o++) dst[o * stride + f] += column[o];
        }
    }
}

/* A plane's slope is the same for all its frames. */
static void activate_planes(const wn_kernels *k, const wn_fn_param *act, int channels, int stride, const float *src,
                            float *dst)
{
    if (act->fn != WN_ACT_PRELU) {
        k->activate(act, 1, channels * stride, src, 0, dst, 0);
        return;
    }
    for (int c = 0; c < channels; c++, src += stride, dst += stride) {
        wn_fn_param leaky = {.fn = WN_ACT_LEAKY_RELU, .p = {act->slopes[c]}};
        k->activate(&leaky, 1, stride, src, 0, dst, 0);
    }
}

/* The planes of a block lie one behind the other: one long row for what works element by element. */
static void run_elementwise(const wn_stream *s, const planar_unit *u, int frames)
{
    const wn_kernels *k = s->plan->kernels;
    const wn_place *place = s->plan->place;
    const wn_op *op = u->op;
    const float *src = s->buffer[place[op->src].buffer];
    float *dst = s->buffer[u->y];
    int channels = s->plan->ops.value[op->dst].channels, stride = (int)wn_planar_stride(frames), n = channels * stride;
    switch (op->kind) {
    case WN_OP_ACTIVATE: activate_planes(k, &u->act, channels, stride, src, dst); break;
    case WN_OP_GATE: k->gated(&u->act, &u->gate, 1, n, src, 0, dst, 0); break;
    case WN_OP_BLEND: k->blended(&u->act, &u->gate, 1, n, src, 0, dst, 0); break;
    case WN_OP_ADD: k->add_scaled(n, s->buffer[place[op->add].buffer], src, op->scale, dst); break;
    case WN_OP_SCALE: k->scale(n, src, op->scale, dst); break;
    case WN_OP_FILM: k->film(1, n, src, 0, s->buffer[place[op->second].buffer], 0, op->shift, dst, 0); break;
    case WN_OP_CONV:
    case WN_OP_EMBED: break;
    }
}

static void run_other(const planar_program *program, const planar_state *t, const wn_stream *s, const planar_unit *u,
                      int frames)
{
    if (u->op->kind == WN_OP_CONV)
        run_groups(program, s, u, frames);
    else if (u->op->kind == WN_OP_EMBED)
        run_embed(t, s, u, frames);
    else
        run_elementwise(s, u, frames);
}

static void run_units(const planar_program *program, const planar_state *t, const wn_stream *s, int from, int to,
                      int frames)
{
    for (planar_call *c = t->calls + from, *end = t->calls + to; c < end; c++) {
        if (c->kept)
            run_call(t, s, c, frames);
        else
            run_other(program, t, s, c->unit, frames);
    }
}

static void planar_run(const void *p, wn_stream *s, int frames)
{
    const planar_program *program = p;
    planar_state *t = wn_stream_state(s, program->state);
    if (t->described != whole_vectors(s, frames)) describe_calls(program, s, t, frames);
    run_units(program, t, s, 0, program->n_units, frames);
    wn_cursors_advance(&t->cursors, 0, program->n_cursors, frames);
}

/* ---- streams ------------------------------------------------------------------------------------------------------------------ */

static void planar_init(const void *p, wn_stream *s)
{
    const planar_program *program = p;
    planar_state *t = wn_stream_state(s, program->state);
    t->cursors.at = wn_stream_state(s, program->taps);
    t->cursors.end = wn_stream_state(s, program->ends);
    t->cursors.wrap = wn_stream_state(s, program->wraps);
    t->calls = wn_stream_state(s, program->calls);
}

static void place_cursors(const planar_conv *c, const wn_stream *s, const planar_state *t)
{
    for (int k = 0; k < c->taps; k++) {
        if (c->ring)
            wn_cursor_place(&t->cursors, c->first_tap + k, c->ring, s->memory, 0, c->delays[k]);
        else
            t->cursors.at[c->first_tap + k] = s->buffer[c->src];
    }
}

static void planar_reset(const void *p, wn_stream *s)
{
    const planar_program *program = p;
    const planar_state *t = wn_stream_state(s, program->state);
    for (const planar_unit *u = program->units; u < program->units + program->n_units; u++)
        for (int k = 0; k < u->n_convs; k++) {
            if (u->conv[k].ring) wn_tap_ring_clear(u->conv[k].ring, s->memory);
            place_cursors(&u->conv[k], s, t);
        }
}

/* Run the units in order, for one frame. A ring that is fused with the previous unit already holds that unit's output. */
static void planar_prewarm(const void *p, wn_stream *s)
{
    const planar_program *program = p;
    planar_state *t = wn_stream_state(s, program->state);
    if (t->described != whole_vectors(s, 1)) describe_calls(program, s, t, 1);
    for (int i = 0; i < program->n_units; i++) {
        const planar_unit *u = &program->units[i];
        for (int k = 0; k < u->n_convs; k++) {
            const planar_conv *c = &u->conv[k];
            if (!c->ring) continue;
            const float *src = c->filled ? *newest_of(t, c) : s->buffer[c->src];
            ptrdiff_t stride = c->filled ? wn_tap_ring_stride(c->ring) : wn_planar_stride(1);
            wn_tap_ring_fill(c->ring, s->memory, src, stride);
        }
        run_units(program, t, s, i, i + 1, 1);
    }
}

static void planar_set_condition(const void *p, wn_stream *s, int voice, const float *held)
{
    wn_held_set(&((const planar_program *)p)->held, s->memory, voice, held);
}

static void planar_describe(const void *p, int op, wn_op_info *info)
{
    const planar_program *program = p;
    int i = program->unit_of[op - program->first_op];
    if (i < 0) return;
    info->first = (int)(program->units[i].op - program->plan->ops.op);
    info->n = program->units[i].n_ops;
    info->into_ring = program->units[i].into != NULL;
}

const wn_executor wn_exec_planar = {
    .name = "planar",
    .layout = WN_PLANAR,
    .block = planar_block,
    .supports = planar_supports,
    .compile = planar_compile,
    .init = planar_init,
    .reset = planar_reset,
    .prewarm = planar_prewarm,
    .set_condition = planar_set_condition,
    .run = planar_run,
    .describe = planar_describe,
};
