/* SPDX-License-Identifier: MIT
 * pipeline.c - condition stages over any range of their output: convolutions, upsampling, transposed convolutions.
 * Copyright (c) 2026 the wavenet authors */
#include "engine/pipeline.h"

#include <stdlib.h>
#include <string.h>

#include "engine/function.h"
#include "model/stage.h"

/* Rows [lo, hi) of a sequence of `total` rows, `channels` wide. */
typedef struct span {
    const float *data; /* row lo */
    int64_t lo, hi, total;
    int channels;
} span;

struct wn_pipeline {
    const wn_condition *condition;
    float *buffer[2]; /* stages write them in turn */
};

/* ---- stages: y rows [lo, hi) from x ------------------------------------------------------------------------------ */

/* Row t of the stage's output. */
typedef void stage_row(const wn_stage *s, const span *x, int64_t t, float *y);

static void conv_row(const wn_stage *s, const span *x, int64_t t, float *y)
{
    const wn_conv *c = &s->conv;
    const float *w = c->weight;
    for (int o = 0; o < c->out; o++) {
        float sum = c->has_bias ? c->bias[o] : 0;
        for (int i = 0; i < c->in; i++)
            for (int k = 0; k < c->kernel; k++) sum += *w++ * x->data[(t + k - x->lo) * x->channels + i];
        y[o] = sum;
    }
}

static void upsample_row(const wn_stage *s, const span *x, int64_t t, float *y)
{
    int64_t from = t / s->factor;
    const float *a = x->data + (from - x->lo) * x->channels;
    if (!s->linear || from + 1 >= x->total) {
        memcpy(y, a, (size_t)x->channels * sizeof(float));
        return;
    }
    float mix = (float)(t % s->factor) / (float)s->factor;
    for (int c = 0; c < x->channels; c++) y[c] = a[c] + mix * (a[c + x->channels] - a[c]);
}

static void conv_2d_row(const wn_stage *s, const span *x, int64_t t, float *y)
{
    int up = (s->height - 1) / 2, back = (s->width - 1) / 2;
    for (int f = 0; f < x->channels; f++) {
        float sum = s->bias ? s->bias[0] : 0;
        for (int i = 0; i < s->height; i++)
            for (int j = 0; j < s->width; j++) {
                int64_t at = t + j - back;
                int from = f + i - up;
                if (at >= 0 && at < x->total && from >= 0 && from < x->channels)
                    sum += s->kernel[i * s->width + j] * x->data[(at - x->lo) * x->channels + from];
            }
        y[f] = sum;
    }
}

/* Any kind that is a sum of terms and has no loops of its own. */
static void terms_row(const wn_stage *s, const span *x, int64_t t, float *y)
{
    const wn_stage_type *type = &wn_stage_types[s->kind];
    int n = type->terms(s);
    for (int c = 0; c < x->channels; c++) {
        float sum = s->bias ? s->bias[0] : 0;
        for (int i = 0; i < n; i++) {
            wn_stage_term term = type->term(s, c, t, i);
            if (term.t >= 0 && term.t < x->total && term.channel >= 0 && term.channel < x->channels)
                sum += s->kernel[term.weight] * x->data[(term.t - x->lo) * x->channels + term.channel];
        }
        y[c] = sum;
    }
}

static void transposed_row(const wn_stage *s, const span *x, int64_t t, float *y)
{
    const wn_conv *c = &s->conv;
    for (int o = 0; o < c->out; o++) y[o] = c->has_bias ? c->bias[o] : 0;
    for (int64_t from = x->lo; from < x->hi; from++) {
        int64_t j = t + s->trim - from * s->factor;
        if (j < 0 || j >= c->kernel) continue;
        const float *row = x->data + (from - x->lo) * x->channels;
        for (int i = 0; i < c->in; i++)
            for (int o = 0; o < c->out; o++) y[o] += c->weight[((int64_t)i * c->out + o) * c->kernel + j] * row[i];
    }
}

static void crop_row(const wn_stage *s, const span *x, int64_t t, float *y)
{
    memcpy(y, x->data + (t + s->trim - x->lo) * x->channels, (size_t)x->channels * sizeof(float));
}

static void stage_rows(const wn_stage *s, const span *x, span *y, float *out)
{
    static stage_row *const rows[WN_STAGE_COUNT] = {[WN_STAGE_CONV] = conv_row,
                                                    [WN_STAGE_UPSAMPLE] = upsample_row,
                                                    [WN_STAGE_CONV_2D] = conv_2d_row,
                                                    [WN_STAGE_TRANSPOSED] = transposed_row,
                                                    [WN_STAGE_CROP] = crop_row};
    stage_row *row = rows[s->kind] ? rows[s->kind] : terms_row;
    for (int64_t t = y->lo; t < y->hi; t++) row(s, x, t, out + (t - y->lo) * y->channels);
    wn_fn_param f = wn_function(&s->act);
    if (s->act.kind != WN_ACT_IDENTITY && y->hi > y->lo) /* a transposed stage may need nothing of its input */
        wn_kernels_c.activate(&f, (int)(y->hi - y->lo), y->channels, out, y->channels, out, y->channels);
    y->data = out;
}

/* ---- the chain ----------------------------------------------------------------------------------------------------- */

static void chain(const wn_pipeline *p, int stage, const float *in, int64_t rows, span *y)
{
    if (stage < 0) {
        y->channels = p->condition->feature_channels;
        y->total = rows;
        y->data = in + y->lo * y->channels;
        return;
    }
    const wn_stage *s = &p->condition->stages[stage];
    int64_t total = rows;
    for (int i = 0; i < stage; i++) total = wn_stage_length(&p->condition->stages[i], total);
    span x = {.lo = y->lo, .hi = y->hi};
    wn_stage_needed(s, total, &x.lo, &x.hi);
    chain(p, stage - 1, in, rows, &x);
    y->channels = wn_stage_channels(s, x.channels);
    y->total = wn_stage_length(s, total);
    stage_rows(s, &x, y, p->buffer[stage % 2]);
}

const float *wn_pipeline_rows(wn_pipeline *pipeline, const float *in, int64_t rows, int64_t lo, int64_t hi)
{
    span y = {.lo = lo, .hi = hi};
    chain(pipeline, pipeline->condition->n_stages - 1, in, rows, &y);
    return y.data;
}

wn_pipeline *wn_pipeline_new(const wn_condition *condition, int64_t most)
{
    wn_pipeline *p = calloc(1, sizeof *p);
    if (!p) return NULL;
    p->condition = condition;
    int64_t widest = condition->feature_channels;
    for (int i = 0; i < condition->n_stages; i++) {
        int out = wn_stage_channels(&condition->stages[i], 0);
        widest = out > widest ? out : widest;
    }
    for (int i = condition->n_stages - 1; i >= 0; i--) { /* both buffers fit the longest range of all stages */
        int64_t before = wn_stage_max_needed(&condition->stages[i], most);
        most = before > most ? before : most;
    }
    for (int i = 0; i < 2; i++) {
        p->buffer[i] = calloc((size_t)most + 1, (size_t)widest * sizeof(float));
        if (!p->buffer[i]) {
            wn_pipeline_free(p);
            return NULL;
        }
    }
    return p;
}

void wn_pipeline_free(wn_pipeline *pipeline)
{
    if (!pipeline) return;
    free(pipeline->buffer[0]);
    free(pipeline->buffer[1]);
    free(pipeline);
}
