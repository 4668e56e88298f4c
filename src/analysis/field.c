/* SPDX-License-Identifier: MIT
 * field.c - receptive field of layers in series and of models, traced exactly, layer by layer.
 * Copyright (c) 2026 the wavenet authors */
#include "analysis/field.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/periodic.h"
#include "base/text.h"
#include "model/description.h"
#include "model/model.h"
#include "model/receptive.h"

void wn_field_free(wn_field *field)
{
    free(field->rows);
    wn_span_free(&field->reach);
    *field = (wn_field){0};
}

/* ---- layers in series, including strided and transposed ones --------------------------------------------------- */

/* Output sizes are those for `input_size` positions; where that is unknown, for a size that every stride up to 24
 * divides, which shows what padding "same" adds and how far branches are apart. */
#define UNKNOWN_SIZE ((int64_t)5354228880)

/* The list of layers at the layer in hand. */
typedef struct series {
    const char *where;
    bool size_known;
    wn_periodic p;
    int64_t size; /* of the output so far */
    int channels;
    int64_t budget; /* additions left */
} series;

/* Parallel branches: what they begin with, and the sum of those that ended. */
typedef struct branches {
    wn_periodic start, sum;
    int64_t start_size, sum_size; /* sum_size 0: none has ended */
    int start_channels, sum_channels;
} branches;

static void fill_row(wn_field_row *row, const wn_spec *layer, const wn_periodic *p)
{
    const wn_span *widest = wn_periodic_widest(p);
    row->stack = -1;
    row->spec = *layer;
    row->effective_kernel = wn_spec_effective(layer, 0);
    row->receptive_field = widest->length;
    row->covered = wn_span_covered(widest);
    row->coverage = wn_span_coverage(widest);
    row->log2_paths = wn_span_log2_paths(widest);
    row->first = p->span[0].length ? p->span[0].first : 1;
    row->last = p->span[0].length ? p->span[0].first + p->span[0].length - 1 : 0;
    row->jump = (double)p->step / (double)p->period;
    row->state_frames = layer->kind == WN_SPEC_CONV ? row->effective_kernel - 1 : 0;
    row->output_size = -1;
}

static wn_status fail_too_large_layers(const char *where, int layer, wn_error *error)
{
    return wn_fail(error, WN_ERROR_UNSUPPORTED, where,
                   "after layer %d the receptive field is too large to trace (over %lld positions)", layer,
                   (long long)WN_MAX_SPAN);
}

static wn_status fail_short(const series *s, int number, const wn_spec *layer, wn_error *error)
{
    char name[WN_SPEC_NAME];
    wn_spec_name(name, layer);
    long long needed = wn_spec_effective(layer, 0) - layer->axis[0].padding - layer->axis[0].padding_end;
    if (layer->kind == WN_SPEC_TRANSPOSED)
        return wn_fail(error, WN_ERROR_ARGUMENT, s->where,
                       "layer %d, '%s': the padding cuts off all outputs of an input of %lld", number, name,
                       (long long)s->size);
    return wn_fail(error, WN_ERROR_ARGUMENT, s->where,
                   "layer %d, '%s': the input is too short for it: %lld position%s, %lld needed", number, name,
                   (long long)s->size, wn_text_plural(s->size), needed);
}

/* The output size after one more layer. */
static wn_status advance_size(series *s, int number, const wn_spec *layer, wn_error *error)
{
    int64_t size = wn_spec_size(layer, 0, s->size);
    if (s->size_known && size == 0) return fail_short(s, number, layer, error);
    if (size > INT64_MAX >> 20) {
        if (s->size_known)
            return wn_fail(error, WN_ERROR_ARGUMENT, s->where, "layer %d: the number of output samples is too large",
                           number);
        size = UNKNOWN_SIZE;
    }
    s->size = size > 0 ? size : 1;
    return WN_OK;
}

static wn_status check_traceable(const series *s, int number, const wn_spec *layer, wn_error *error)
{
    char name[WN_SPEC_NAME];
    wn_spec_name(name, layer);
    if (wn_spec_has_window(layer) && wn_spec_is_square(layer)) return WN_OK;
    return wn_fail(error, WN_ERROR_UNSUPPORTED, s->where,
                   layer->rank == 2 ? "layer %d, '%s': its rows and columns differ; trace each by a list of its own"
                                    : "layer %d, '%s': its outputs read the whole input; end the list before it",
                   number, name);
}

