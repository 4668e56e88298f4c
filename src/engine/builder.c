/* SPDX-License-Identifier: MIT
 * builder.c - memory of a plan under construction, and buffers for its values.
 * Copyright (c) 2026 the wavenet authors */
#include "engine/builder.h"

#include <limits.h>
#include <string.h>

void *wn_builder_alloc(wn_builder *b, size_t n, size_t size)
{
    void *p = b->failed ? NULL : wn_arena_alloc(b->plan->arena, n, size);
    b->failed |= !p;
    return p;
}

void *wn_builder_scratch(wn_builder *b, size_t n, size_t size)
{
    void *p = b->failed ? NULL : wn_arena_alloc(b->scratch, n, size);
    b->failed |= !p;
    return p;
}

size_t wn_builder_reserve(wn_builder *b, size_t floats)
{
    size_t at = b->plan->floats;
    b->failed |= floats > SIZE_MAX / 16 - at; /* thousands of voices of a file's longest rings */
    b->plan->floats += b->failed ? 0 : (floats + 15) / 16 * 16;
    return at;
}

size_t wn_builder_reserve_state(wn_builder *b, size_t n, size_t size)
{
    size_t at = b->plan->state_bytes;
    b->plan->state_bytes += (n * size + 63) / 64 * 64;
    return at;
}

int wn_builder_buffer(wn_builder *b, int channels)
{
    wn_plan *plan = b->plan;
    if (plan->n_buffers == b->buffer_capacity) { /* old halves stay in the arena until the plan dies */
        int larger = b->buffer_capacity ? 2 * b->buffer_capacity : 32;
        wn_buffer *p = wn_builder_alloc(b, (size_t)larger, sizeof *p);
        if (!p) return 0;
        if (plan->n_buffers) memcpy(p, plan->buffer, (size_t)plan->n_buffers * sizeof *p);
        plan->buffer = p;
        b->buffer_capacity = larger;
    }
    plan->buffer[plan->n_buffers].channels = channels;
    return plan->n_buffers++;
}

/* ---- who reads what ---------------------------------------------------------------------------------------------------- */

static void count_use(wn_builder *b, int value, int op)
{
    if (value == WN_NO_VALUE) return;
    b->last_use[value] = op;
    b->uses[value]++;
}

void wn_builder_count_uses(wn_builder *b)
{
    const wn_op_list *ops = &b->plan->ops;
    for (int v = 0; v < ops->n_values; v++) {
        b->last_use[v] = -1;
        b->uses[v] = 0;
    }
    for (int i = 0; i < ops->n; i++) {
        const wn_op *op = &ops->op[i];
        count_use(b, op->src, i);
        count_use(b, op->second, i);
        count_use(b, op->add, i);
    }
    count_use(b, ops->output, INT_MAX);
}

/* ---- buffers ----------------------------------------------------------------------------------------------------------- */

static int unit_end(const wn_builder *b, int i)
{
    int end = i + 1;
    while (end < b->plan->ops.n && b->unit[end] == b->unit[i]) end++;
    return end;
}

/* A planar convolution reads a copy of its source in a ring, which is made before the unit runs. */
static bool reads_copy(const wn_builder *b, const wn_op *op)
{
    return b->plan->layout == WN_PLANAR && wn_op_convolves(op) && op->delays;
}

bool wn_builder_in_place(const wn_builder *b, int i, int over)
{
    const wn_op_list *ops = &b->plan->ops;
    const wn_op *op = &ops->op[i];
    if (over == WN_NO_VALUE || b->hooks->keep_values || ops->value[over].rate == WN_RATE_HELD) return false;
    const wn_place *p = &b->plan->place[over];
    if (!wn_builder_dies(b, over, i) || ops->value[over].channels != ops->value[op->dst].channels) return false;
    if (p->first || p->width != ops->value[over].channels) return false;
    for (int k = b->unit[i]; k < ops->n && b->unit[k] == b->unit[i]; k++)
        if (k != i && wn_op_reads(&ops->op[k], over) && !(reads_copy(b, &ops->op[k]) && ops->op[k].add != over))
            return false;
    return true;
}

