/* SPDX-License-Identifier: MIT
 * pipe.c - the condition pipeline over the stretch of a clip that a chunk needs; forward, and backward.
 * Copyright (c) 2026 the wavenet authors */
#include "train/pipe.h"

#include <string.h>

#include "model/stage.h"
#include "train/act.h"
#include "train/stage.h"

/* ---- ranges: which frames of each stage a range of the output depends on ---------------------------------------- */

int64_t wn_tcondition_length(const wn_tcondition *c, int64_t rows)
{
    for (int i = 0; i < c->n_stages; i++) rows = wn_stage_length(c->stages[i].shape, rows);
    if (c->to_held) rows *= c->hop;
    return rows > 0 ? rows : 0;
}

/* The part of the step before that a stage's span is made from. */
static void span_needed(const wn_stage *s, wn_tspan to, wn_tspan *from)
{
    from->from = to.from;
    from->to = to.to;
    wn_stage_needed(s, from->length, &from->from, &from->to);
}

/* ---- forward ---------------------------------------------------------------------------------------------------- */

/* The first and last frame of each step for this segment. */
static void plan_spans(const wn_tcondition *c, wn_tstep *steps, const wn_tsegment *g)
{
    int64_t unit = c->to_held ? c->hop : 1;
    steps[0].span.length = g->n_rows;
    for (int i = 0; i < c->n_stages; i++)
        steps[i + 1].span.length = wn_stage_length(c->stages[i].shape, steps[i].span.length);
    steps[c->n_stages].span.from = g->first / unit;
    steps[c->n_stages].span.to = (g->first + g->frames) / unit;
    for (int i = c->n_stages; i > 0; i--) span_needed(c->stages[i - 1].shape, steps[i].span, &steps[i - 1].span);
}

static void take_rows(const wn_tcondition *c, const wn_tstep *step, const wn_tsegment *g)
{
    for (int64_t t = step->span.from; t < step->span.to; t++)
        for (int k = 0; k < c->feature_channels; k++)
            step->value.x[k * step->value.stride + (t - step->span.from)] = g->rows[t * c->feature_channels + k];
}

static void segment_forward(wn_twork *w, const wn_real *theta, const wn_tsegment *g)
{
    const wn_tcondition *c = &w->net->condition;
    wn_tstep *steps = w->steps;
    plan_spans(c, steps, g);
    take_rows(c, &steps[0], g);
    for (int i = 0; i < c->n_stages; i++) {
        const wn_tstage *s = &c->stages[i];
        wn_tstep *to = &steps[i + 1];
        int frames = (int)(to->span.to - to->span.from);
        wn_tstage_forward(&w->math, s, theta, &steps[i], to);
        if (s->act.kind == WN_ACT_IDENTITY)
            wn_planar_view_copy(s->out, frames, to->before, to->value);
        else
            wn_tact_forward(&s->act, theta, s->out, frames, to->before, to->value);
    }
}

/* Rows of the pipeline in the local or held condition, at the segment. */
static wn_planar_view pipeline_rows(const wn_tcondition *c, wn_planar_view local, wn_planar_view held,
                                    const wn_tsegment *g)
{
    if (!c->to_held) return (wn_planar_view){local.x + g->at, local.stride};
    wn_planar_view rows = wn_planar_view_from(held, c->global_channels);
    return (wn_planar_view){rows.x + g->at / c->hop, rows.stride};
}

static void fill_global(wn_twork *w, const wn_real *theta, const wn_tsegment *g)
{
    const wn_tcondition *c = &w->net->condition;
    int from = g->at / c->hop, to = (g->at + g->frames) / c->hop;
    for (int k = 0; k < c->global_channels; k++) {
        wn_real value = c->embeds ? theta[c->embedding + (size_t)g->speaker * (size_t)c->global_channels + (size_t)k]
                                  : (wn_real)g->vector[k];
        for (int f = from; f < to; f++) w->held.x[k * w->held.stride + f] = value;
    }
}

void wn_tpipe_forward(wn_twork *w, const wn_real *theta, const wn_tchunk *chunk)
{
    const wn_tcondition *c = &w->net->condition;
    for (int i = 0; i < chunk->n_segments; i++) {
        const wn_tsegment *g = &chunk->segments[i];
        fill_global(w, theta, g);
        if (!c->has_rows) continue;
        segment_forward(w, theta, g);
        int frames = c->to_held ? g->frames / c->hop : g->frames;
        wn_planar_view_copy(c->pipeline_channels, frames, w->steps[c->n_stages].value,
                            pipeline_rows(c, w->local, w->held, g));
    }
}

/* ---- backward --------------------------------------------------------------------------------------------------- */

static void segment_backward(wn_twork *w, const wn_real *theta, const wn_tsegment *g, wn_real *grad)
{
    const wn_tcondition *c = &w->net->condition;
    wn_tstep *steps = w->steps;
    int frames = c->to_held ? g->frames / c->hop : g->frames;
    wn_planar_view_copy(c->pipeline_channels, frames, pipeline_rows(c, w->dlocal, w->dheld, g),
                        steps[c->n_stages].gradient);
    for (int i = c->n_stages - 1; i >= 0; i--) {
        const wn_tstage *s = &c->stages[i];
        wn_tstep *to = &steps[i + 1];
        frames = (int)(to->span.to - to->span.from);
        wn_tact_backward(&s->act, theta, grad, s->out, frames, to->before, to->gradient, to->gradient);
        if (i) wn_planar_view_fill(s->in, (int)(steps[i].span.to - steps[i].span.from), NULL, steps[i].gradient);
        wn_tstage_backward(&w->math, s, theta, grad, &steps[i], to, i > 0);
    }
}

static void global_backward(const wn_twork *w, const wn_tsegment *g, wn_real *grad)
{
    const wn_tcondition *c = &w->net->condition;
    int from = g->at / c->hop, to = (g->at + g->frames) / c->hop;
    wn_real *row = grad + c->embedding + (size_t)g->speaker * (size_t)c->global_channels;
    for (int k = 0; k < c->global_channels; k++)
        for (int f = from; f < to; f++) row[k] += w->dheld.x[k * w->dheld.stride + f];
}

void wn_tpipe_backward(wn_twork *w, const wn_real *theta, const wn_tchunk *chunk, wn_real *grad)
{
    const wn_tcondition *c = &w->net->condition;
    for (int i = 0; i < chunk->n_segments; i++) {
        const wn_tsegment *g = &chunk->segments[i];
        if (c->embeds && w->net->held_rows) global_backward(w, g, grad);
        if (!c->has_rows || !c->trains || (c->to_held && !w->net->held_rows)) continue;
        if (chunk->n_segments > 1) segment_forward(w, theta, g); /* the last segment's values are all that was kept */
        segment_backward(w, theta, g, grad);
    }
}
