/* SPDX-License-Identifier: MIT
 * pipeline.c - condition stages: convolutions over frames, stretching, smoothing, transposed convolutions.
 * Copyright (c) 2026 the wavenet authors */
#include "engine/pipeline.h"

#include <stdlib.h>
#include <string.h>

#include "engine/function.h"

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

static int channels_after(const wn_stage *s, int channels)
{
    return s->kind == WN_STAGE_CONV || s->kind == WN_STAGE_TRANSPOSED ? s->conv.out : channels;
}

static int64_t length_after(const wn_stage *s, int64_t n)
{
    switch (s->kind) {
    case WN_STAGE_CONV: n -= s->conv.kernel - 1; break;
    case WN_STAGE_UPSAMPLE:
    case WN_STAGE_TRANSPOSED:
    case WN_STAGE_TRANSPOSED_2D: n *= s->factor; break;
    case WN_STAGE_CROP: n -= 2 * (int64_t)s->trim; break;
    case WN_STAGE_CONV_2D: break;
    }
    return n < 0 ? 0 : n;
}

int64_t wn_pipeline_length(const wn_condition *condition, int64_t rows)
{
    for (int i = 0; i < condition->n_stages; i++) rows = length_after(&condition->stages[i], rows);
    return rows;
}

static int64_t floor_div(int64_t a, int64_t b) { return a >= 0 ? a / b : -((-a + b - 1) / b); }

/* The input rows [*lo, *hi) of n that output rows [*lo, *hi) depend on. */
static void needed(const wn_stage *s, int64_t n, int64_t *lo, int64_t *hi)
{
    int64_t f = s->factor;
    switch (s->kind) {
    case WN_STAGE_CONV: *hi += s->conv.kernel - 1; break;
    case WN_STAGE_UPSAMPLE:
        *lo /= f;
        *hi = (*hi - 1) / f + 1 + (s->linear ? 1 : 0);
        break;
    case WN_STAGE_TRANSPOSED_2D:
        *lo /= f;
        *hi = (*hi - 1) / f + 1;
        break;
    case WN_STAGE_CONV_2D:
        *lo -= (s->width - 1) / 2;
        *hi += (s->width - 1) / 2;
        break;
    case WN_STAGE_TRANSPOSED: /* x[t] reaches y[f t - trim] .. y[f t - trim + kernel - 1] */
        *lo = floor_div(*lo + s->trim - (s->conv.kernel - 1) + f - 1, f);
        *hi = (*hi - 1 + s->trim) / f + 1;
        break;
    case WN_STAGE_CROP:
        *lo += s->trim;
        *hi += s->trim;
        break;
    }
    if (*lo < 0) *lo = 0;
    if (*hi > n) *hi = n;
    if (*lo > *hi) *lo = *hi;
}

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

static void transposed_2d_row(const wn_stage *s, const span *x, int64_t t, float *y)
{
    int up = (s->height - 1) / 2, j = (int)(t % s->factor);
    const float *row = x->data + (t / s->factor - x->lo) * x->channels;
    for (int f = 0; f < x->channels; f++) {
        float sum = s->bias ? s->bias[0] : 0;
        for (int i = 0; i < s->height; i++) {
            int from = f - i + up;
            if (from >= 0 && from < x->channels) sum += s->kernel[i * s->width + j] * row[from];
        }
        y[f] = sum;
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
    static stage_row *const rows[] = {[WN_STAGE_CONV] = conv_row,
                                      [WN_STAGE_UPSAMPLE] = upsample_row,
                                      [WN_STAGE_CONV_2D] = conv_2d_row,
                                      [WN_STAGE_TRANSPOSED_2D] = transposed_2d_row,
                                      [WN_STAGE_TRANSPOSED] = transposed_row,
                                      [WN_STAGE_CROP] = crop_row};
    for (int64_t t = y->lo; t < y->hi; t++) rows[s->kind](s, x, t, out + (t - y->lo) * y->channels);
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
    for (int i = 0; i < stage; i++) total = length_after(&p->condition->stages[i], total);
    span x = {.lo = y->lo, .hi = y->hi};
    needed(s, total, &x.lo, &x.hi);
    chain(p, stage - 1, in, rows, &x);
    y->channels = channels_after(s, x.channels);
    y->total = length_after(s, total);
    stage_rows(s, &x, y, p->buffer[stage % 2]);
}

const float *wn_pipeline_rows(wn_pipeline *pipeline, const float *in, int64_t rows, int64_t lo, int64_t hi)
{
    span y = {.lo = lo, .hi = hi};
    chain(pipeline, pipeline->condition->n_stages - 1, in, rows, &y);
    return y.data;
}

/* The longest range of input rows that `most` output rows can need. */
static int64_t most_needed(const wn_stage *s, int64_t most)
{
    switch (s->kind) {
    case WN_STAGE_CONV: return most + s->conv.kernel - 1;
    case WN_STAGE_UPSAMPLE:
    case WN_STAGE_TRANSPOSED_2D: return most / s->factor + 3;
    case WN_STAGE_CONV_2D: return most + s->width;
    case WN_STAGE_TRANSPOSED: return (most + s->conv.kernel) / s->factor + 3;
    case WN_STAGE_CROP: break;
    }
    return most;
}

wn_pipeline *wn_pipeline_new(const wn_condition *condition, int64_t most)
{
    wn_pipeline *p = calloc(1, sizeof *p);
    if (!p) return NULL;
    p->condition = condition;
    int64_t widest = condition->feature_channels;
    for (int i = 0; i < condition->n_stages; i++) {
        int out = channels_after(&condition->stages[i], 0);
        widest = out > widest ? out : widest;
    }
    for (int i = condition->n_stages - 1; i >= 0; i--) { /* both buffers fit the longest range of all stages */
        int64_t before = most_needed(&condition->stages[i], most);
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
