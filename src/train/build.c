/* SPDX-License-Identifier: MIT
 * build.c - from a model's description to offsets, widths and scales.
 * Copyright (c) 2026 the wavenet authors */
#include <math.h>
#include <stdlib.h>

#include "model/stage.h"
#include "train/net.h"

static size_t offset(const wn_tnet *net, const float *data) { return data ? wn_params_offset(&net->params, data) : 0; }

static wn_tconv describe_conv(const wn_tnet *net, const wn_conv *c)
{
    if (!c->out) return (wn_tconv){0};
    return (wn_tconv){c->in,
                      c->out,
                      c->kernel,
                      c->dilation,
                      c->groups,
                      c->has_bias,
                      offset(net, c->weight),
                      c->has_bias ? offset(net, c->bias) : 0};
}

static wn_tact describe_act(const wn_tnet *net, const wn_act *a)
{
    wn_tact act = {a->kind, {a->p[0], a->p[1], a->p[2], a->p[3]}, a->n_slopes, 0};
    if (a->kind == WN_ACT_PRELU) act.slopes = offset(net, a->slopes);
    return act;
}

/* A signal's place; `reach` is what its reader needs of the past. */
static int add_signal(wn_tnet *net, int channels, int reach)
{
    net->signals[net->n_signals] = (wn_tsignal){channels, reach, net->state};
    net->state += (size_t)channels * (size_t)reach;
    return net->n_signals++;
}

static void describe_layer(wn_tnet *net, const wn_stack *s, int index, bool last_used, wn_tlayer *out)
{
    const wn_layer *l = &s->layers[index];
    *out = (wn_tlayer){.conv = describe_conv(net, &l->conv),
                       .mixin = describe_conv(net, &l->mixin),
                       .skip = describe_conv(net, &l->skip),
                       .residual = describe_conv(net, &l->residual),
                       .gating = l->gating,
                       .act = describe_act(net, &l->act),
                       .gate = describe_act(net, &l->gate),
                       .bottleneck = l->bottleneck,
                       .plain = l->plain,
                       .residual_scale = l->residual_scale};
    out->sums = !s->plain_output;
    out->moves = l->residual.out && (index + 1 < s->n_layers || last_used);
    out->skip_gain = l->skip.out ? l->skip_scale : 1;
    /* s = skip_0, s = (s + skip_i) sqrt(1/2): the factors each skip meets on its way. */
    if (s->skip_sum == WN_SKIP_RUNNING) out->skip_gain *= (wn_real)pow(sqrt(0.5), s->n_layers - (index ? index : 1));
    if (l->held.out) {
        out->held = true;
        out->held_row = net->held_rows;
        if (!net->held_rows) net->held_weight = offset(net, l->held.weight);
        net->held_rows += l->held.out;
    }
}

static wn_status describe_stack(wn_tnet *net, int index, wn_error *error)
{
    const wn_model *m = net->model;
    const wn_stack *s = &m->stacks[index];
    wn_tstack *out = &net->stacks[index];
    bool last = index + 1 == m->n_stacks;
    *out = (wn_tstack){.rechannel = describe_conv(net, &s->rechannel),
                       .head = describe_conv(net, &s->head),
                       .channels = s->channels,
                       .skip_channels = s->skip_channels,
                       .n_layers = s->n_layers,
                       .out_scale = s->skip_out_scale,
                       .plain_output = s->plain_output};
    out->layers = wn_arena_alloc(net->arena, (size_t)s->n_layers, sizeof *out->layers);
    if (!out->layers) return wn_fail_memory(error, NULL);
    for (int i = 0; i < s->n_layers; i++) describe_layer(net, s, i, !last || s->plain_output, &out->layers[i]);
    for (int i = 0; i < s->n_layers; i++) {
        int id = add_signal(net, s->channels, wn_tconv_reach(&out->layers[i].conv));
        if (!i) out->h = id;
    }
    int id = add_signal(net, s->channels, last ? 0 : (int)wn_conv_reach(&m->stacks[index + 1].rechannel));
    if (!s->n_layers) out->h = id;
    out->sum = add_signal(net, s->skip_channels, wn_tconv_reach(&out->head));
    return WN_OK;
}

static void describe_head(wn_tnet *net, int index, int *channels)
{
    const wn_head_layer *h = &net->model->head[index];
    wn_thead *out = &net->head[index];
    *out = (wn_thead){.act = describe_act(net, &h->act), .conv = describe_conv(net, &h->conv), .in = *channels};
    out->signal = add_signal(net, *channels, wn_tconv_reach(&out->conv));
    *channels = h->conv.out;
}

