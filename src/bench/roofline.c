/* SPDX-License-Identifier: MIT
 * roofline.c - the least time a plan can take on a machine whose peaks are known.
 * Copyright (c) 2026 the wavenet authors */
#include "bench/roofline.h"

#include "engine/function.h"
#include "model/receptive.h"

/* ---- what a plan costs --------------------------------------------------------------------------------------------- */

static bool divides(const wn_fn_param *f) { return wn_act_row_of(f->fn)->flags & WN_ACT_DIVIDES; }

/* A function as something that can be timed by itself: a slope is a slope, whose channel it may be. */
static wn_fn_param alone(wn_fn_param f)
{
    if (f.fn == WN_ACT_PRELU) f = (wn_fn_param){.fn = WN_ACT_LEAKY_RELU, .p = {0.01f}};
    return f;
}

static bool is_alike(const wn_function_cost *f, const wn_function_cost *g)
{
    return f->op == g->op && f->act.fn == g->act.fn && (f->op == WN_OP_ACTIVATE || f->gate.fn == g->gate.fn);
}

static wn_function_cost function_of(const wn_op *op)
{
    wn_function_cost f = {.op = op->kind, .act = alone(wn_function(op->act))};
    if (op->gate) f.gate = alone(wn_function(op->gate));
    return f;
}

int wn_cost_find_function(const wn_cost *cost, const wn_op *op)
{
    if (!op->act) return -1;
    wn_function_cost f = function_of(op);
    int i = 0;
    while (i < cost->n_functions && !is_alike(&cost->functions[i], &f)) i++;
    return i < cost->n_functions ? i : -1;
}

static void add_function(wn_cost *c, const wn_op *op, int channels)
{
    wn_function_cost f = function_of(op);
    if (!divides(&f.act) && !(op->gate && divides(&f.gate))) return;
    int i = wn_cost_find_function(c, op);
    if (i < 0 && c->n_functions == WN_COST_FUNCTIONS) return;
    if (i < 0) c->functions[i = c->n_functions++] = f;
    c->functions[i].elements += channels;
}

/* Weights of one tap; of an embedding a column per class. */
static double weights_of(const wn_op *op, const wn_op_info *info)
{
    return (double)info->columns * op->conv->in / (op->kind == WN_OP_EMBED ? 1 : op->conv->groups);
}

/* Bytes of weights that an operation reads for `frames` frames together. Of an embedding, a column per tap and frame. */
static double bytes_of(const wn_op *op, const wn_op_info *info, double frames, int voices)
{
    double taps = op->conv->kernel, tap = info->format->bytes * weights_of(op, info);
    if (op->kind == WN_OP_EMBED) return info->format->bytes * op->conv->out * taps * frames * voices;
    return tap * (1 + (taps - 1) / info->past_ahead) / info->ahead;
}

/* Held products wait for the next row of what is held. */
static double held_bytes(const wn_plan *plan, const wn_op *op)
{
    const wn_condition *c = &plan->model->condition;
    return c->to_held && c->hop ? (double)sizeof(float) * op->conv->out * op->conv->in / c->hop : 0;
}

void wn_cost_of(wn_cost *out, const wn_plan *plan, int frames)
{
    *out = (wn_cost){.macs = (double)wn_model_macs(plan->model)};
    double together = frames < plan->max_frames ? frames : plan->max_frames;
    for (int i = 0; i < plan->ops.n; i++) {
        const wn_op *op = &plan->ops.op[i];
        wn_op_info info;
        wn_plan_op_info(plan, i, &info);
        if (op->act) add_function(out, op, plan->ops.value[op->dst].channels);
        if (!wn_op_convolves(op)) continue;
        if (wn_op_is_held(&plan->ops, op)) {
            out->bytes += held_bytes(plan, op);
            continue;
        }
        double weights = weights_of(op, &info) * op->conv->kernel;
        out->bytes += bytes_of(op, &info, together, plan->voices) / together;
        out->resident += info.format->bytes * weights;
        if (info.format->integers) out->macs8 += weights;
    }
    out->macs -= out->macs8;
}

/* ---- the floors ---------------------------------------------------------------------------------------------------- */

wn_roofline wn_roofline_of(const wn_cost *cost, const wn_rates *rates, int streams, int plans)
{
    wn_roofline f = {.arithmetic = cost->macs / rates->macs + (cost->macs8 > 0 ? cost->macs8 / rates->macs8 : 0),
                     .bandwidth = cost->bytes * plans / rates->read / streams};
    for (int i = 0; i < cost->n_functions; i++) f.arithmetic += cost->functions[i].elements / rates->functions[i];
    return f;
}
