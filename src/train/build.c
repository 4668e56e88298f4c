/* SPDX-License-Identifier: MIT
 * build.c - builds the trainer's network from a model: offsets, widths and scales.
 * Copyright (c) 2026 the wavenet authors */
#include "train/build.h"

#include <math.h>
#include <stdlib.h>

#include "model/description.h"
#include "model/stage.h"

static size_t parameter_offset(const wn_tnet *net, const float *data)
{
    return data ? wn_params_offset(&net->params, data) : 0;
}

static wn_tconv build_conv(const wn_tnet *net, const wn_conv *c)
{
    if (!c->out) return (wn_tconv){0};
    return (wn_tconv){c->in,
                      c->out,
                      c->kernel,
                      c->dilation,
                      c->groups,
                      c->has_bias,
                      parameter_offset(net, c->weight),
                      c->has_bias ? parameter_offset(net, c->bias) : 0};
}

static wn_tact build_act(const wn_tnet *net, const wn_act *a)
{
    wn_tact act = {a->kind, {a->p[0], a->p[1], a->p[2], a->p[3]}, a->n_slopes, 0};
    if (wn_act_row_of(a->kind)->flags & WN_ACT_PER_CHANNEL) act.slopes = parameter_offset(net, a->slopes);
    return act;
}

/* Add a signal of which the reader needs `reach` past frames. Returns its number. */
static int add_signal(wn_tnet *net, int channels, int reach)
{
    net->signals[net->n_signals] = (wn_tsignal){channels, reach, net->state};
    net->state += (size_t)channels * (size_t)reach;
    return net->n_signals++;
}

static void build_layer(wn_tnet *net, const wn_stack *s, int index, bool last_used, wn_tlayer *out)
{
    const wn_layer *l = &s->layers[index];
    *out = (wn_tlayer){.conv = build_conv(net, &l->conv),
                       .mixin = build_conv(net, &l->mixin),
                       .skip = build_conv(net, &l->skip),
                       .residual = build_conv(net, &l->residual),
                       .gating = l->gating,
                       .act = build_act(net, &l->act),
                       .gate = build_act(net, &l->gate),
                       .bottleneck = l->bottleneck,
                       .plain = l->plain,
                       .residual_scale = l->residual_scale};
    out->has_skip = !s->plain_output;
    out->has_residual = l->residual.out && (index + 1 < s->n_layers || last_used);
    out->skip_gain = l->skip.out ? l->skip_scale : 1;
    /* With s = skip_0, s = (s + skip_i) sqrt(1/2), this is the product of the factors of skip `index`. */
    if (s->skip_sum == WN_SKIP_RUNNING) out->skip_gain *= (wn_real)pow(sqrt(0.5), s->n_layers - (index ? index : 1));
    if (l->held.out) {
        out->held = true;
        out->held_row = net->held_rows;
        if (!net->held_rows) net->held_weight = parameter_offset(net, l->held.weight);
        net->held_rows += l->held.out;
    }
}

static wn_status build_stack(wn_tnet *net, int index, wn_error *error)
{
    const wn_model *m = net->model;
    const wn_stack *s = &m->stacks[index];
    wn_tstack *out = &net->stacks[index];
    bool last = index + 1 == m->n_stacks;
    *out = (wn_tstack){.rechannel = build_conv(net, &s->rechannel),
                       .head = build_conv(net, &s->head),
                       .channels = s->channels,
                       .skip_channels = s->skip_channels,
                       .n_layers = s->n_layers,
                       .out_scale = s->skip_out_scale,
                       .plain_output = s->plain_output};
    out->layers = wn_arena_alloc(net->arena, (size_t)s->n_layers, sizeof *out->layers);
    if (!out->layers) return wn_fail_memory(error, NULL);
    for (int i = 0; i < s->n_layers; i++) build_layer(net, s, i, !last || s->plain_output, &out->layers[i]);
    for (int i = 0; i < s->n_layers; i++) {
        int id = add_signal(net, s->channels, wn_tconv_reach(&out->layers[i].conv));
        if (!i) out->h = id;
    }
    int id = add_signal(net, s->channels, last ? 0 : (int)wn_conv_reach(&m->stacks[index + 1].rechannel));
    if (!s->n_layers) out->h = id;
    out->sum = add_signal(net, s->skip_channels, wn_tconv_reach(&out->head));
    return WN_OK;
}

