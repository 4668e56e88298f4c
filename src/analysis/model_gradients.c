/* SPDX-License-Identifier: MIT
 * model_gradients.c - the gradients of a whole model over a short sound: plain loops in double over its operations.
 * Copyright (c) 2026 the wavenet authors */
#include "analysis/model_gradients.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/reference_pointwise.h"
#include "engine/lower.h"
#include "model/stage.h"
#include "model/tensors.h"

#define MAX_NUMBERS ((int64_t)1 << 28) /* 2 GiB of doubles */

/* Values of all operations over the whole sound, and the gradient of the loss by each. */
typedef struct signal {
    int channels;
    double *x, *dx; /* [frames][channels] */
} signal;

/* A sequence of rows between two condition stages. */
typedef struct rows {
    int channels;
    int64_t length;
    double *before, *x, *dx; /* [length][channels]: before and after the activation, and the gradient */
} rows;

typedef struct run {
    const wn_model *model;
    const wn_gradient_sound *sound;
    wn_model_gradients *out;
    wn_arena *arena;
    wn_op_list ops;
    signal *signals; /* [ops.n_values] */
    rows *stages;    /* [n_stages + 1] */
} run;

/* ---- tensors ----------------------------------------------------------------------------------------------------- */

static wn_status count_tensor(void *user, const char *name, float *data, int ndim, const int64_t *shape)
{
    (void)name, (void)data, (void)ndim, (void)shape;
    ((wn_model_gradients *)user)->n++;
    return WN_OK;
}

static wn_status add_tensor(void *user, const char *name, float *data, int ndim, const int64_t *shape)
{
    wn_model_gradients *g = user;
    wn_gradient_tensor *t = &g->tensors[g->n];
    snprintf(t->name, sizeof t->name, "%s", name);
    t->data = data;
    t->count = 1;
    for (int i = 0; i < ndim; i++) t->count *= shape[i];
    t->gradient = calloc((size_t)t->count + 1, sizeof *t->gradient);
    if (!t->gradient) return WN_ERROR_MEMORY;
    g->n++;
    return WN_OK;
}

static wn_status list_tensors(wn_model_gradients *g, wn_model *model, wn_error *error)
{
    wn_model_tensors(model, count_tensor, g);
    g->tensors = calloc((size_t)g->n + 1, sizeof *g->tensors);
    g->n = 0;
    if (!g->tensors || wn_model_tensors(model, add_tensor, g)) return wn_fail_memory(error, model->name);
    return WN_OK;
}

/* Where the gradient of the tensor at `data` is added up; NULL: it is not a tensor of the model. */
static double *gradient_of(const run *r, const float *data)
{
    for (int i = 0; data && i < r->out->n; i++)
        if (r->out->tensors[i].data == data) return r->out->tensors[i].gradient;
    return NULL;
}

void wn_model_gradients_free(wn_model_gradients *g)
{
    for (int i = 0; g->tensors && i < g->n; i++) free(g->tensors[i].gradient);
    free(g->tensors);
    free(g->output);
    *g = (wn_model_gradients){0};
}

/* ---- activations ------------------------------------------------------------------------------------------------- */

/* The parameters of channel c. */
static void act_parameters(const wn_act *a, int c, double p[WN_ACT_PARAMETERS])
{
    for (int i = 0; i < WN_ACT_PARAMETERS; i++) p[i] = (double)a->p[i];
    if (a->n_slopes) p[0] = (double)a->slopes[a->n_slopes > 1 ? c : 0];
}

static double act_value(const wn_act *a, int c, double x)
{
    double p[WN_ACT_PARAMETERS];
    act_parameters(a, c, p);
    return wn_reference_act(a->kind, p, x);
}

/* Returns dy * act'(x), and adds dy * the derivative by the slope below zero to the slope's gradient. */
static double act_gradient(const run *r, const wn_act *a, int c, double x, double dy)
{
    double p[WN_ACT_PARAMETERS], *slopes = a->n_slopes ? gradient_of(r, a->slopes) : NULL;
    act_parameters(a, c, p);
    if (slopes && x < 0) slopes[a->n_slopes > 1 ? c : 0] += dy * x;
    return dy * wn_reference_slope(a->kind, p, x, wn_reference_act(a->kind, p, x));
}

/* ---- condition --------------------------------------------------------------------------------------------------- */

static const float *stage_weights(const wn_stage *s)
{
    return wn_stage_has(s, WN_STAGE_HAS_KERNEL_2D) ? s->kernel : s->conv.weight;
}

