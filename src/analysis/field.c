/* SPDX-License-Identifier: MIT
 * field.c - receptive field of layers in series and of models, traced exactly, layer by layer.
 * Copyright (c) 2026 the wavenet authors */
#include "analysis/field.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/integer.h"
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

/* The input positions that reach each output. With transposed layers the pattern is periodic: output o sees what output
 * o mod period sees, `step` inputs later per whole period. Without them the period is 1 and the step is the product of
 * the strides. */
typedef struct phases {
    int64_t period, step;
    wn_span *span; /* [period] */
} phases;

/* Enough for any real network. Larger periods would take minutes and gigabytes. */
enum { MAX_PERIOD = 1 << 12 };

static void phases_free(phases *p)
{
    for (int64_t i = 0; p->span && i < p->period; i++) wn_span_free(&p->span[i]);
    free(p->span);
    *p = (phases){0};
}

static bool phases_new(phases *p, int64_t period, int64_t step)
{
    *p = (phases){.period = period, .step = step};
    if (period > MAX_PERIOD) return false;
    p->span = calloc((size_t)period, sizeof *p->span);
    return p->span != NULL;
}

/* span += the positions that reach output m of the layers so far. */
static bool span_add_output(wn_span *span, const phases *p, int64_t m)
{
    int64_t periods = wn_divide_floor(m, p->period);
    return wn_span_add(span, &p->span[m - periods * p->period], periods * p->step);
}

static int64_t common_divisor(int64_t a, int64_t b) { return b ? common_divisor(b, a % b) : a; }

/* Tap number j in the order oldest, newest, then the others, so that a span is allocated with its full length at
 * once. */
static int64_t tap_in_order(int64_t j, int kernel) { return j == 0 ? 0 : j == 1 ? kernel - 1 : j - 1; }

/* Output o reads outputs o*stride - padding + k*dilation of the layers before. */
static bool phases_apply_conv(phases *next, const phases *p, const wn_spec *l)
{
    int64_t period = p->period / common_divisor(p->period, l->stride);
    if (!phases_new(next, period, p->step * (period * l->stride / p->period))) return false;
    if (p->period == 1) { /* all taps see the same pattern */
        bool ok = wn_span_repeat(&next->span[0], &p->span[0], l->kernel, l->dilation * p->step);
        next->span[0].first -= l->padding * p->step;
        return ok;
    }
    for (int64_t o = 0; o < period; o++)
        for (int64_t j = 0; j < l->kernel; j++)
            if (!span_add_output(&next->span[o], p,
                                 o * l->stride - l->padding + tap_in_order(j, l->kernel) * l->dilation))
                return false;
    return true;
}

/* Input i reaches outputs i*stride - padding + k*dilation, so output o reads i if (o + padding - k*dilation) / stride
 * is a whole number. */
static bool phases_apply_transposed(phases *next, const phases *p, const wn_spec *l)
{
    if (p->period > MAX_PERIOD / l->stride || !phases_new(next, p->period * l->stride, p->step)) return false;
    for (int64_t o = 0; o < next->period; o++)
        for (int64_t j = 0; j < l->kernel; j++) {
            int64_t m = o + l->padding - tap_in_order(j, l->kernel) * l->dilation;
            if (m % l->stride == 0 && !span_add_output(&next->span[o], p, m / l->stride)) return false;
        }
    return true;
}

/* Upper bound of the longest span's length after one more layer. */
static int64_t max_reach_after(const phases *p, const wn_spec *l)
{
    int64_t longest = 1;
    for (int64_t i = 0; i < p->period; i++) longest = p->span[i].length > longest ? p->span[i].length : longest;
    return longest + (wn_spec_effective(l) / p->period + 2) * p->step;
}

/* Upper bound of the number of additions for the next layer. */
static int64_t max_additions(const phases *p, const wn_spec *l)
{
    int64_t doublings = 1, outputs = p->period, reach = max_reach_after(p, l);
    for (int k = l->kernel; k > 1; k /= 2) doublings += 2;
    if (l->kind == WN_SPEC_TRANSPOSED) outputs *= l->stride;
    int64_t adds = outputs == 1 ? doublings : outputs * l->kernel;
    return reach > WN_MAX_SPAN_WORK / adds ? WN_MAX_SPAN_WORK : adds * reach;
}

/* Whether the result of the next layer stays within the limits. */
static bool is_traceable(const phases *p, const wn_spec *l)
{
    if (p->step > WN_MAX_SPAN || max_reach_after(p, l) > WN_MAX_SPAN) return false;
    return l->kind != WN_SPEC_TRANSPOSED || p->period <= MAX_PERIOD / l->stride;
}

/* The output of one period with the longest span; of equal ones, the one with the most holes. */
static const wn_span *find_widest(const phases *p)
{
    const wn_span *best = &p->span[0];
    for (int64_t i = 1; i < p->period; i++) {
        const wn_span *s = &p->span[i];
        if (s->length > best->length || (s->length == best->length && wn_span_covered(s) < wn_span_covered(best)))
            best = s;
    }
    return best;
}

