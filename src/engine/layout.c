/* SPDX-License-Identifier: MIT
 * layout.c - which way a block lies in memory, and which steps over planes run as one call of a kernel.
 * Copyright (c) 2026 the wavenet authors */
#include "engine/build.h"

/* ---- rows or planes -------------------------------------------------------------------------------------------- */

/* With rows, lanes hold channels, and a layer of 8 leaves half of a vector of 16 empty. With planes they hold frames: no
 * channel count wastes any, but a block shorter than half a vector would. */
enum { LEAST_FRAMES = 8 };

static int wider(int a, int b) { return a > b ? a : b; }

/* Channels of the widest layer. */
static int width(const wn_model *m)
{
    int most = m->condition.nested ? width(m->condition.nested) : 1;
    for (int s = 0; s < m->n_stacks; s++) {
        most = wider(most, m->stacks[s].channels);
        for (int l = 0; l < m->stacks[s].n_layers; l++) most = wider(most, m->stacks[s].layers[l].bottleneck);
    }
    return most;
}

static bool has_slopes(const wn_act *a) { return a->kind == WN_ACT_PRELU && a->n_slopes > 1; }

/* Gates take a block of planes as one long row, in which slopes have no place. */
static bool has_sloped_gate(const wn_model *m)
{
    if (m->condition.nested && has_sloped_gate(m->condition.nested)) return true;
    for (int s = 0; s < m->n_stacks; s++)
        for (int l = 0; l < m->stacks[s].n_layers; l++) {
            const wn_layer *y = &m->stacks[s].layers[l];
            if (y->gating && (has_slopes(&y->act) || has_slopes(&y->gate))) return true;
        }
    return false;
}

/* A layer's buffers and taps, a thousand floats each, stay in a first-level cache of 32 KiB. */
static int longest_block(int channels) { return channels > 8 ? 64 : channels > 4 ? 128 : 256; }

int wn_layout_plane_frames(const wn_model *model, const wn_plan_config *config, const wn_kernels *kernels)
{
    bool single = config->voices > 1 || config->max_frames < LEAST_FRAMES || model->autoregressive;
    if (single || width(model) > kernels->lanes || has_sloped_gate(model)) return 0;
    int most = longest_block(width(model));
    return config->max_frames < most ? config->max_frames : most;
}

/* Held products are no part of cells, and rows of features are best multiplied in bulk; see frames.c. */
static bool has_rows_of_its_own(const wn_condition *c)
{
    return c->held_channels || (c->local_channels && c->source != WN_CONDITION_INPUT);
}

bool wn_layout_cells(const wn_model *model, const wn_plan_config *config, const wn_kernels *kernels)
{
    bool few = (int64_t)config->max_frames * config->voices < LEAST_FRAMES;
    bool plain = config->precision == WN_PRECISION_F32 && !has_rows_of_its_own(&model->condition);
    return kernels->cells && few && plain && width(model) <= WN_LANE_PAD;
}

/* ---- steps run together ------------------------------------------------------------------------------------------ */

/* A kernel over planes can add a 1x1 and a convolution, put the sum through a function, and add the result to a running
 * sum, without a buffer in between; and then the residual's 1x1. Cells can do the former, gate, and begin a running sum.
 * Steps stay in the list as they are, so that each can still be run alone. */

static bool reads(const wn_step *s, int buffer)
{
    bool adds = s->op == WN_OP_ADD_SCALED || (s->op == WN_OP_CONV && s->start == WN_START_ROWS);
    return s->src == buffer || (s->op == WN_OP_FILM && s->second == buffer) || (adds && s->dst == buffer);
}

/* Nobody reads `buffer` after step `last` before it is written anew. */
static bool is_dead(const wn_plan *plan, int last, int buffer)
{
    for (int i = last + 1; i < plan->n_steps; i++) {
        if (reads(&plan->steps[i], buffer)) return false;
        if (plan->steps[i].dst == buffer) return true;
    }
    return buffer != WN_BUFFER_OUT;
}

/* What is known of the steps from `first` on that have been joined. */
typedef struct joined {
    int n;         /* steps */
    int out;       /* channels */
    int dst;       /* where the result is */
    int source[2]; /* buffers read while dst is written: not where the kernel may write; -1: none, or a ring's copy */
    bool added;    /* the result is also added to a running sum */
} joined;

static bool is_source(const joined *j, int buffer) { return j->source[0] == buffer || j->source[1] == buffer; }

/* A block of planes is copied into the ring before it is read; cells copy row by row. */
static int source_of(const wn_plan *plan, const wn_step *s) { return s->ring < 0 || plan->cells ? s->src : -1; }

static joined first_step(const wn_plan *plan, const wn_step *s)
{
    return (joined){.n = 1, .out = s->out, .dst = s->dst, .source = {source_of(plan, s), -1}};
}

/* A 1x1 whose sum the next convolution goes on with. */
static void join_conv(joined *j, const wn_plan *plan, const wn_step *first, const wn_step *conv)
{
    if (first->ring >= 0 || conv->op != WN_OP_CONV || conv->start != WN_START_ROWS || conv->dst != first->dst) return;
    if (conv->groups != 1 || conv->out != first->out || conv->src == first->dst) return;
    j->source[1] = source_of(plan, conv);
    j->n++;
}

