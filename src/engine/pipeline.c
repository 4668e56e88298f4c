/* SPDX-License-Identifier: MIT
 * pipeline.c - the chain of condition stages over any range of its output.
 * Copyright (c) 2026 the wavenet authors */
#include "engine/pipeline.h"

#include <stdlib.h>

#include "engine/function.h"
#include "model/stage.h"

struct wn_pipeline {
    const wn_condition *condition;
    float *buffer[2]; /* stages write them in turn */
};

/* Rows [lo, hi) of y, from x. */
static void stage_rows(const wn_stage *s, const wn_stage_rows *x, wn_stage_rows *y, float *out)
{
    for (int64_t t = y->lo; t < y->hi; t++) wn_stage_run(s, x, t, out + (t - y->lo) * y->channels);
    wn_fn_param f = wn_function(&s->act);
    if (s->act.kind != WN_ACT_IDENTITY && y->hi > y->lo) /* a transposed stage may need nothing of its input */
        wn_kernels_c.activate(&f, (int)(y->hi - y->lo), y->channels, out, y->channels, out, y->channels);
    y->data = out;
}

/* ---- the chain ----------------------------------------------------------------------------------------------------- */

static void chain(const wn_pipeline *p, int stage, const float *in, int64_t rows, wn_stage_rows *y)
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
    wn_stage_rows x = {.lo = y->lo, .hi = y->hi};
    wn_stage_needed(s, total, &x.lo, &x.hi);
    chain(p, stage - 1, in, rows, &x);
    y->channels = wn_stage_channels(s, x.channels);
    y->total = wn_stage_length(s, total);
    stage_rows(s, &x, y, p->buffer[stage % 2]);
}

const float *wn_pipeline_rows(wn_pipeline *pipeline, const float *in, int64_t rows, int64_t lo, int64_t hi)
{
    wn_stage_rows y = {.lo = lo, .hi = hi};
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