/* Weights and multiply-accumulates of the layer, and the channels after it. */
static wn_status count_weights(series *s, wn_field_row *row, int64_t inputs, int number, wn_error *error)
{
    const wn_spec *l = &row->spec;
    char name[WN_SPEC_NAME];
    if (l->kind != WN_SPEC_CONV && l->kind != WN_SPEC_TRANSPOSED) return WN_OK;
    int outputs = l->outputs ? l->outputs : s->channels;
    wn_spec_name(name, l);
    if (s->channels % l->groups || outputs % l->groups)
        return wn_fail(error, WN_ERROR_ARGUMENT, s->where,
                       "layer %d, '%s': %d channel%s to %d; multiples of its %d groups needed", number, name,
                       s->channels, wn_text_plural(s->channels), outputs, l->groups);
    int64_t taps = (int64_t)l->axis[0].kernel * (l->rank == 2 ? l->axis[1].kernel : 1);
    row->weights = taps * (s->channels / l->groups) * outputs;
    /* Every input of a transposed layer meets all taps, so an output sees one tap in `stride`, on average. */
    bool transposed = l->kind == WN_SPEC_TRANSPOSED;
    row->macs = (double)row->weights;
    for (int a = 0; transposed && a < l->rank; a++) row->macs /= l->axis[a].stride;
    row->all_macs = (double)row->weights;
    for (int a = 0; a < l->rank; a++) row->all_macs *= s->size_known ? (double)(transposed ? inputs : s->size) : 0;
    s->channels = outputs;
    return WN_OK;
}

/* Apply one layer within the remaining budget of additions, and fill its row. */
static wn_status trace_series_layer(series *s, const wn_spec *given, int number, wn_field *field, wn_error *error)
{
    wn_spec layer = *given;
    int64_t inputs = s->size;
    wn_status status = check_traceable(s, number, given, error);
    if (status) return status;
    wn_spec_fit(&layer, 0, s->size);
    if (layer.rank == 2) wn_spec_fit(&layer, 1, s->size);
    if (!wn_periodic_fits(&s->p, &layer, &s->budget)) return fail_too_large_layers(s->where, number, error);
    if (!wn_periodic_apply(&s->p, &layer)) return wn_fail_memory(error, s->where);
    status = advance_size(s, number, &layer, error);
    if (status) return status;
    wn_field_row *row = &field->rows[field->n_rows++];
    fill_row(row, &layer, &s->p);
    snprintf(row->layer, sizeof row->layer, "%d", number);
    if (s->size_known) row->output_size = s->size;
    field->causal = field->causal && layer.causal;
    return count_weights(s, row, inputs, number, error);
}

/* Add the branch that ends here to the sum. Branches of different lengths are cut to the shortest, in the middle. */
static wn_status end_branch(series *s, branches *b, int number, wn_error *error)
{
    if (b->sum_size == 0) {
        b->sum = s->p;
        s->p = (wn_periodic){0};
        b->sum_size = s->size;
        b->sum_channels = s->channels;
        return WN_OK;
    }
    if (s->channels != b->sum_channels)
        return wn_fail(error, WN_ERROR_ARGUMENT, s->where,
                       "the branch that ends at layer %d has %d channel%s, another %d: their outputs cannot be added",
                       number, s->channels, wn_text_plural(s->channels), b->sum_channels);
    if (s->p.step * b->sum.period != b->sum.step * s->p.period)
        return wn_fail(error, WN_ERROR_ARGUMENT, s->where,
                       "the branch that ends at layer %d moves by %g inputs per output, another by %g: their outputs "
                       "cannot be added",
                       number, (double)s->p.step / (double)s->p.period, (double)b->sum.step / (double)b->sum.period);
    int64_t size = s->size < b->sum_size ? s->size : b->sum_size;
    bool ok = wn_periodic_move(&s->p, (s->size - size) / 2) && wn_periodic_move(&b->sum, (b->sum_size - size) / 2);
    b->sum_size = size;
    if (!ok) return wn_fail_memory(error, s->where);
    if (!wn_periodic_add(&b->sum, &s->p, &s->budget))
        return s->budget <= 0 ? fail_too_large_layers(s->where, number, error) : wn_fail_memory(error, s->where);
    wn_periodic_free(&s->p);
    return WN_OK;
}