static void build_head(wn_tnet *net, int index, int *channels)
{
    const wn_head_layer *h = &net->model->head[index];
    wn_thead *out = &net->head[index];
    *out = (wn_thead){.act = build_act(net, &h->act), .conv = build_conv(net, &h->conv), .in = *channels};
    out->signal = add_signal(net, *channels, wn_tconv_reach(&out->conv));
    *channels = h->conv.out;
}

static void build_stage(wn_tnet *net, const wn_stage *s, int *channels, wn_tstage *out)
{
    *out = (wn_tstage){
        .shape = s, .act = build_act(net, &s->act), .in = *channels, .out = wn_stage_channels(s, *channels)};
    if (wn_stage_has(s, WN_STAGE_HAS_CONV | WN_STAGE_HAS_TRANSPOSED)) out->conv = build_conv(net, &s->conv);
    if (wn_stage_has(s, WN_STAGE_HAS_KERNEL_2D)) {
        out->kernel = parameter_offset(net, s->kernel);
        out->has_bias = s->bias != NULL;
        out->bias = parameter_offset(net, s->bias);
    }
    *channels = out->out;
}

/* Frames per frame-rate condition. If that is only a global vector, any length would do. */
static int condition_hop(const wn_condition *c)
{
    bool rows = c->source == WN_CONDITION_FEATURES || c->source == WN_CONDITION_CONTROLS;
    return rows ? c->hop : c->global_channels ? 16 : 1;
}

static wn_status build_condition(wn_tnet *net, wn_error *error)
{
    const wn_condition *c = &net->model->condition;
    wn_tcondition *out = &net->condition;
    *out = (wn_tcondition){.feature_channels = c->feature_channels,
                           .hop = condition_hop(c),
                           .to_held = c->to_held,
                           .n_stages = c->n_stages,
                           .harmonic_channels = 2 * c->harmonic_source.n,
                           .global_channels = c->global_channels,
                           .embeds = c->embedding != NULL,
                           .embedding = parameter_offset(net, c->embedding),
                           .local_channels = c->local_channels,
                           .held_channels = c->held_channels,
                           .from_input = c->source == WN_CONDITION_INPUT};
    out->has_rows = c->source == WN_CONDITION_FEATURES || c->source == WN_CONDITION_CONTROLS;
    out->pipeline_channels = out->has_rows ? c->pipeline_channels : 0;
    out->stages = wn_arena_alloc(net->arena, (size_t)c->n_stages, sizeof *out->stages);
    if (!out->stages) return wn_fail_memory(error, NULL);
    int channels = c->feature_channels;
    for (int i = 0; i < c->n_stages; i++) {
        build_stage(net, &c->stages[i], &channels, &out->stages[i]);
        if (wn_stage_has(&c->stages[i], WN_STAGE_HAS_CONV | WN_STAGE_HAS_TRANSPOSED | WN_STAGE_HAS_KERNEL_2D))
            out->trains = true;
        if (wn_act_row_of(c->stages[i].act.kind)->flags & WN_ACT_PER_CHANNEL) out->trains = true;
    }
    return WN_OK;
}

/* ---- models that cannot be trained ----------------------------------------------------------------------------- */

static wn_status fail_untrainable(wn_error *error, const char *what)
{
    return wn_fail(error, WN_ERROR_UNSUPPORTED, "model", "%s cannot be trained, only loaded from imported files", what);
}