static const float *stage_bias(const wn_stage *s)
{
    if (wn_stage_has(s, WN_STAGE_HAS_KERNEL_2D)) return s->bias;
    return wn_stage_has(s, WN_STAGE_HAS_CONV | WN_STAGE_HAS_TRANSPOSED) && s->conv.has_bias ? s->conv.bias : NULL;
}

/* The one bias of a 2-D kernel serves all channels. */
static int bias_index(const wn_stage *s, int c) { return wn_stage_has(s, WN_STAGE_HAS_KERNEL_2D) ? 0 : c; }

/* Product i of output (c, t): false where it reads beyond the edge. *from: index of the input. */
static bool stage_term(const wn_stage *s, const rows *in, int c, int64_t t, int i, wn_stage_term *term, int64_t *from)
{
    *term = wn_stage_types[s->kind].term(s, in->length, c, t, i);
    *from = term->t * in->channels + term->channel;
    return term->t >= 0 && term->t < in->length && term->channel >= 0 && term->channel < in->channels;
}

static void stage_forward(const wn_stage *s, const rows *in, rows *out)
{
    const float *w = stage_weights(s), *bias = stage_bias(s);
    int n = wn_stage_types[s->kind].terms(s);
    for (int64_t t = 0; t < out->length; t++)
        for (int c = 0; c < out->channels; c++) {
            wn_stage_term term;
            int64_t from;
            double sum = bias ? (double)bias[bias_index(s, c)] : 0;
            for (int i = 0; i < n; i++)
                if (stage_term(s, in, c, t, i, &term, &from))
                    sum += term.factor * (term.weight < 0 ? 1 : (double)w[term.weight]) * in->x[from];
            out->before[t * out->channels + c] = sum;
            out->x[t * out->channels + c] = act_value(&s->act, c, sum);
        }
}

static void stage_backward(const run *r, const wn_stage *s, rows *in, const rows *out)
{
    const float *w = stage_weights(s);
    double *dw = gradient_of(r, w), *dbias = gradient_of(r, stage_bias(s));
    int n = wn_stage_types[s->kind].terms(s);
    for (int64_t t = 0; t < out->length; t++)
        for (int c = 0; c < out->channels; c++) {
            wn_stage_term term;
            int64_t from, at = t * out->channels + c;
            double d = act_gradient(r, &s->act, c, out->before[at], out->dx[at]);
            if (dbias) dbias[bias_index(s, c)] += d;
            for (int i = 0; i < n; i++) {
                if (!stage_term(s, in, c, t, i, &term, &from)) continue;
                in->dx[from] += d * term.factor * (term.weight < 0 ? 1 : (double)w[term.weight]);
                if (term.weight >= 0 && dw) dw[term.weight] += d * term.factor * in->x[from];
            }
        }
}

static bool has_rows(const wn_condition *c)
{
    return c->source == WN_CONDITION_FEATURES || c->source == WN_CONDITION_CONTROLS;
}

static bool rows_allocate(rows *x)
{
    size_t n = (size_t)(x->length * x->channels) + 1;
    x->before = calloc(n, sizeof *x->before);
    x->x = calloc(n, sizeof *x->x);
    x->dx = calloc(n, sizeof *x->dx);
    return x->before && x->x && x->dx;
}

static wn_status pipeline_forward(run *r, wn_error *error)
{
    const wn_condition *c = &r->model->condition;
    r->stages = calloc((size_t)c->n_stages + 1, sizeof *r->stages);
    if (!r->stages) return wn_fail_memory(error, r->model->name);
    r->stages[0] = (rows){.channels = c->feature_channels, .length = r->sound->n_rows};
    for (int i = 0; i <= c->n_stages; i++) {
        rows *x = &r->stages[i];
        if (i) x->channels = wn_stage_channels(&c->stages[i - 1], x[-1].channels);
        if (i) x->length = wn_stage_length(&c->stages[i - 1], x[-1].length);
        if (!rows_allocate(x)) return wn_fail_memory(error, r->model->name);
        for (int64_t k = 0; i == 0 && k < x->length * x->channels; k++) x->x[k] = (double)r->sound->rows[k];
        if (i) stage_forward(&c->stages[i - 1], &x[-1], x);
    }
    return WN_OK;
}

/* Pipeline row of sample t: rows may be held for a hop. */
static int64_t pipeline_row(const run *r, int t) { return r->model->condition.to_held ? t / r->sound->hop : t; }

