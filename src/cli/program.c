/* SPDX-License-Identifier: MIT
 * program.c - the operations of a model and how this machine runs them.
 * Copyright (c) 2026 the wavenet authors */
#include "cli/program.h"

#include <stdio.h>
#include <string.h>

#include "engine/plan.h"

enum { TEXT = 96 };

/* "conv 16 -> 16, kernel 3, dilation 512" */
static void describe_shape(const wn_op_list *ops, const wn_op *op, char *text)
{
    size_t at = (size_t)snprintf(text, TEXT, "%s ", wn_op_kind_name(op->kind));
    if (!wn_op_convolves(op)) {
        snprintf(text + at, TEXT - at, "%d", ops->value[op->dst].channels);
        return;
    }
    const wn_conv *c = op->conv;
    at += (size_t)snprintf(text + at, TEXT - at, "%d -> %d", c->in, c->out);
    if (c->kernel > 1) at += (size_t)snprintf(text + at, TEXT - at, ", kernel %d", c->kernel);
    if (c->kernel > 1 && c->dilation > 1) at += (size_t)snprintf(text + at, TEXT - at, ", dilation %d", c->dilation);
    if (c->groups > 1) snprintf(text + at, TEXT - at, ", %d groups", c->groups);
}

/* The operations that run in the same unit, and those that run ahead. */
static void describe_run(const wn_op_list *ops, int op, const wn_op_info *i, char *text)
{
    size_t at = 0;
    text[0] = 0;
    if (wn_op_is_held(ops, &ops->op[op])) at += (size_t)snprintf(text + at, TEXT - at, ", when the condition is set");
    if (i->with)
        at += (size_t)snprintf(text + at, TEXT - at, ", one of %d %s", i->n, i->with);
    else if (i->n > 1 && i->first == op)
        at += (size_t)snprintf(text + at, TEXT - at, ", in one call with the next %d", i->n - 1);
    else if (i->n > 1)
        at += (size_t)snprintf(text + at, TEXT - at, ", in that call");
    if (i->ahead > 1) at += (size_t)snprintf(text + at, TEXT - at, ", %d frames ahead", i->ahead);
    if (i->past_ahead > 1) at += (size_t)snprintf(text + at, TEXT - at, ", past taps %d frames ahead", i->past_ahead);
    if (i->into_ring && i->first + i->n - 1 == op) snprintf(text + at, TEXT - at, ", into the next ring");
}

static void print_op(const wn_plan *plan, int op)
{
    char name[WN_OP_NAME], shape[TEXT], run[TEXT], ring[24] = "";
    wn_op_info info;
    wn_plan_op_info(plan, op, &info);
    wn_op_name(&plan->ops.op[op], name);
    describe_shape(&plan->ops, &plan->ops.op[op], shape);
    describe_run(&plan->ops, op, &info, run);
    if (info.ring) snprintf(ring, sizeof ring, "%zu", wn_tap_ring_floats(info.ring) * sizeof(float));
    printf("%4d  %-34s %-38s %-5s %8s  %s%s\n", op, name, shape, info.format ? info.format->name : "", ring,
           info.executor, run);
}

static double weight_bytes(const wn_plan *plan)
{
    double bytes = 0;
    for (int i = 0; i < plan->ops.n; i++) {
        const wn_op *op = &plan->ops.op[i];
        if (wn_op_convolves(op))
            bytes += plan->format[i]->bytes * op->conv->out * op->conv->in / op->conv->groups * op->conv->kernel;
    }
    return bytes;
}

void wn_cli_print_program(const wn_plan *plan)
{
    printf("\nprogram       %d operations for blocks of %d, %d voice%s, %s kernels, %s, %d thread%s\n", plan->ops.n,
           plan->max_frames, plan->voices, plan->voices == 1 ? "" : "s", wn_plan_get_cpu(plan),
           wn_precision_name(wn_plan_get_precision(plan)), wn_plan_get_threads(plan),
           wn_plan_get_threads(plan) == 1 ? "" : "s");
    printf("  memory        %.0f kB of weights, %.0f kB per stream\n", weight_bytes(plan) / 1e3,
           (double)wn_plan_get_stream_bytes(plan) / 1e3);
    printf("\n%4s  %-34s %-38s %-5s %8s  %s\n", "", "operation", "shape", "as", "ring B", "executor");
    for (int i = 0; i < plan->ops.n; i++) print_op(plan, i);
}