static wn_status check_layer_trainable(const wn_layer *l, wn_error *error)
{
    for (int i = 0; i < WN_FILM_COUNT; i++)
        if (l->film[i].active) return fail_untrainable(error, "film");
    if (l->held.groups > 1) return fail_untrainable(error, "a grouped 1x1 convolution of the frame-rate condition");
    return WN_OK;
}

static wn_status check_trainable(const wn_model *m, wn_error *error)
{
    const wn_condition *c = &m->condition;
    bool over_time = c->source == WN_CONDITION_FEATURES || c->source == WN_CONDITION_CONTROLS || c->harmonic_source.n;
    if (c->nested) return fail_untrainable(error, "a model nested in the condition");
    if (m->n_chain) return fail_untrainable(error, "several models in series");
    if (over_time && (m->labels.n || m->delay || m->input.channels > 1))
        return fail_untrainable(error, "classes of its own, a delay or several channels beside features or controls");
    for (int i = 0; i < m->n_stacks; i++) {
        for (int k = 0; k < m->stacks[i].n_layers; k++) {
            wn_status status = check_layer_trainable(&m->stacks[i].layers[k], error);
            if (status) return status;
        }
    }
    return WN_OK;
}

/* ---- the whole network ----------------------------------------------------------------------------------------- */

static void *arena_array(wn_tnet *net, int n, size_t size) { return wn_arena_alloc(net->arena, (size_t)n, size); }

static wn_status net_allocate(wn_tnet *net, wn_error *error)
{
    const wn_model *m = net->model;
    int signals = 1 + m->n_head;
    for (int i = 0; i < m->n_stacks; i++) signals += m->stacks[i].n_layers + 2;
    net->arena = wn_arena_new();
    net->signals = arena_array(net, signals, sizeof *net->signals);
    net->stacks = arena_array(net, m->n_stacks, sizeof *net->stacks);
    net->head = arena_array(net, m->n_head, sizeof *net->head);
    if (!net->signals || !net->stacks || !net->head) return wn_fail_memory(error, NULL);
    return WN_OK;
}

static void build_input(wn_tnet *net)
{
    const wn_model *m = net->model;
    int reach = (int)wn_conv_reach(&m->stacks[0].rechannel);
    net->n_classes = m->input.n_classes;
    net->in_channels = m->input.n_classes ? 1 : m->input.channels;
    net->input = -1;
    if (!net->n_classes) {
        net->input = add_signal(net, net->in_channels, reach);
        return;
    }
    net->in_reach = reach;
    net->in_state = net->state;
    net->state += (size_t)reach;
}

static wn_status build_model(wn_tnet *net, wn_error *error)
{
    const wn_model *m = net->model;
    net->n_stacks = m->n_stacks;
    net->n_head = m->n_head;
    net->head_scale = m->head_scale;
    net->outputs = m->output_channels;
    build_input(net);
    wn_status status = build_condition(net, error);
    for (int i = 0; !status && i < m->n_stacks; i++) status = build_stack(net, i, error);
    if (status) return status;
    const wn_stack *last = &m->stacks[m->n_stacks - 1];
    int channels = last->head.out ? last->head.out : last->plain_output ? last->channels : last->skip_channels;
    for (int i = 0; i < m->n_head; i++) build_head(net, i, &channels);
    return WN_OK;
}

wn_status wn_tnet_new(wn_tnet **out, wn_model *model, wn_error *error)
{
    *out = NULL;
    wn_status status = check_trainable(model, error);
    if (status) return status;
    wn_tnet *net = calloc(1, sizeof *net);
    if (!net) return wn_fail_memory(error, NULL);
    net->model = model;
    status = wn_params_init(&net->params, model, error);
    if (!status) status = net_allocate(net, error);
    if (!status) status = build_model(net, error);
    if (status)
        wn_tnet_free(net);
    else
        *out = net;
    return status;
}

void wn_tnet_free(wn_tnet *net)
{
    if (!net) return;
    wn_params_clear(&net->params);
    wn_arena_free(net->arena);
    free(net);
}