/* The first channel of the pipeline in the condition that it belongs to. */
static double *pipeline_target(const run *r, bool gradient, int t)
{
    const wn_condition *c = &r->model->condition;
    const signal *s = &r->signals[c->to_held ? r->ops.held : r->ops.local];
    return (gradient ? s->dx : s->x) + (ptrdiff_t)t * s->channels + (c->to_held ? c->global_channels : 0);
}

static void fill_conditions(run *r)
{
    const wn_condition *c = &r->model->condition;
    const rows *last = r->stages ? &r->stages[c->n_stages] : NULL;
    signal *local = &r->signals[r->ops.local], *held = &r->signals[r->ops.held];
    for (int t = 0; t < r->sound->frames; t++) {
        for (int k = 0; k < c->global_channels; k++)
            held->x[(ptrdiff_t)t * held->channels + k] =
                c->embedding ? (double)c->embedding[(ptrdiff_t)r->sound->speaker * c->global_channels + k]
                             : (double)r->sound->vector[k];
        for (int k = 0; last && k < last->channels; k++)
            pipeline_target(r, false, t)[k] = last->x[pipeline_row(r, t) * last->channels + k];
        int first = last && !c->to_held ? last->channels : 0;
        for (int k = 0; k < 2 * c->harmonic_source.n; k++)
            local->x[(ptrdiff_t)t * local->channels + first + k] =
                r->sound->harmonics[(ptrdiff_t)k * r->sound->frames + t];
    }
}

static void conditions_backward(run *r)
{
    const wn_condition *c = &r->model->condition;
    const signal *held = &r->signals[r->ops.held];
    double *embedding = gradient_of(r, c->embedding);
    for (int t = 0; t < r->sound->frames; t++) {
        for (int k = 0; embedding && k < c->global_channels; k++)
            embedding[(ptrdiff_t)r->sound->speaker * c->global_channels + k] +=
                held->dx[(ptrdiff_t)t * held->channels + k];
        if (!r->stages) continue;
        rows *last = &r->stages[c->n_stages];
        for (int k = 0; k < last->channels; k++)
            last->dx[pipeline_row(r, t) * last->channels + k] += pipeline_target(r, true, t)[k];
    }
    for (int i = c->n_stages - 1; r->stages && i >= 0; i--)
        stage_backward(r, &c->stages[i], &r->stages[i], &r->stages[i + 1]);
}

/* ---- operations -------------------------------------------------------------------------------------------------- */

static double *row_at(const run *r, int value, bool gradient, int t)
{
    const signal *s = &r->signals[value];
    return (gradient ? s->dx : s->x) + (ptrdiff_t)t * s->channels;
}

/* The products of output (o, t) of a convolution: call with each weight's index and input's index in the value, or the
 * class columns of an embedding, whose input is 1. */
typedef struct product {
    int64_t weight;
    double x;   /* input, 1 for a class */
    double *dx; /* gradient of the input, NULL for a class */
} product;

/* Product (k, i) of output o at t. False where it reads silence before the sound or another class. */
static bool conv_product(const run *r, const wn_op *op, int o, int t, int k, int i, product *p)
{
    const wn_conv *c = op->conv;
    int n = c->in / c->groups, channel = o / (c->out / c->groups) * n + i, from = t - (op->delays ? op->delays[k] : 0);
    p->weight = ((int64_t)o * n + i) * c->kernel + k;
    if (from < 0) return false;
    p->dx = op->kind == WN_OP_EMBED ? NULL : row_at(r, op->src, true, from) + channel;
    p->x = op->kind == WN_OP_EMBED ? 1 : row_at(r, op->src, false, from)[channel];
    return op->kind != WN_OP_EMBED || r->sound->classes[from] == channel;
}

static void conv_forward(const run *r, const wn_op *op, int t)
{
    const wn_conv *c = op->conv;
    double *y = row_at(r, op->dst, false, t);
    const double *add = op->add == WN_NO_VALUE ? NULL : row_at(r, op->add, false, t);
    for (int o = 0; o < c->out; o++) {
        double sum = 0;
        product p;
        for (int k = 0; k < c->kernel; k++)
            for (int i = 0; i < c->in / c->groups; i++)
                if (conv_product(r, op, o, t, k, i, &p)) sum += (double)c->weight[p.weight] * p.x;
        y[o] = (add ? add[o] : op->bias ? (double)op->bias[o] : 0) + (double)op->weight_scale * sum;
    }
}