static void join_act(joined *j, const wn_plan *plan, int at)
{
    const wn_step *s = &plan->steps[at];
    bool gates = plan->cells && (s->op == WN_OP_GATED || s->op == WN_OP_BLENDED);
    if (!gates && s->op != WN_OP_ACT) return;
    if (s->src != j->dst || s->channels * (gates ? 2 : 1) != j->out || is_source(j, s->dst)) return;
    if (s->dst != s->src && !is_dead(plan, at, s->src)) return;
    j->dst = s->dst;
    j->out = s->channels;
    j->n++;
}

static void join_add(joined *j, wn_plan *plan, int at)
{
    wn_step *s = &plan->steps[at];
    if (s->op != WN_OP_ADD_SCALED && !(plan->cells && s->op == WN_OP_SCALE)) return;
    if (s->src != j->dst || s->channels != j->out || is_source(j, s->dst)) return;
    if (s->dst == s->src) return;
    s->unread = is_dead(plan, at, s->src);
    j->added = true;
    j->n++;
}

/* A 1x1 of the result, added to another sum: the residual. */
static void join_residual(joined *j, const wn_plan *plan, int at)
{
    const wn_step *conv = &plan->steps[at], *add = conv + 1;
    if (conv->op != WN_OP_CONV || conv->ring >= 0 || conv->groups != 1 || conv->start != WN_START_BIAS) return;
    if (conv->src != j->dst || conv->in != j->out || conv->dst == j->dst) return;
    if (add->op != WN_OP_ADD_SCALED || add->src != conv->dst || add->channels != conv->out) return;
    if (add->dst == conv->dst || add->dst == j->dst || is_source(j, add->dst)) return;
    if (!is_dead(plan, at + 1, conv->dst) || !is_dead(plan, at + 1, j->dst)) return;
    j->dst = add->dst;
    j->added = false;
    j->n += 2;
}

static joined join(wn_plan *plan, int at)
{
    wn_step *first = &plan->steps[at];
    joined j = first_step(plan, first);
    if (first->op != WN_OP_CONV || first->groups != 1) return j;
    if (at + j.n < plan->n_steps) join_conv(&j, plan, first, first + 1);
    if (at + j.n < plan->n_steps) join_act(&j, plan, at + j.n);
    if (at + j.n < plan->n_steps) join_add(&j, plan, at + j.n);
    if (plan->planes && at + j.n + 1 < plan->n_steps) join_residual(&j, plan, at + j.n);
    return j;
}

/* ---- results that go straight into a ring -------------------------------------------------------------------------- */

/* The only step that reads `buffer`, written by the steps before `from`: a convolution whose ring takes it anyway, and the
 * residual run together with that. -1: others do, too. */
static int only_ring(const wn_plan *plan, int from, int buffer)
{
    int at = from;
    while (at < plan->n_steps && !reads(&plan->steps[at], buffer)) {
        if (plan->steps[at].dst == buffer) return -1;
        at++;
    }
    if (at == plan->n_steps || plan->steps[at].ring < 0 || plan->steps[at].op != WN_OP_CONV) return -1;
    int start = from;
    while (start + plan->steps[start].together <= at) start += plan->steps[start].together;
    int last = start + plan->steps[start].together - 1;
    for (int i = at + 1; i < last; i++)
        if (reads(&plan->steps[i], buffer) || plan->steps[i].dst == buffer) return -1;
    const wn_step *end = &plan->steps[last];
    bool residual = last > at + 1 && end->op == WN_OP_ADD_SCALED && end[-1].op == WN_OP_CONV && end->dst == buffer;
    if (!residual && ((last > at && reads(end, buffer)) || !is_dead(plan, last, buffer))) return -1;
    return at;
}

static void aim_result(wn_plan *plan, int at, const joined *j)
{
    wn_step *first = &plan->steps[at], *last = first + j->n - 1;
    if (first->op != WN_OP_CONV || first->groups != 1 || first->start == WN_START_ROWS || j->added) return;
    int to = j->dst < WN_BUFFER_SCRATCH ? -1 : only_ring(plan, at + j->n, j->dst);
    if (to < 0 || plan->steps[to].ring_channels != (last->op == WN_OP_CONV ? last->out : last->channels)) return;
    first->into = to;
    plan->steps[to].filled = true;
}

/* ---- taps -------------------------------------------------------------------------------------------------------------- */

/* The taps of rings come first: those that walk. */
static void place_taps(wn_plan *plan)
{
    for (int rings = 1; rings >= 0; rings--) {
        for (int i = 0; i < plan->n_steps; i++) {
            wn_step *s = &plan->steps[i];
            if ((s->ring >= 0) != rings) continue;
            s->first_tap = plan->n_taps;
            plan->n_taps += s->taps;
        }
        if (rings) plan->n_walking = plan->n_taps;
    }
}

void wn_layout_join_steps(wn_plan *plan)
{
    for (int i = 0; i < plan->n_steps; i += plan->steps[i].together) plan->steps[i].together = join(plan, i).n;
    if (!plan->planes) return;
    for (int i = 0; i < plan->n_steps; i += plan->steps[i].together) {
        joined j = join(plan, i);
        aim_result(plan, i, &j);
        plan->n_calls++;
    }
    place_taps(plan);
}
