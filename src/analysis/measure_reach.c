/* SPDX-License-Identifier: MIT
 * measure_reach.c - which outputs one impulse touches when no path can cancel another.
 * Copyright (c) 2026 the wavenet authors */
#include <stdlib.h>
#include <string.h>

#include "analysis/field.h"
#include "analysis/measure.h"
#include "model/model.h"

enum { BLOCK = 253, MARGIN = 64 };

/* One run of the positive model. The impulse comes late, when every ring has turned, and the run ends late, so that a
 * stale frame in a ring would come back and be seen. */
typedef struct run {
    wn_model *model;
    wn_plan *plan;
    wn_stream *stream;
    int64_t impulse, frames;
    uint8_t *touched; /* [frames] */
    float *x, *y;     /* [BLOCK][in], [BLOCK][out] */
} run;

static void close_run(run *r)
{
    wn_stream_free(r->stream);
    wn_plan_free(r->plan);
    wn_model_free(r->model);
    free(r->touched);
    free(r->x);
    free(r->y);
}

static wn_status open_run(run *r, const wn_model *model, wn_cpu cpu, wn_error *error)
{
    *r = (run){.model = wn_model_linearised(model, WN_LINEAR_POSITIVE)};
    if (!r->model) return wn_fail_memory(error, model->name);
    wn_status status = wn_plan_new(&r->plan, r->model, &(wn_plan_config){.max_frames = BLOCK, .cpu = cpu}, error);
    if (!status) status = wn_stream_new(&r->stream, r->plan, error);
    if (status) return status;
    int64_t field = wn_model_receptive(r->model);
    r->impulse = field + MARGIN;
    r->frames = 3 * (field + MARGIN);
    r->touched = calloc((size_t)r->frames, 1);
    r->x = calloc((size_t)BLOCK * (size_t)r->model->input.channels, sizeof *r->x);
    r->y = calloc((size_t)BLOCK * (size_t)r->model->output_channels, sizeof *r->y);
    return r->touched && r->x && r->y ? WN_OK : wn_fail_memory(error, model->name);
}

static void go(run *r)
{
    int in = r->model->input.channels, out = r->model->output_channels;
    for (int64_t f = 0; f < r->frames; f += BLOCK) {
        int n = (int)(r->frames - f < BLOCK ? r->frames - f : BLOCK);
        memset(r->x, 0, (size_t)BLOCK * (size_t)in * sizeof *r->x);
        if (r->impulse >= f && r->impulse < f + n)
            for (int c = 0; c < in; c++) r->x[(r->impulse - f) * in + c] = 1;
        wn_stream_run(r->stream, &(wn_block){.frames = n, .pcm = r->x, .out = r->y});
        for (int64_t i = 0; i < (int64_t)n * out; i++)
            if (r->y[i] != 0) r->touched[f + i / out] = 1; /* not-a-number is not 0 either */
    }
}

static bool formula_has(const wn_span *reach, int64_t lag)
{
    int64_t i = -lag - reach->first;
    return i >= 0 && i < reach->length && reach->hit[i];
}

static void compare(wn_reach *out, const run *r, const wn_field *field)
{
    out->formula = field->receptive_field;
    out->formula_covered = wn_span_covered(&field->reach);
    for (int64_t f = 0; f < r->frames; f++) {
        int64_t lag = f - r->impulse;
        bool expected = formula_has(&field->reach, lag);
        out->missing += expected && !r->touched[f];
        out->extra += !expected && r->touched[f];
        out->covered += r->touched[f];
        if (r->touched[f]) out->receptive_field = lag + 1;
    }
}

wn_status wn_measure_reach(wn_reach *out, const wn_model *model, wn_cpu cpu, wn_error *error)
{
    run r;
    wn_field field = {0};
    *out = (wn_reach){0};
    wn_status status = open_run(&r, model, cpu, error);
    if (!status) status = wn_field_model(&field, r.model, error);
    if (!status) {
        go(&r);
        compare(out, &r, &field);
        out->cpu = wn_plan_get_cpu(r.plan);
    }
    wn_field_free(&field);
    close_run(&r);
    return status;
}

bool wn_reach_agrees(const wn_reach *reach)
{
    return reach->missing == 0 && reach->extra == 0 && reach->receptive_field == reach->formula;
}