static wn_status trace_bracket(series *s, branches *stack, int *depth, wn_spec_kind kind, int number, wn_error *error)
{
    if (kind == WN_SPEC_OPEN) {
        branches *b = &stack[(*depth)++];
        b->start_size = s->size;
        b->start_channels = s->channels;
        return wn_periodic_copy(&b->start, &s->p) ? WN_OK : wn_fail_memory(error, s->where);
    }
    branches *b = &stack[*depth - 1];
    wn_status status = end_branch(s, b, number, error);
    if (status) return status;
    if (kind == WN_SPEC_NEXT) {
        s->size = b->start_size;
        s->channels = b->start_channels;
        return wn_periodic_copy(&s->p, &b->start) ? WN_OK : wn_fail_memory(error, s->where);
    }
    s->p = b->sum;
    s->size = b->sum_size;
    wn_periodic_free(&b->start);
    *b = (branches){0};
    --*depth;
    return WN_OK;
}

/* The row of a sum of branches. */
static void fill_sum_row(const series *s, const wn_spec *layer, wn_field *field)
{
    wn_spec sum = *layer;
    sum.axis[0] = (wn_spec_axis){.kernel = 1, .dilation = 1, .stride = 1};
    wn_field_row *row = &field->rows[field->n_rows++];
    fill_row(row, &sum, &s->p);
    snprintf(row->layer, sizeof row->layer, "sum");
    if (s->size_known) row->output_size = s->size;
    field->has_branches = true;
}

static wn_status trace_series(wn_field *field, series *s, const wn_spec *layers, int n, wn_error *error)
{
    branches stack[WN_MAX_BRANCHES + 1];
    int depth = 0, number = 0;
    memset(stack, 0, sizeof stack);
    wn_status status = WN_OK;
    for (int i = 0; !status && i < n; i++) {
        const wn_spec *layer = &layers[i];
        if (layer->kind == WN_SPEC_ACTIVATION)
            number++;
        else if (layer->kind < WN_SPEC_OPEN)
            status = trace_series_layer(s, layer, ++number, field, error);
        else
            status = trace_bracket(s, stack, &depth, layer->kind, number, error);
        if (!status && layer->kind == WN_SPEC_CLOSE) fill_sum_row(s, layer, field);
    }
    for (int i = 0; i < depth; i++) {
        wn_periodic_free(&stack[i].start);
        wn_periodic_free(&stack[i].sum);
    }
    if (status) return status;
    if (field->n_rows == 0)
        return wn_fail(error, WN_ERROR_ARGUMENT, s->where, "no layer has a window: a convolution or a pool expected");
    const wn_span *widest = wn_periodic_widest(&s->p);
    field->receptive_field = field->rows[field->n_rows - 1].receptive_field;
    field->output = widest - s->p.span;
    return wn_span_copy(&field->reach, widest) ? WN_OK : wn_fail_memory(error, s->where);
}

wn_status wn_field_layers(wn_field *out, const wn_spec *layers, int n, int64_t input_size, int channels,
                          const char *where, wn_error *error)
{
    series s = {.where = where,
                .size_known = input_size > 0,
                .size = input_size > 0 ? input_size : UNKNOWN_SIZE,
                .channels = channels,
                .budget = WN_MAX_SPAN_WORK};
    *out = (wn_field){.causal = true};
    out->rows = calloc((size_t)n, sizeof *out->rows);
    wn_status status = WN_OK;
    if (!out->rows || !wn_periodic_unit(&s.p)) status = wn_fail_memory(error, where);
    if (!status) status = trace_series(out, &s, layers, n, error);
    wn_periodic_free(&s.p);
    if (status) wn_field_free(out);
    return status;
}

/* ---- models ---------------------------------------------------------------------------------------------------- */

/* The input positions that reach each signal of the network. An empty span: the signal does not depend on the input. */
typedef struct trace {
    wn_span h, skip, condition;
    const wn_span *input; /* what the network's input has seen; NULL: itself */
    wn_field *field;      /* receives the rows; NULL for a nested model */
    int first_stack;      /* stacks of the models before it in a chain */
    int64_t additions;    /* so far */
    bool ok;              /* false: memory failed or a limit was exceeded */
} trace;

static void span_replace(wn_span *span, wn_span *with)
{
    wn_span_free(span);
    *span = *with;
    *with = (wn_span){0};
}