/* The value whose buffer the result takes over; WN_NO_VALUE: none. */
static int taken_over(const wn_builder *b, int i)
{
    const wn_op *op = &b->plan->ops.op[i];
    bool alone = unit_end(b, b->unit[i]) == b->unit[i] + 1;
    bool elementwise =
        op->kind == WN_OP_ACTIVATE || op->kind == WN_OP_SCALE || op->kind == WN_OP_FILM || op->kind == WN_OP_ADD;
    int candidates[2] = {op->add, alone && elementwise ? op->src : WN_NO_VALUE};
    for (int k = 0; k < 2; k++)
        if (wn_builder_in_place(b, i, candidates[k]) && b->plan->place[candidates[k]].buffer >= WN_BUFFER_SCRATCH)
            return candidates[k];
    return WN_NO_VALUE;
}

/* Buffers that hold no value any more. */
typedef struct free_list {
    int n;
    int *buffer; /* [values] */
    bool *gone;  /* [values] its buffer is free, or another value's */
} free_list;

/* The last one freed that is wide enough, which the cache still holds; or the last one, made wider. */
static int take_buffer(wn_builder *b, free_list *f, int channels)
{
    wn_buffer *buffer = b->plan->buffer;
    if (f->n == 0) return wn_builder_buffer(b, channels);
    int i = f->n - 1;
    while (i > 0 && buffer[f->buffer[i]].channels < channels) i--;
    if (buffer[f->buffer[i]].channels < channels) i = f->n - 1;
    int taken = f->buffer[i];
    f->buffer[i] = f->buffer[--f->n];
    if (buffer[taken].channels < channels) buffer[taken].channels = channels;
    return taken;
}

static void place_result(wn_builder *b, free_list *f, int i)
{
    const wn_op_list *ops = &b->plan->ops;
    int dst = ops->op[i].dst, channels = ops->value[dst].channels, over = taken_over(b, i);
    wn_place *p = &b->plan->place[dst];
    if (p->width) return; /* has one already */
    *p = (wn_place){.buffer = -1, .width = channels};
    if (wn_op_is_held(ops, &ops->op[i])) {
        p->row = wn_builder_reserve(b, (size_t)channels * (size_t)b->plan->voices);
    } else if (dst == ops->output) {
        p->buffer = WN_BUFFER_OUT;
    } else if (over != WN_NO_VALUE) {
        p->buffer = b->plan->place[over].buffer;
        f->gone[over] = true;
    } else {
        p->buffer = take_buffer(b, f, channels);
    }
}

/* Buffers of values that operations first .. end - 1 are the last to read, or made for nobody. */
static void free_dead(wn_builder *b, free_list *f, int first, int end)
{
    const wn_op_list *ops = &b->plan->ops;
    if (b->hooks->keep_values) return;
    for (int i = first; i < end; i++) {
        const wn_op *op = &ops->op[i];
        int values[] = {op->src, op->second, op->add, op->dst};
        for (int k = 0; k < 4; k++) {
            int v = values[k];
            if (v == WN_NO_VALUE || f->gone[v] || b->plan->place[v].buffer < WN_BUFFER_SCRATCH) continue;
            bool dead = k == 3 ? b->uses[v] == 0 : b->last_use[v] >= first && b->last_use[v] < end;
            if (!dead) continue;
            f->buffer[f->n++] = b->plan->place[v].buffer;
            f->gone[v] = true;
        }
    }
}

void wn_builder_assign_buffers(wn_builder *b)
{
    const wn_op_list *ops = &b->plan->ops;
    free_list f = {.buffer = wn_builder_scratch(b, (size_t)ops->n_values, sizeof *f.buffer),
                   .gone = wn_builder_scratch(b, (size_t)ops->n_values, sizeof *f.gone)};
    for (int i = 0, end; i < ops->n && !b->failed; i = end) {
        end = unit_end(b, i);
        for (int k = i; k < end; k++) place_result(b, &f, k);
        free_dead(b, &f, i, end);
    }
}
