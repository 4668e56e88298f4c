/* SPDX-License-Identifier: MIT
 * latency.c - the longest chain of operations of a frame that wait for each other, and how long it takes.
 * Copyright (c) 2026 the wavenet authors */
#include "bench/latency.h"

#include <stdlib.h>

#include "base/error.h"

double wn_latency_seconds(const wn_latency *chain, const wn_operation_latency *links)
{
    double seconds = chain->fmas * links->fma + chain->additions * links->addition;
    for (int i = 0; i < WN_COST_FUNCTIONS; i++) seconds += chain->functions[i] * links->functions[i];
    return seconds;
}

/* Only the longer of two chains is followed, so the cycles of Zen and Core processors will do to tell which that is. */
static double cycles_of(const wn_latency *chain)
{
    wn_operation_latency cycles = {.fma = 4, .addition = 4};
    for (int i = 0; i < WN_COST_FUNCTIONS; i++) cycles.functions[i] = 60;
    return wn_latency_seconds(chain, &cycles);
}

static wn_latency longer_of(wn_latency a, wn_latency b) { return cycles_of(&a) >= cycles_of(&b) ? a : b; }

/* The chain of a value; those that no operation has made are there before. */
static wn_latency chain_of(const wn_latency *chains, int value)
{
    return value == WN_NO_VALUE ? (wn_latency){0} : chains[value];
}

/* The newest tap's product, which is added last. */
static void add_product(wn_latency *chain, const wn_conv *conv)
{
    int in = conv->in / conv->groups, chains = wn_chains(in, false);
    chain->fmas += (in + chains - 1) / chains;
    for (int n = chains; n > 1; n /= 2) chain->additions++;
}

/* The operation itself, behind the longest chain of what it reads. */
static wn_latency extend(const wn_latency *chains, const wn_op *op, const wn_cost *cost)
{
    wn_latency chain = chain_of(chains, op->src);
    int function = wn_cost_find_function(cost, op);
    if (op->kind == WN_OP_CONV) add_product(&chain, op->conv);
    chain = longer_of(longer_of(chain, chain_of(chains, op->add)), chain_of(chains, op->second));
    switch (op->kind) {
    case WN_OP_CONV:
    case WN_OP_EMBED: chain.additions++; break;
    case WN_OP_ADD:
        chain.additions++;
        if (op->scale != 1) chain.fmas++;
        break;
    case WN_OP_SCALE:
    case WN_OP_FILM: chain.fmas++; break;
    case WN_OP_GATE:
    case WN_OP_BLEND:
    case WN_OP_ACTIVATE:
        if (op->gate) chain.fmas++; /* the product of both halves */
        if (function >= 0)
            chain.functions[function]++;
        else
            chain.additions++; /* a comparison takes no longer */
    }
    return chain;
}

wn_status wn_latency_of(wn_latency *out, const wn_plan *plan, const wn_cost *cost, wn_error *error)
{
    const wn_op_list *ops = &plan->ops;
    wn_latency *chains = calloc((size_t)ops->n_values, sizeof *chains);
    if (!chains) return wn_fail_memory(error, NULL);
    for (int i = 0; i < ops->n; i++) {
        const wn_op *op = &ops->op[i];
        if (!wn_op_is_held(ops, op)) chains[op->dst] = extend(chains, op, cost);
    }
    *out = chains[ops->output];
    free(chains);
    return WN_OK;
}