static void trace_add(trace *t, wn_span *span, const wn_span *source)
{
    t->additions += source->length;
    t->ok = t->ok && t->additions < WN_MAX_SPAN_WORK && wn_span_add(span, source, 0);
}

/* Apply a convolution to span; an absent one changes nothing. */
static void trace_conv(trace *t, wn_span *span, const wn_conv *conv)
{
    if (!t->ok || conv->out == 0 || conv->kernel == 1 || span->length == 0) return;
    wn_span out;
    for (int k = conv->kernel; k > 1; k /= 2) t->additions += 2 * (span->length + wn_conv_reach(conv));
    t->ok = t->additions < WN_MAX_SPAN_WORK && wn_span_repeat(&out, span, conv->kernel, -conv->dilation);
    if (t->ok) span_replace(span, &out);
}

static wn_field_row *trace_add_row(trace *t, int stack, const wn_conv *conv, int width, const wn_span *seen)
{
    if (!t->ok || !t->field) return NULL;
    wn_field_row *row = &t->field->rows[t->field->n_rows++];
    row->stack = stack;
    row->spec = (wn_spec){.kind = WN_SPEC_CONV,
                          .rank = 1,
                          .axis = {{.kernel = conv->kernel,
                                    .dilation = conv->dilation,
                                    .stride = 1,
                                    .padding = (int)wn_conv_reach(conv)}},
                          .groups = 1,
                          .causal = true};
    row->effective_kernel = wn_conv_reach(conv) + 1;
    row->receptive_field = seen->length;
    row->covered = wn_span_covered(seen);
    row->coverage = wn_span_coverage(seen);
    row->log2_paths = wn_span_log2_paths(seen);
    row->first = seen->first;
    row->last = seen->first + seen->length - 1;
    row->jump = 1;
    row->state_frames = wn_conv_reach(conv);
    row->state_bytes = row->state_frames * width * (int64_t)sizeof(float);
    row->output_size = -1;
    row->weights = wn_conv_weights(conv);
    row->macs = (double)row->weights;
    t->field->state_bytes += row->state_bytes;
    return row;
}

/* Add a row for a convolution outside the layers if it has more than one tap. */
static void trace_add_outer_row(trace *t, int stack, const char *name, const wn_conv *conv, int width,
                                const wn_span *seen)
{
    if (wn_conv_reach(conv) == 0) return;
    wn_field_row *row = trace_add_row(t, stack, conv, width, seen);
    if (row) snprintf(row->layer, sizeof row->layer, "%s", name);
}

/* The layer's other products. Those of the frame-rate condition are made once per frame of it, and not per sample. */
static void add_layer_weights(wn_field_row *row, const wn_layer *layer)
{
    int64_t n = wn_conv_weights(&layer->mixin) + wn_conv_weights(&layer->skip) + wn_conv_weights(&layer->residual);
    for (int i = 0; i < WN_FILM_COUNT; i++)
        if (layer->film[i].active) n += wn_conv_weights(&layer->film[i].conv);
    row->weights += n + wn_conv_weights(&layer->held);
    row->macs += (double)n;
}

static void trace_layer(trace *t, int stack, int index, const wn_layer *layer)
{
    wn_span z = {0};
    trace_add(t, &z, &t->h);
    if (layer->film[WN_FILM_CONV_PRE].active) trace_add(t, &z, &t->condition);
    trace_conv(t, &z, &layer->conv);
    if (layer->mixin.out || wn_film_any(layer, WN_FILM_CONV_POST, WN_FILM_ACT_POST)) trace_add(t, &z, &t->condition);
    if (!layer->plain) trace_add(t, &t->skip, &z);
    if (layer->film[WN_FILM_SKIP_POST].active) trace_add(t, &t->skip, &t->condition);
    wn_field_row *row = trace_add_row(t, stack, &layer->conv, layer->conv.in, layer->plain ? &z : &t->skip);
    if (row) snprintf(row->layer, sizeof row->layer, "%d", index);
    if (row) add_layer_weights(row, layer);
    if (layer->residual.out && !layer->plain) {
        trace_add(t, &t->h, &z);
        if (layer->film[WN_FILM_RESIDUAL_POST].active) trace_add(t, &t->h, &t->condition);
    }
    if (layer->plain && t->ok) span_replace(&t->h, &z);
    wn_span_free(&z);
}