static void fill_row(wn_field_row *row, const wn_spec *layer, const phases *p)
{
    const wn_span *widest = find_widest(p);
    row->stack = -1;
    row->spec = *layer;
    row->effective_kernel = wn_spec_effective(layer);
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

/* Apply one layer to `p`, within the remaining budget of additions. */
static wn_status trace_series_layer(phases *p, int64_t *budget, const wn_spec *layer, int number, const char *where,
                                    wn_error *error)
{
    if (!is_traceable(p, layer)) return fail_too_large_layers(where, number, error);
    *budget -= max_additions(p, layer);
    if (*budget <= 0) return fail_too_large_layers(where, number, error);
    phases next = {0};
    bool ok = layer->kind == WN_SPEC_TRANSPOSED ? phases_apply_transposed(&next, p, layer)
                                                : phases_apply_conv(&next, p, layer);
    phases_free(p);
    *p = next;
    return ok ? WN_OK : wn_fail_memory(error, where);
}

static wn_status trace_series(wn_field *field, phases *p, const wn_spec *layers, int n, const char *where,
                              wn_error *error)
{
    int64_t budget = WN_MAX_SPAN_WORK;
    for (int i = 0; i < n; i++) {
        wn_status status = trace_series_layer(p, &budget, &layers[i], i + 1, where, error);
        if (status) return status;
        wn_field_row *row = &field->rows[i];
        fill_row(row, &layers[i], p);
        snprintf(row->layer, sizeof row->layer, "%d", i + 1);
        field->causal = field->causal && layers[i].causal;
    }
    field->receptive_field = field->rows[n - 1].receptive_field;
    field->output = find_widest(p) - p->span;
    return wn_span_copy(&field->reach, find_widest(p)) ? WN_OK : wn_fail_memory(error, where);
}

static wn_status fail_size(int layer, const wn_spec *spec, const char *problem, const char *where, wn_error *error)
{
    char name[48];
    wn_spec_name(name, spec);
    return wn_fail(error, WN_ERROR_ARGUMENT, where, "layer %d, '%s': %s", layer, name, problem);
}

static wn_status fill_output_sizes(wn_field *field, int64_t size, const char *where, wn_error *error)
{
    for (int i = 0; i < field->n_rows; i++) {
        wn_field_row *row = &field->rows[i];
        size = row->output_size = wn_spec_size(&row->spec, size);
        if (size == 0) return fail_size(i + 1, &row->spec, "the input is too short for it", where, error);
        if (size > INT64_MAX >> 20)
            return fail_size(i + 1, &row->spec, "the number of output samples is too large", where, error);
    }
    return WN_OK;
}

wn_status wn_field_layers(wn_field *out, const wn_spec *layers, int n, int64_t input_size, const char *where,
                          wn_error *error)
{
    phases p = {0};
    *out = (wn_field){.causal = true, .n_rows = n};
    out->rows = calloc((size_t)n, sizeof *out->rows);
    wn_status status = WN_OK;
    if (!out->rows || !phases_new(&p, 1, 1) || !wn_span_unit(&p.span[0])) status = wn_fail_memory(error, where);
    if (!status) status = trace_series(out, &p, layers, n, where, error);
    if (!status && input_size > 0) status = fill_output_sizes(out, input_size, where, error);
    phases_free(&p);
    if (status) wn_field_free(out);
    return status;
}

/* ---- models ---------------------------------------------------------------------------------------------------- */

/* The input positions that reach each signal of the network. An empty span: the signal does not depend on the input. */
typedef struct trace {
    wn_span h, skip, condition;
    wn_field *field;   /* receives the rows; NULL for a nested model */
    int64_t additions; /* so far */
    bool ok;           /* false: memory failed or a limit was exceeded */
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
                          .kernel = conv->kernel,
                          .dilation = conv->dilation,
                          .stride = 1,
                          .padding = (int)wn_conv_reach(conv),
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

/* The audio input as the condition: the input itself or the output of a nested model. */
static void trace_condition(trace *t, const wn_model *model)
{
    if (model->condition.source != WN_CONDITION_INPUT) return;
    if (!model->condition.nested) {
        t->ok = t->ok && wn_span_unit(&t->condition);
        return;
    }
    trace inner = {.additions = t->additions, .ok = t->ok};
    trace_model(&inner, model->condition.nested);
    t->ok = inner.ok;
    t->additions = inner.additions;
    t->condition = inner.skip;
    wn_span_free(&inner.h);
    wn_span_free(&inner.condition);
}

static void trace_model(trace *t, const wn_model *model)
{
    trace_condition(t, model);
    t->ok = t->ok && wn_span_unit(&t->h);
    for (int i = 0; i < model->n_stacks; i++) {
        const wn_stack *stack = &model->stacks[i];
        /* past classes are stored as one number each, not as one-hot columns */
        trace_stack(t, i, stack, i == 0 && model->input.n_classes ? 1 : stack->rechannel.in);
    }
    for (int i = 0; i < model->n_head; i++) {
        trace_conv(t, &t->skip, &model->head[i].conv);
        trace_add_outer_row(t, -1, "head", &model->head[i].conv, model->head[i].conv.in, &t->skip);
    }
}

static int count_rows(const wn_model *model)
{
    int n = model->n_head + 2 * model->n_stacks;
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
