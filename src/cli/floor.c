/* SPDX-License-Identifier: MIT
 * floor.c - the least time a plan can take on a machine whose peaks are known.
 * Copyright (c) 2026 the wavenet authors */
#include "cli/floor.h"

/* ---- what a plan costs --------------------------------------------------------------------------------------------- */

static bool divides(const wn_fn_param *f)
{
    switch (f->fn) {
    case WN_FN_TANH:
    case WN_FN_SIGMOID:
    case WN_FN_SILU:
    case WN_FN_SOFTSIGN:
    case WN_FN_FAST_TANH: return true;
    default: return false;
    }
}

/* A function as something that can be timed by itself: a slope is a slope, whose channel it may be. */
static wn_fn_param alone(wn_fn_param f)
{
    if (f.fn == WN_FN_PRELU) f = (wn_fn_param){.fn = WN_FN_LEAKY_RELU, .p = {0.01f}};
    return f;
}

static bool is_alike(const wn_function_cost *f, const wn_step *s)
{
    bool same_act = f->act.fn == alone(s->act).fn, same_gate = f->gate.fn == alone(s->gate).fn;
    return f->op == s->op && same_act && (s->op == WN_OP_ACT || same_gate);
}

static void add_function(wn_cost *c, const wn_step *s)
{
    bool gate = s->op != WN_OP_ACT;
    if (!divides(&s->act) && !(gate && divides(&s->gate))) return;
    int i = 0;
    while (i < c->n_functions && !is_alike(&c->functions[i], s)) i++;
    if (i == WN_COST_FUNCTIONS) return;
    if (i == c->n_functions)
        c->functions[c->n_functions++] = (wn_function_cost){s->op, alone(s->act), alone(s->gate), 0};
    c->functions[i].elements += s->channels;
}

static double weight_bytes(const wn_step *s) { return s->w8 ? 1 : s->w16 ? 2 : sizeof(float); }

/* Bytes of weights that the step reads for `frames` frames together. Of an embedding, a column a tap and frame. */
static double bytes_of(const wn_step *s, const wn_plan *plan, double frames)
{
    if (s->op == WN_OP_EMBED) return sizeof(float) * (double)s->out * s->taps * frames * plan->voices;
    double tap = weight_bytes(s) * s->out * s->in / s->groups;
    if (s->early) return tap * s->taps / WN_FRAMES_AHEAD;
    return s->ahead ? tap * (1 + (s->taps - 1.0) / s->ahead) : tap * s->taps;
}

static double macs8_of(const wn_step *s) { return s->w8 ? (double)s->out * s->in / s->groups * s->taps : 0; }

/* Bytes of weights that the step has, however seldom it reads them. */
static double resident_of(const wn_step *s)
{
    double groups = s->op == WN_OP_EMBED ? 1 : s->groups;
    return weight_bytes(s) * s->out * s->in * s->taps / groups;
}

/* Held products wait for the next row of what is held. */
static double held_bytes(const wn_plan *plan)
{
    const wn_condition *c = &plan->model->condition;
    double floats = 0;
    for (int i = 0; i < plan->n_held; i++) floats += (double)plan->held[i].out * c->held_channels;
    return c->to_held && c->hop ? sizeof(float) * floats / c->hop : 0;
}

void wn_cost_of(wn_cost *out, const wn_plan *plan, int frames)
{
    *out = (wn_cost){.macs = (double)wn_model_macs(plan->model)};
    double together = frames < plan->max_frames ? frames : plan->max_frames, read = 0;
    for (int i = 0; i < plan->n_steps; i++) {
        const wn_step *s = &plan->steps[i];
        if (s->op == WN_OP_CONV || s->op == WN_OP_EMBED) {
            read += bytes_of(s, plan, together);
            out->resident += resident_of(s);
        }
        if (s->op == WN_OP_CONV) out->macs8 += macs8_of(s);
        if (s->op == WN_OP_ACT || s->op == WN_OP_GATED || s->op == WN_OP_BLENDED) add_function(out, s);
    }
    out->macs -= out->macs8;
    out->bytes = read / together + held_bytes(plan);
}

/* ---- the floors ---------------------------------------------------------------------------------------------------- */

wn_roofline wn_roofline_of(const wn_cost *cost, const wn_rates *rates, int streams, int plans)
{
    wn_roofline f = {.arithmetic = cost->macs / rates->macs + (cost->macs8 > 0 ? cost->macs8 / rates->macs8 : 0),
                  .bandwidth = cost->bytes * plans / rates->read / streams};
    for (int i = 0; i < cost->n_functions; i++) f.arithmetic += cost->functions[i].elements / rates->functions[i];
    return f;
}