static void trace_stack(trace *t, int index, const wn_stack *stack, int input_width)
{
    trace_conv(t, &t->h, &stack->rechannel);
    trace_add_outer_row(t, index, "input", &stack->rechannel, input_width, &t->h);
    for (int i = 0; i < stack->n_layers; i++) trace_layer(t, index, i, &stack->layers[i]);
    if (stack->plain_output) {
        wn_span_free(&t->skip);
        trace_add(t, &t->skip, &t->h);
    }
    trace_conv(t, &t->skip, &stack->head);
    trace_add_outer_row(t, index, "head", &stack->head, stack->head.in, &t->skip);
}

static void trace_model(trace *t, const wn_model *model);

static void trace_input(trace *t, wn_span *span)
{
    if (t->input)
        trace_add(t, span, t->input);
    else
        t->ok = t->ok && wn_span_unit(span);
}

/* The positions that reach the output of a model within this one; rows go to `field`. */
static wn_span trace_inner(trace *t, const wn_model *model, const wn_span *input, wn_field *field)
{
    trace inner = {
        .input = input, .field = field, .first_stack = t->first_stack, .additions = t->additions, .ok = t->ok};
    trace_model(&inner, model);
    t->ok = inner.ok;
    t->additions = inner.additions;
    if (field) t->first_stack = inner.first_stack;
    wn_span_free(&inner.h);
    wn_span_free(&inner.condition);
    return inner.skip;
}

/* The audio input as the condition: the input itself or the output of a nested model. */
static void trace_condition(trace *t, const wn_model *model)
{
    if (model->condition.source != WN_CONDITION_INPUT) return;
    if (model->condition.nested)
        t->condition = trace_inner(t, model->condition.nested, t->input, NULL);
    else
        trace_input(t, &t->condition);
}

static void trace_chain(trace *t, const wn_model *model)
{
    trace_input(t, &t->skip);
    for (int i = 0; i < model->n_chain; i++) {
        wn_span output = trace_inner(t, model->chain[i], &t->skip, t->field);
        span_replace(&t->skip, &output);
    }
}

static void trace_model(trace *t, const wn_model *model)
{
    if (model->n_chain) {
        trace_chain(t, model);
        return;
    }
    trace_condition(t, model);
    trace_input(t, &t->h);
    for (int i = 0; i < model->n_stacks; i++) {
        const wn_stack *stack = &model->stacks[i];
        /* past classes are stored as one number each, not as one-hot columns */
        trace_stack(t, t->first_stack + i, stack, i == 0 && model->input.n_classes ? 1 : stack->rechannel.in);
    }
    t->first_stack += model->n_stacks;
    for (int i = 0; i < model->n_head; i++) {
        trace_conv(t, &t->skip, &model->head[i].conv);
        trace_add_outer_row(t, -1, "head", &model->head[i].conv, model->head[i].conv.in, &t->skip);
    }
}

static int count_rows(const wn_model *model)
{
    int n = model->n_head + 2 * model->n_stacks;
    for (int i = 0; i < model->n_chain; i++) n += count_rows(model->chain[i]);
    for (int i = 0; i < model->n_stacks; i++) n += model->stacks[i].n_layers;
    return n;
}

static wn_status fail_too_large_model(const wn_model *model, const trace *t, wn_error *error)
{
    int64_t field = wn_model_receptive(model);
    if (field <= WN_MAX_SPAN && t->additions < WN_MAX_SPAN_WORK) return wn_fail_memory(error, model->name);
    return wn_fail(error, WN_ERROR_UNSUPPORTED, model->name,
                   "a receptive field of %lld samples is too large to trace; the limit is %lld", (long long)field,
                   (long long)WN_MAX_SPAN);
}

wn_status wn_field_model(wn_field *out, const wn_model *model, wn_error *error)
{
    *out = (wn_field){.sample_rate = model->sample_rate, .causal = true};
    out->rows = calloc((size_t)count_rows(model) + 1, sizeof *out->rows);
    if (!out->rows) return wn_fail_memory(error, model->name);
    trace t = {.field = out, .ok = true};
    trace_model(&t, model);
    out->reach = t.skip;
    out->receptive_field = t.skip.length;
    wn_span_free(&t.h);
    wn_span_free(&t.condition);
    if (t.ok) return WN_OK;
    wn_field_free(out);
    return fail_too_large_model(model, &t, error);
}