/* The sum of the biases of all direct skips of a stack is no tensor: each of them has the same gradient. */
static void add_skip_bias(const run *r, const wn_op *op, int o, double d)
{
    const wn_stack *s = &r->model->stacks[op->stack];
    for (int i = 0; i < s->n_layers; i++) {
        double *bias = s->layers[i].skip.has_bias ? gradient_of(r, s->layers[i].skip.bias) : NULL;
        if (bias) bias[o] += (double)s->layers[i].skip_scale * d;
    }
}

static void conv_backward(const run *r, const wn_op *op, int t, double *dw, double *dbias)
{
    const wn_conv *c = op->conv;
    const double *dy = row_at(r, op->dst, true, t);
    double *add = op->add == WN_NO_VALUE ? NULL : row_at(r, op->add, true, t);
    for (int o = 0; o < c->out; o++) {
        double d = dy[o] * (double)op->weight_scale;
        product p;
        if (add)
            add[o] += dy[o];
        else if (dbias)
            dbias[o] += dy[o];
        else if (op->bias)
            add_skip_bias(r, op, o, dy[o]);
        for (int k = 0; k < c->kernel; k++)
            for (int i = 0; i < c->in / c->groups; i++) {
                if (!conv_product(r, op, o, t, k, i, &p)) continue;
                if (dw) dw[p.weight] += d * p.x;
                if (p.dx) *p.dx += d * (double)c->weight[p.weight];
            }
    }
}

/* act(u) * gate(v), or a act(u) + (1 - a) u with a = gate(v). */
static void gate_forward(const run *r, const wn_op *op, int t)
{
    int n = r->signals[op->dst].channels;
    const double *u = row_at(r, op->src, false, t);
    double *y = row_at(r, op->dst, false, t);
    for (int c = 0; c < n; c++) {
        double value = act_value(op->act, c, u[c]), a = act_value(op->gate, c, u[n + c]);
        y[c] = op->kind == WN_OP_GATE ? value * a : a * value + (1 - a) * u[c];
    }
}

static void gate_backward(const run *r, const wn_op *op, int t)
{
    int n = r->signals[op->dst].channels;
    const double *u = row_at(r, op->src, false, t), *dy = row_at(r, op->dst, true, t);
    double *du = row_at(r, op->src, true, t);
    for (int c = 0; c < n; c++) {
        double value = act_value(op->act, c, u[c]), a = act_value(op->gate, c, u[n + c]);
        bool gate = op->kind == WN_OP_GATE;
        du[c] += act_gradient(r, op->act, c, u[c], dy[c] * a) + (gate ? 0 : dy[c] * (1 - a));
        du[n + c] += act_gradient(r, op->gate, c, u[n + c], dy[c] * (gate ? value : value - u[c]));
    }
}

static void op_forward(const run *r, const wn_op *op, int t)
{
    int n = r->signals[op->dst].channels;
    double *y = row_at(r, op->dst, false, t);
    const double *x = row_at(r, op->src, false, t);
    if (wn_op_convolves(op))
        conv_forward(r, op, t);
    else if (op->kind == WN_OP_GATE || op->kind == WN_OP_BLEND)
        gate_forward(r, op, t);
    else
        for (int c = 0; c < n; c++)
            y[c] = op->kind == WN_OP_ACTIVATE ? act_value(op->act, c, x[c])
                   : op->kind == WN_OP_ADD    ? (row_at(r, op->add, false, t)[c] + x[c]) * (double)op->scale
                                              : x[c] * (double)op->scale;
}

static void op_backward(const run *r, const wn_op *op, int t)
{
    int n = r->signals[op->dst].channels;
    const double *dy = row_at(r, op->dst, true, t), *x = row_at(r, op->src, false, t);
    double *dx = row_at(r, op->src, true, t);
    if (op->kind == WN_OP_GATE || op->kind == WN_OP_BLEND) {
        gate_backward(r, op, t);
        return;
    }
    for (int c = 0; c < n; c++) {
        dx[c] += op->kind == WN_OP_ACTIVATE ? act_gradient(r, op->act, c, x[c], dy[c]) : dy[c] * (double)op->scale;
        if (op->kind == WN_OP_ADD) row_at(r, op->add, true, t)[c] += dy[c] * (double)op->scale;
    }
}

/* ---- the run ----------------------------------------------------------------------------------------------------- */

