/* SPDX-License-Identifier: MIT
 * linear.c - the model with its nonlinearities taken out: what is left is one long convolution.
 * Copyright (c) 2026 the wavenet authors */
#include "model/linear.h"

#include <string.h>

#include "model/clone.h"

/* Positive weights are 1 over the fan-in of one tap, and scales are 1, so that an impulse arrives through every path with
 * a weight of 1 and the responses of paths add: nothing cancels or fades below rounding, however deep the network. A sum
 * over very many paths may overflow; an infinite response still says that the position was reached. */
static void linearise_conv(wn_conv *conv, wn_linear_kind kind)
{
    if (conv->out == 0) return;
    conv->has_bias = false;
    conv->bias = NULL;
    if (kind != WN_LINEAR_POSITIVE) return;
    int fan_in = conv->in / conv->groups;
    int64_t n = (int64_t)conv->out * fan_in * conv->kernel;
    for (int64_t i = 0; i < n; i++) conv->weight[i] = 1.0f / (float)fan_in;
}

static void linearise_layer(wn_layer *layer, wn_linear_kind kind, bool from_input)
{
    wn_conv *convs[] = {&layer->conv, &layer->mixin, &layer->skip, &layer->residual};
    for (size_t i = 0; i < sizeof convs / sizeof *convs; i++) linearise_conv(convs[i], kind);
    layer->act = (wn_act){.kind = WN_ACT_IDENTITY};
    layer->gate = (wn_act){.kind = WN_ACT_ONE};
    layer->held = (wn_conv){0};
    if (!from_input) layer->mixin = (wn_conv){0};
    memset(layer->film, 0, sizeof layer->film);
    if (kind == WN_LINEAR_POSITIVE) layer->residual_scale = layer->skip_scale = 1;
}

static void linearise_stack(wn_stack *stack, wn_linear_kind kind, bool from_input)
{
    linearise_conv(&stack->rechannel, kind);
    for (int i = 0; i < stack->n_layers; i++) linearise_layer(&stack->layers[i], kind, from_input);
    linearise_conv(&stack->head, kind);
    if (kind == WN_LINEAR_POSITIVE) stack->skip_out_scale = 1;
}

/* One-hot columns become one: the slope of the embedding over the decoded value, least squares through the origin. */
static void embedding_to_column(wn_conv *conv, const wn_encoding *input)
{
    double norm = 0;
    for (int c = 0; c < input->n_classes; c++) norm += (double)input->values[c] * input->values[c];
    for (int64_t o = 0; o < conv->out; o++)
        for (int64_t k = 0; k < conv->kernel; k++) {
            double sum = 0;
            for (int64_t c = 0; c < conv->in; c++)
                sum += (double)input->values[c] * conv->weight[(o * conv->in + c) * conv->kernel + k];
            conv->weight[o * conv->kernel + k] = norm > 0 ? (float)(sum / norm) : 0; /* never ahead of what is read */
        }
    conv->in = 1;
}

/* Conditions from outside are 0 and leave; the audio input as condition is linear and stays. */
static void drop_conditions(wn_model *m, bool from_input)
{
    wn_model *nested = m->condition.nested;
    int local = m->condition.local_channels;
    m->condition = (wn_condition){.harmonic_source = {.key = -1, .bend = -1, .limit = 0.45}};
    if (!from_input) {
        wn_model_free(nested);
        return;
    }
    m->condition.source = WN_CONDITION_INPUT;
    m->condition.nested = nested;
    m->condition.local_channels = local;
}

/* Turns a copy, which owns all its weights, into the linear model. */
static void linearise(wn_model *m, wn_linear_kind kind)
{
    bool from_input = m->condition.source == WN_CONDITION_INPUT;
    drop_conditions(m, from_input);
    if (m->condition.nested) linearise(m->condition.nested, kind);
    for (int i = 0; i < m->n_chain; i++) linearise(m->chain[i], kind);
    if (m->input.n_classes) embedding_to_column(&m->stacks[0].rechannel, &m->input);
    for (int i = 0; i < m->n_stacks; i++) linearise_stack(&m->stacks[i], kind, from_input);
    for (int i = 0; i < m->n_head; i++) {
        linearise_conv(&m->head[i].conv, kind);
        m->head[i].act = (wn_act){.kind = WN_ACT_IDENTITY};
    }
    if (kind == WN_LINEAR_POSITIVE) m->head_scale = 1;
    m->input = (wn_encoding){.channels = m->input.n_classes ? 1 : m->input.channels};
    m->output = WN_OUTPUT_PCM;
    m->labels = (wn_labels){0};
    m->delay = 0;
    m->n_mixtures = m->n_controls = 0;
    m->controls = NULL;
    m->autoregressive = false;
}

wn_model *wn_model_linearised(const wn_model *model, wn_linear_kind kind)
{
    wn_model *copy = wn_model_clone(model);
    if (copy) linearise(copy, kind);
    return copy;
}