static void describe_stage(wn_tnet *net, const wn_stage *s, int *channels, wn_tstage *out)
{
    *out = (wn_tstage){.shape = s,
                       .act = describe_act(net, &s->act),
                       .in = *channels,
                       .out = wn_stage_channels(s, *channels)};
    if (wn_stage_has(s, WN_STAGE_HAS_CONV | WN_STAGE_HAS_TRANSPOSED)) out->conv = describe_conv(net, &s->conv);
    if (wn_stage_has(s, WN_STAGE_HAS_KERNEL_2D)) {
        out->kernel = offset(net, s->kernel);
        out->has_bias = s->bias != NULL;
        out->bias = offset(net, s->bias);
    }
    *channels = out->out;
}

/* Frames that share a held condition. Where only a global vector is held any length would do. */
static int hop_of(const wn_condition *c)
{
    bool rows = c->source == WN_CONDITION_FEATURES || c->source == WN_CONDITION_CONTROLS;
    return rows ? c->hop : c->global_channels ? 16 : 1;
}

static wn_status describe_condition(wn_tnet *net, wn_error *error)
{
    const wn_condition *c = &net->model->condition;
    wn_tcondition *out = &net->condition;
    *out = (wn_tcondition){.feature_channels = c->feature_channels,
                           .hop = hop_of(c),
                           .to_held = c->to_held,
                           .n_stages = c->n_stages,
                           .harmonic_channels = 2 * c->harmonic_source.n,
                           .global_channels = c->global_channels,
                           .embeds = c->embedding != NULL,
                           .embedding = offset(net, c->embedding),
                           .local_channels = c->local_channels,
                           .held_channels = c->held_channels,
                           .from_input = c->source == WN_CONDITION_INPUT};
    out->has_rows = c->source == WN_CONDITION_FEATURES || c->source == WN_CONDITION_CONTROLS;
    out->pipeline_channels = out->has_rows ? c->pipeline_channels : 0;
    out->stages = wn_arena_alloc(net->arena, (size_t)c->n_stages, sizeof *out->stages);
    if (!out->stages) return wn_fail_memory(error, NULL);
    int channels = c->feature_channels;
    for (int i = 0; i < c->n_stages; i++) {
        describe_stage(net, &c->stages[i], &channels, &out->stages[i]);
        if (wn_stage_has(&c->stages[i], WN_STAGE_HAS_CONV | WN_STAGE_HAS_TRANSPOSED | WN_STAGE_HAS_KERNEL_2D))
            out->trains = true;
        if (c->stages[i].act.kind == WN_ACT_PRELU) out->trains = true;
    }
    return WN_OK;
}

/* ---- what cannot be trained ------------------------------------------------------------------------------------- */

static wn_status refuse(wn_error *error, const char *what)
{
    return wn_fail(error, WN_ERROR_UNSUPPORTED, "model", "%s cannot be trained; it is for files made elsewhere", what);
}

static wn_status check_layer(const wn_layer *l, wn_error *error)
{
    for (int i = 0; i < WN_FILM_COUNT; i++)
        if (l->film[i].active) return refuse(error, "film");
    if (l->held.groups > 1) return refuse(error, "a grouped held 1x1");
    return WN_OK;
}

static wn_status check_trainable(const wn_model *m, wn_error *error)
{
    if (m->condition.nested) return refuse(error, "a model nested in the condition");
    for (int i = 0; i < m->n_stacks; i++) {
        for (int k = 0; k < m->stacks[i].n_layers; k++) {
            wn_status status = check_layer(&m->stacks[i].layers[k], error);
            if (status) return status;
        }
    }
    return WN_OK;
}

/* ---- the whole -------------------------------------------------------------------------------------------------- */

static void *arena_array(wn_tnet *net, int n, size_t size) { return wn_arena_alloc(net->arena, (size_t)n, size); }

static wn_status allocate(wn_tnet *net, wn_error *error)
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

static void describe_input(wn_tnet *net)
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

static wn_status describe_model(wn_tnet *net, wn_error *error)
{
    const wn_model *m = net->model;
    net->n_stacks = m->n_stacks;
    net->n_head = m->n_head;
    net->head_scale = m->head_scale;
    net->outputs = m->output_channels;
    describe_input(net);
    wn_status status = describe_condition(net, error);
    for (int i = 0; !status && i < m->n_stacks; i++) status = describe_stack(net, i, error);
    if (status) return status;
    const wn_stack *last = &m->stacks[m->n_stacks - 1];
    int channels = last->head.out ? last->head.out : last->plain_output ? last->channels : last->skip_channels;
    for (int i = 0; i < m->n_head; i++) describe_head(net, i, &channels);
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
    if (!status) status = allocate(net, error);
    if (!status) status = describe_model(net, error);
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
