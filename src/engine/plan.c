/* SPDX-License-Identifier: MIT
 * plan.c - what a plan uses, and the names of precisions and CPUs.
 * Copyright (c) 2026 the wavenet authors */
#include "engine/plan.h"

#include <string.h>

#include "engine/executor.h"
#include "kernels/cpu.h"

void wn_plan_free(wn_plan *plan)
{
    if (plan) wn_arena_free(plan->arena);
}

/* ---- what a plan uses ---------------------------------------------------------------------------------------------------------- */

const char *wn_plan_get_cpu(const wn_plan *plan) { return plan->kernels->name; }

int wn_plan_get_threads(const wn_plan *plan) { return plan->threads; }

wn_precision wn_plan_get_precision(const wn_plan *plan) { return plan->precision; }

void wn_plan_op_info(const wn_plan *plan, int op, wn_op_info *info)
{
    const wn_segment *s = plan->segment;
    while (op >= s->first + s->n) s++;
    *info = (wn_op_info){.executor = s->executor->name,
                         .format = plan->format[op],
                         .columns = plan->ops.value[plan->ops.op[op].dst].channels,
                         .first = op,
                         .n = 1,
                         .past_ahead = 1,
                         .ahead = 1,
                         .ring = plan->ring[op]};
    s->executor->describe(s->program, op, info);
}

int wn_precision_parse(const char *text)
{
    for (int i = 0; i < wn_weight_format_count; i++)
        if (!strcmp(text, wn_weight_formats[i].name)) return i;
    return -1;
}

const char *wn_precision_name(wn_precision precision) { return wn_weight_formats[precision].name; }

int wn_cpu_parse(const char *text) { return wn_kernel_set_find(text); }

bool wn_cpu_is_available(wn_cpu cpu) { return wn_kernels_get((int)cpu) != NULL; }