static wn_status allocate_signals(run *r, wn_error *error)
{
    int64_t frames = r->sound->frames, numbers = 0;
    for (int i = 0; i < r->ops.n_values; i++) numbers += 2 * frames * r->ops.value[i].channels;
    if (numbers > MAX_NUMBERS)
        return wn_fail(error, WN_ERROR_UNSUPPORTED, r->model->name,
                       "%lld numbers for all values of %lld frames; %lld are the limit", (long long)numbers,
                       (long long)frames, (long long)MAX_NUMBERS);
    r->signals = calloc((size_t)r->ops.n_values + 1, sizeof *r->signals);
    if (!r->signals) return wn_fail_memory(error, r->model->name);
    for (int i = 0; i < r->ops.n_values; i++) {
        signal *s = &r->signals[i];
        s->channels = r->ops.value[i].channels;
        s->x = calloc((size_t)(frames * s->channels) + 1, sizeof *s->x);
        s->dx = calloc((size_t)(frames * s->channels) + 1, sizeof *s->dx);
        if (!s->x || !s->dx) return wn_fail_memory(error, r->model->name);
    }
    return WN_OK;
}

static wn_status check_supported(const run *r, wn_error *error)
{
    bool film = r->model->condition.nested != NULL;
    if (r->model->n_chain)
        return wn_fail(error, WN_ERROR_UNSUPPORTED, r->model->name, "gradients of models in series are unknown");
    for (int i = 0; i < r->ops.n; i++) film |= r->ops.op[i].kind == WN_OP_FILM;
    return film ? wn_fail(error, WN_ERROR_UNSUPPORTED, r->model->name,
                          "gradients of FiLM and of nested models are unknown")
                : WN_OK;
}

static void run_forward(run *r)
{
    const signal *in = &r->signals[r->ops.input];
    for (int t = 0; !r->model->input.n_classes && t < r->sound->frames; t++)
        for (int c = 0; c < in->channels; c++)
            in->x[(ptrdiff_t)t * in->channels + c] = r->sound->pcm[(ptrdiff_t)c * r->sound->frames + t];
    fill_conditions(r);
    for (int i = 0; i < r->ops.n; i++)
        for (int t = 0; t < r->sound->frames; t++) op_forward(r, &r->ops.op[i], t);
    const signal *y = &r->signals[r->ops.output];
    for (int c = 0; c < y->channels; c++)
        for (int t = 0; t < r->sound->frames; t++)
            r->out->output[(ptrdiff_t)c * r->sound->frames + t] = y->x[(ptrdiff_t)t * y->channels + c];
}

static void run_backward(run *r, const double *dy)
{
    const signal *y = &r->signals[r->ops.output];
    for (int c = 0; c < y->channels; c++)
        for (int t = 0; t < r->sound->frames; t++)
            y->dx[(ptrdiff_t)t * y->channels + c] = dy[(ptrdiff_t)c * r->sound->frames + t];
    for (int i = r->ops.n - 1; i >= 0; i--) {
        const wn_op *op = &r->ops.op[i];
        double *dw = wn_op_convolves(op) ? gradient_of(r, op->conv->weight) : NULL;
        double *dbias = wn_op_convolves(op) ? gradient_of(r, op->bias) : NULL;
        for (int t = 0; t < r->sound->frames; t++)
            if (wn_op_convolves(op))
                conv_backward(r, op, t, dw, dbias);
            else
                op_backward(r, op, t);
    }
    conditions_backward(r);
}

static void run_free(run *r)
{
    for (int i = 0; r->signals && i < r->ops.n_values; i++) {
        free(r->signals[i].x);
        free(r->signals[i].dx);
    }
    for (int i = 0; r->stages && i <= r->model->condition.n_stages; i++) {
        free(r->stages[i].before);
        free(r->stages[i].x);
        free(r->stages[i].dx);
    }
    free(r->signals);
    free(r->stages);
    wn_arena_free(r->arena);
}

wn_status wn_model_gradients_run(wn_model_gradients *out, wn_model *model, const wn_gradient_sound *sound,
                                 const double *dy, wn_error *error)
{
    run r = {.model = model, .sound = sound, .out = out, .arena = wn_arena_new()};
    *out = (wn_model_gradients){0};
    wn_status status = r.arena ? wn_lower(&r.ops, r.arena, model, error) : wn_fail_memory(error, model->name);
    if (!status) status = check_supported(&r, error);
    if (!status) status = list_tensors(out, model, error);
    if (!status) status = allocate_signals(&r, error);
    if (!status && has_rows(&model->condition)) status = pipeline_forward(&r, error);
    if (!status) {
        out->output = calloc((size_t)sound->frames * (size_t)model->output_channels, sizeof *out->output);
        if (!out->output) status = wn_fail_memory(error, model->name);
    }
    if (!status) run_forward(&r);
    if (!status) run_backward(&r, dy);
    run_free(&r);
    if (status) wn_model_gradients_free(out);
    return status;
}
