/* SPDX-License-Identifier: MIT
 * receptive.c - what follows from a description by arithmetic: receptive field, parameters, cost.
 * Copyright (c) 2026 the wavenet authors */
#include "model/receptive.h"

#include <math.h>

#include "model/description.h"
#include "model/stage.h"
#include "model/tensors.h"

static int64_t longer(int64_t a, int64_t b) { return a > b ? a : b; }

/* How many frames back each signal looks while it travels down the network; -1 = it does not depend on the input. */
struct reach {
    int64_t h, skip, condition;
};

bool wn_film_any(const wn_layer *layer, int first, int last)
{
    for (int i = first; i <= last; i++)
        if (layer->film[i].active) return true;
    return false;
}

static void layer_reach(const wn_layer *layer, struct reach *r)
{
    int64_t u = wn_film_any(layer, WN_FILM_CONV_PRE, WN_FILM_CONV_PRE) ? longer(r->h, r->condition) : r->h;
    u += wn_conv_reach(&layer->conv);
    if (layer->mixin.out || wn_film_any(layer, WN_FILM_CONV_POST, WN_FILM_ACT_POST)) u = longer(u, r->condition);
    int64_t skip = wn_film_any(layer, WN_FILM_SKIP_POST, WN_FILM_SKIP_POST) ? longer(u, r->condition) : u;
    int64_t res = wn_film_any(layer, WN_FILM_RESIDUAL_POST, WN_FILM_RESIDUAL_POST) ? longer(u, r->condition) : u;
    if (!layer->plain) r->skip = longer(r->skip, skip);
    if (layer->plain)
        r->h = u;
    else if (layer->residual.out)
        r->h = longer(r->h, res);
}

static void stack_reach(const wn_stack *stack, struct reach *r)
{
    r->h += wn_conv_reach(&stack->rechannel);
    for (int i = 0; i < stack->n_layers; i++) layer_reach(&stack->layers[i], r);
    r->skip = (stack->plain_output ? r->h : r->skip) + wn_conv_reach(&stack->head);
}

static int64_t remembered(const wn_conv *conv) { return wn_conv_reach(conv) * conv->in; }

int64_t wn_model_remembered(const wn_model *model)
{
    int64_t sum = model->condition.nested ? wn_model_remembered(model->condition.nested) : 0;
    for (int i = 0; i < model->n_chain; i++) sum += wn_model_remembered(model->chain[i]);
    for (int i = 0; i < model->n_stacks; i++) {
        const wn_stack *stack = &model->stacks[i];
        bool classes = i == 0 && model->input.n_classes; /* remembered as numbers, not one-hot */
        sum += classes ? wn_conv_reach(&stack->rechannel) : remembered(&stack->rechannel);
        for (int l = 0; l < stack->n_layers; l++) sum += remembered(&stack->layers[l].conv);
        sum += remembered(&stack->head);
    }
    for (int i = 0; i < model->n_head; i++) sum += remembered(&model->head[i].conv);
    return sum;
}

static int64_t chain_receptive(const wn_model *model)
{
    int64_t sum = 1;
    for (int i = 0; i < model->n_chain; i++) sum += wn_model_receptive(model->chain[i]) - 1;
    return sum;
}

int64_t wn_model_receptive(const wn_model *model)
{
    struct reach r = {0, -1, -1};
    if (model->n_chain) return chain_receptive(model);
    if (model->condition.source == WN_CONDITION_INPUT)
        r.condition = model->condition.nested ? wn_model_receptive(model->condition.nested) - 1 : 0;
    for (int i = 0; i < model->n_stacks; i++) stack_reach(&model->stacks[i], &r);
    for (int i = 0; i < model->n_head; i++) r.skip += wn_conv_reach(&model->head[i].conv);
    return r.skip + 1;
}

static wn_status count(void *total, const char *name, float *data, int ndim, const int64_t *shape)
{
    int64_t n = 1;
    for (int i = 0; i < ndim; i++) n *= shape[i];
    *(int64_t *)total += n;
    return WN_OK;
}

int64_t wn_model_parameters(const wn_model *model)
{
    int64_t total = 0;
    wn_model_tensors((wn_model *)model, count, &total); /* count only looks at shapes */
    return total;
}

static double layer_macs(const wn_layer *l, double holds)
{
    int64_t n = wn_conv_weights(&l->conv) + wn_conv_weights(&l->mixin) + wn_conv_weights(&l->skip) +
                wn_conv_weights(&l->residual);
    for (int i = 0; i < WN_FILM_COUNT; i++)
        if (l->film[i].active) n += wn_conv_weights(&l->film[i].conv);
    return (double)n + holds * (double)wn_conv_weights(&l->held);
}

/* Per input frame of the stage; `width` channels enter a 2-D kernel. */
static double stage_macs(const wn_stage *s, int width)
{
    if (wn_stage_has(s, WN_STAGE_HAS_KERNEL_2D)) return (double)width * s->height * s->width;
    return wn_stage_has(s, WN_STAGE_HAS_CONV | WN_STAGE_HAS_TRANSPOSED) ? (double)wn_conv_weights(&s->conv) : 0.0;
}

static double condition_macs(const wn_condition *c)
{
    double macs = 0.0, rate = c->hop ? 1.0 / c->hop : 0.0;
    int width = c->feature_channels;
    for (int i = 0; i < c->n_stages; i++) {
        macs += rate * stage_macs(&c->stages[i], width);
        rate *= wn_stage_rate(&c->stages[i]);
        width = wn_stage_channels(&c->stages[i], width);
    }
    return macs + (c->nested ? (double)wn_model_macs(c->nested) : 0.0);
}

int64_t wn_model_macs(const wn_model *model)
{
    const wn_condition *c = &model->condition;
    double holds = c->to_held && c->hop ? 1.0 / c->hop : 0.0; /* a global vector is held once */
    double macs = condition_macs(c);
    for (int i = 0; i < model->n_chain; i++) macs += (double)wn_model_macs(model->chain[i]);
    for (int i = 0; i < model->n_stacks; i++) {
        const wn_stack *s = &model->stacks[i];
        bool lookup = i == 0 && model->input.n_classes; /* a class is a column, not a product */
        macs += (lookup ? 0.0 : (double)wn_conv_weights(&s->rechannel)) + (double)wn_conv_weights(&s->head);
        for (int k = 0; k < s->n_layers; k++) macs += layer_macs(&s->layers[k], holds);
    }
    for (int i = 0; i < model->n_head; i++) macs += (double)wn_conv_weights(&model->head[i].conv);
    return (int64_t)ceil(macs);
}
