/* SPDX-License-Identifier: MIT
 * faults.c - see faults.h.
 * Copyright (c) 2026 the wavenet authors */
#include "faults.h"

#include <stdlib.h>
#include <string.h>

static void leave_out_tap(fault *f, wn_op *op)
{
    const wn_conv *c = op->conv;
    size_t rows = (size_t)c->out * (size_t)(c->in / c->groups), taps = (size_t)c->kernel;
    f->conv = *c;
    f->conv.kernel--;
    f->conv.weight = calloc(rows * taps, sizeof(float));
    if (!f->conv.weight) abort();
    for (size_t r = 0; r < rows; r++)
        memcpy(f->conv.weight + r * (taps - 1), c->weight + r * taps + 1, (taps - 1) * sizeof(float));
    op->conv = &f->conv;
    op->delays++;
}

static void edit_ops(void *user, wn_op_list *ops)
{
    fault *f = user;
    wn_op *op = &ops->op[f->op];
    int *delays = (int *)op->delays, taps = op->conv->kernel; /* the list's own memory */
    if (f->kind == FAULT_LATE) delays[0]++;
    if (f->kind == FAULT_EARLY) delays[0]--;
    for (int k = 0; f->kind == FAULT_SPACING && k < taps; k++) delays[k] -= taps - 1 - k;
    if (f->kind == FAULT_TAP) leave_out_tap(f, op);
}

static void edit_ring(void *user, const wn_op_list *ops, int op, wn_tap_ring *ring)
{
    const fault *f = user;
    (void)ops;
    if (op != f->op) return;
    if (f->kind == FAULT_WRAP) ring->wrap--;
    if (f->kind == FAULT_SHORT) {
        ring->capacity -= 4;
        ring->wrap -= 4;
    }
}

wn_plan_hooks fault_hooks(fault *f) { return (wn_plan_hooks){.edit_ops = edit_ops, .edit_ring = edit_ring, .user = f}; }

void fault_free(fault *f)
{
    if (f->kind == FAULT_TAP) free(f->conv.weight);
    f->conv.weight = NULL;
}
