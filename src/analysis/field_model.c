/* SPDX-License-Identifier: MIT
 * field_model.c - receptive field of a model: what travels down its stacks, followed position by position.
 * Copyright (c) 2026 the wavenet authors */
#include <stdio.h>
#include <stdlib.h>

#include "analysis/field.h"
#include "model/model.h"

/* What each signal of the network sees of the audio input. Empty: it does not depend on it. */
typedef struct walk {
    wn_span h, skip, condition;
    wn_field *field; /* rows are added to it; NULL for a nested model */
    int64_t work;    /* additions so far */
    bool ok;
} walk;

static void replace(wn_span *span, wn_span *with)
{
    wn_span_free(span);
    *span = *with;
    *with = (wn_span){0};
}

static void add(walk *w, wn_span *span, const wn_span *source)
{
    w->work += source->length;
    w->ok = w->ok && w->work < WN_MAX_SPAN_WORK && wn_span_add(span, source, 0);
}

/* span becomes what the convolution sees; unchanged where it is absent. */
static void convolve(walk *w, wn_span *span, const wn_conv *conv)
{
    if (!w->ok || conv->out == 0 || conv->kernel == 1 || span->length == 0) return;
    wn_span out;
    for (int k = conv->kernel; k > 1; k /= 2) w->work += 2 * (span->length + wn_conv_reach(conv));
    w->ok = w->work < WN_MAX_SPAN_WORK && wn_span_repeat(&out, span, conv->kernel, -conv->dilation);
    if (w->ok) replace(span, &out);
}

/* ---- rows ------------------------------------------------------------------------------------------------------ */

static wn_field_row *add_row(walk *w, int stack, const wn_conv *conv, int width, const wn_span *sees)
{
    if (!w->ok || !w->field) return NULL;
    wn_field_row *row = &w->field->rows[w->field->n_rows++];
    row->stack = stack;
    row->spec = (wn_spec){.kind = WN_SPEC_CONV,
                          .kernel = conv->kernel,
                          .dilation = conv->dilation,
                          .stride = 1,
                          .padding = (int)wn_conv_reach(conv),
                          .causal = true};
    row->effective_kernel = wn_conv_reach(conv) + 1;
    row->receptive_field = sees->length;
    row->covered = wn_span_covered(sees);
    row->coverage = wn_span_coverage(sees);
    row->log2_paths = wn_span_log2_paths(sees);
    row->first = sees->first;
    row->last = sees->first + sees->length - 1;
    row->jump = 1;
    row->state_frames = wn_conv_reach(conv);
    row->state_bytes = row->state_frames * width * (int64_t)sizeof(float);
    row->output_size = -1;
    w->field->state_bytes += row->state_bytes;
    return row;
}

/* A row for a convolution outside the layers, if it looks back. */
static void add_outer_row(walk *w, int stack, const char *name, const wn_conv *conv, int width, const wn_span *sees)
{
    if (wn_conv_reach(conv) == 0) return;
    wn_field_row *row = add_row(w, stack, conv, width, sees);
    if (row) snprintf(row->layer, sizeof row->layer, "%s", name);
}

/* ---- the network ------------------------------------------------------------------------------------------------ */

static void walk_layer(walk *w, int stack, int index, const wn_layer *layer)
{
    wn_span z = {0};
    add(w, &z, &w->h);
    if (layer->film[WN_FILM_CONV_PRE].active) add(w, &z, &w->condition);
    convolve(w, &z, &layer->conv);
    if (layer->mixin.out || wn_film_any(layer, WN_FILM_CONV_POST, WN_FILM_ACT_POST)) add(w, &z, &w->condition);
    if (!layer->plain) add(w, &w->skip, &z);
    if (layer->film[WN_FILM_SKIP_POST].active) add(w, &w->skip, &w->condition);
    wn_field_row *row = add_row(w, stack, &layer->conv, layer->conv.in, layer->plain ? &z : &w->skip);
    if (row) snprintf(row->layer, sizeof row->layer, "%d", index);
    if (layer->residual.out && !layer->plain) {
        add(w, &w->h, &z);
        if (layer->film[WN_FILM_RESIDUAL_POST].active) add(w, &w->h, &w->condition);
    }
    if (layer->plain && w->ok) replace(&w->h, &z);
    wn_span_free(&z);
}

static void walk_stack(walk *w, int index, const wn_stack *stack, int input_width)
{
    convolve(w, &w->h, &stack->rechannel);
    add_outer_row(w, index, "input", &stack->rechannel, input_width, &w->h);
    for (int i = 0; i < stack->n_layers; i++) walk_layer(w, index, i, &stack->layers[i]);
    if (stack->plain_output) {
        wn_span_free(&w->skip);
        add(w, &w->skip, &w->h);
    }
    convolve(w, &w->skip, &stack->head);
    add_outer_row(w, index, "head", &stack->head, stack->head.in, &w->skip);
}

static void walk_model(walk *w, const wn_model *model);

/* The audio input as condition: itself, or what a nested model makes of it. */
static void walk_condition(walk *w, const wn_model *model)
{
    if (model->condition.source != WN_CONDITION_INPUT) return;
    if (!model->condition.nested) {
        w->ok = w->ok && wn_span_unit(&w->condition);
        return;
    }
    walk inner = {.work = w->work, .ok = w->ok};
    walk_model(&inner, model->condition.nested);
    w->ok = inner.ok;
    w->work = inner.work;
    w->condition = inner.skip;
    wn_span_free(&inner.h);
    wn_span_free(&inner.condition);
}

static void walk_model(walk *w, const wn_model *model)
{
    walk_condition(w, model);
    w->ok = w->ok && wn_span_unit(&w->h);
    for (int i = 0; i < model->n_stacks; i++) {
        const wn_stack *stack = &model->stacks[i];
        /* a class is remembered as one number, not as a one-hot column */
        walk_stack(w, i, stack, i == 0 && model->input.n_classes ? 1 : stack->rechannel.in);
    }
    for (int i = 0; i < model->n_head; i++) {
        convolve(w, &w->skip, &model->head[i].conv);
        add_outer_row(w, -1, "head", &model->head[i].conv, model->head[i].conv.in, &w->skip);
    }
}

static int count_rows(const wn_model *model)
{
    int n = model->n_head + 2 * model->n_stacks;
    for (int i = 0; i < model->n_stacks; i++) n += model->stacks[i].n_layers;
    return n;
}

static wn_status too_large(const wn_model *model, const walk *w, wn_error *error)
{
    int64_t field = wn_model_receptive(model);
    if (field <= WN_MAX_SPAN && w->work < WN_MAX_SPAN_WORK)
        return wn_fail_memory(error, model->name);
    return wn_fail(error, WN_ERROR_UNSUPPORTED, model->name,
                   "too large to follow position by position: a receptive field of %lld samples, %lld is the limit",
                   (long long)field, (long long)WN_MAX_SPAN);
}

wn_status wn_field_model(wn_field *out, const wn_model *model, wn_error *error)
{
    *out = (wn_field){.sample_rate = model->sample_rate, .causal = true};
    out->rows = calloc((size_t)count_rows(model) + 1, sizeof *out->rows);
    if (!out->rows) return wn_fail_memory(error, model->name);
    walk w = {.field = out, .ok = true};
    walk_model(&w, model);
    out->reach = w.skip;
    out->receptive_field = w.skip.length;
    wn_span_free(&w.h);
    wn_span_free(&w.condition);
    if (w.ok) return WN_OK;
    wn_field_free(out);
    return too_large(model, &w, error);
}
