/* SPDX-License-Identifier: MIT
 * stream.c - one timeline: its memory, the input and output of a block, and the loop over the plan's segments.
 * Copyright (c) 2026 the wavenet authors */
#include "engine/stream.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/denormals.h"
#include "engine/executor.h"
#include "engine/parallel_run.h"

/* ---- memory: struct, pointers, executors' state, then rings, held rows and buffers, all in one aligned block ---------- */

enum { ALIGN = 64 };

typedef struct parts {
    size_t buffer, position, state, memory, total; /* bytes from the start */
} parts;

static size_t aligned(size_t bytes) { return (bytes + ALIGN - 1) / ALIGN * ALIGN; }

static parts lay_out(const wn_plan *p)
{
    parts l;
    l.buffer = aligned(sizeof(wn_stream));
    l.position = l.buffer + aligned((size_t)p->n_buffers * sizeof(float *));
    l.state = l.position + aligned((size_t)(p->n_rings + 1) * sizeof(int));
    l.memory = l.state + aligned(p->state_bytes);
    l.total = l.memory + aligned(p->floats * sizeof(float));
    return l;
}

size_t wn_plan_get_stream_bytes(const wn_plan *plan) { return lay_out(plan).total; }

static const wn_segment *segments_end(const wn_plan *plan) { return plan->segment + plan->n_segments; }

void wn_stream_reset(wn_stream *s)
{
    for (const wn_segment *g = s->plan->segment; g < segments_end(s->plan); g++) g->executor->reset(g->program, s);
    s->bad_samples = 0;
}

wn_status wn_stream_new(wn_stream **out, const wn_plan *plan, wn_error *error)
{
    *out = NULL;
    parts l = lay_out(plan);
    char *block = aligned_alloc(ALIGN, l.total);
    if (!block) return wn_fail(error, WN_ERROR_MEMORY, "stream", "out of memory (%zu bytes)", l.total);
    memset(block, 0, l.total); /* touches every page: none is first touched on the audio thread */
    wn_stream *s = (wn_stream *)(void *)block;
    s->plan = plan;
    s->buffer = (float **)(void *)(block + l.buffer);
    s->position = (int *)(void *)(block + l.position);
    s->state = block + l.state;
    s->memory = (float *)(void *)(block + l.memory);
    for (int i = 0; i < plan->n_buffers; i++) s->buffer[i] = s->memory + plan->buffer[i].offset;
    for (const wn_segment *g = plan->segment; g < segments_end(plan); g++) g->executor->init(g->program, s);
    wn_stream_reset(s);
    for (int v = 0; v < plan->voices; v++) wn_stream_set_condition(s, v, NULL);
    *out = s;
    return WN_OK;
}

void wn_stream_free(wn_stream *stream) { free(stream); }

int64_t wn_stream_get_nonfinite_samples(const wn_stream *stream) { return stream->bad_samples; }

/* ---- rows from and to buffers -------------------------------------------------------------------------------------- */

static void put_rows(wn_stream *s, int buffer, int channels, int frames, const float *rows)
{
    wn_pitch p = wn_layout_pitch(s->plan->layout, channels, frames);
    float *dst = s->buffer[buffer];
    for (ptrdiff_t r = 0; r < (ptrdiff_t)frames * s->plan->voices; r++)
        for (int c = 0; c < channels; c++) dst[r * p.row + c * p.channel] = *rows++;
}

static void get_rows(const wn_stream *s, int buffer, int channels, int frames, float *rows)
{
    wn_pitch p = wn_layout_pitch(s->plan->layout, channels, frames);
    const float *src = s->buffer[buffer];
    if (channels == 1) {
        memcpy(rows, src, (size_t)frames * (size_t)s->plan->voices * sizeof *rows);
        return;
    }
    for (ptrdiff_t r = 0; r < (ptrdiff_t)frames * s->plan->voices; r++)
        for (int c = 0; c < channels; c++) *rows++ = src[r * p.row + c * p.channel];
}

/* `n` samples one behind the other, a loop that compilers put into vectors; returns how many were bad. */
static int take_row(const float *pcm, int n, float *dst)
{
    int bad = 0;
    for (int i = 0; i < n; i++) {
        float size = fabsf(pcm[i]);
        dst[i] = size <= FLT_MAX ? pcm[i] : 0;
        bad += !(size <= FLT_MAX);
    }
    return bad;
}

/* One bad sample must not silence a receptive field. */
static void take_pcm(wn_stream *s, const float *pcm, int frames)
{
    int channels = s->plan->model->input.channels;
    if (channels == 1) {
        s->bad_samples += take_row(pcm, frames * s->plan->voices, s->buffer[WN_BUFFER_INPUT]);
        return;
    }
    wn_pitch p = wn_layout_pitch(s->plan->layout, channels, frames);
    float *dst = s->buffer[WN_BUFFER_INPUT];
    for (ptrdiff_t r = 0; r < (ptrdiff_t)frames * s->plan->voices; r++)
        for (int c = 0; c < channels; c++, pcm++) {
            bool finite = isfinite(*pcm);
            dst[r * p.row + c * p.channel] = finite ? *pcm : 0;
            s->bad_samples += !finite;
        }
}

static void take_classes(wn_stream *s, const int32_t *classes, int n)
{
    const wn_encoding *input = &s->plan->model->input;
    int silence = wn_model_encode(s->plan->model, 0);
    float *dst = s->buffer[WN_BUFFER_INPUT];
    for (int i = 0; i < n; i++)
        dst[i] = (float)(classes[i] >= 0 && classes[i] < input->n_classes ? classes[i] : silence);
}

/* ---- blocks -------------------------------------------------------------------------------------------------------- */

void wn_stream_set_condition(wn_stream *s, int voice, const float *held)
{
    uint64_t before = wn_denormals_flush();
    for (const wn_segment *g = s->plan->segment; g < segments_end(s->plan); g++)
        if (g->executor->set_condition) g->executor->set_condition(g->program, s, voice, held);
    wn_denormals_restore(before);
}

static void run_segments(wn_stream *s, int frames)
{
    for (const wn_segment *g = s->plan->segment, *end = segments_end(s->plan); g < end; g++)
        g->executor->run(g->program, s, frames);
}

/* Interleaved: as the caller's rows are, and where they are. */
static void run_in_place(wn_stream *s, const wn_block *b)
{
    float *zeros = s->buffer[WN_BUFFER_LOCAL], *scratch = s->buffer[WN_BUFFER_OUT];
    if (b->local) s->buffer[WN_BUFFER_LOCAL] = (float *)b->local; /* read only */
    s->buffer[WN_BUFFER_OUT] = b->out;
    run_segments(s, b->frames);
    s->buffer[WN_BUFFER_LOCAL] = zeros;
    s->buffer[WN_BUFFER_OUT] = scratch;
}

static void clear_local(wn_stream *s)
{
    size_t channels = (size_t)s->plan->buffer[WN_BUFFER_LOCAL].channels;
    memset(s->buffer[WN_BUFFER_LOCAL], 0, channels * (size_t)s->plan->room * sizeof(float));
}

static void run_transposed(wn_stream *s, const wn_block *b)
{
    const wn_model *m = s->plan->model;
    int local = wn_model_get_local_channels(m);
    if (local && b->local)
        put_rows(s, WN_BUFFER_LOCAL, local, b->frames, b->local);
    else if (local)
        clear_local(s);
    run_segments(s, b->frames);
    get_rows(s, WN_BUFFER_OUT, m->output_channels, b->frames, b->out);
}

static void run_part(wn_stream *s, const wn_block *b)
{
    if (s->plan->model->input.n_classes)
        take_classes(s, b->classes, b->frames * s->plan->voices);
    else
        take_pcm(s, b->pcm, b->frames);
    (s->plan->layout == WN_INTERLEAVED ? run_in_place : run_transposed)(s, b);
}

void wn_stream_run(wn_stream *stream, const wn_block *block)
{
    const wn_plan *plan = stream->plan;
    const wn_model *m = plan->model;
    uint64_t before = wn_denormals_flush();
    for (int done = 0, n; done < block->frames; done += n) {
        n = block->frames - done < plan->max_frames ? block->frames - done : plan->max_frames;
        ptrdiff_t row = (ptrdiff_t)done * plan->voices;
        wn_block part = {.frames = n, .out = block->out + row * m->output_channels};
        if (block->pcm) part.pcm = block->pcm + row * m->input.channels;
        if (block->classes) part.classes = block->classes + row;
        if (block->local) part.local = block->local + row * wn_model_get_local_channels(m);
        run_part(stream, &part);
    }
    wn_denormals_restore(before);
}

void wn_stream_look_ahead(wn_stream *s, int frames, const float *local)
{
    uint64_t before = wn_denormals_flush();
    for (const wn_segment *g = s->plan->segment; g < segments_end(s->plan); g++)
        if (g->executor->run_ahead) g->executor->run_ahead(g->program, s, frames, local);
    wn_denormals_restore(before);
}

/* ---- silence ------------------------------------------------------------------------------------------------------- */

void wn_stream_prewarm(wn_stream *s)
{
    const wn_plan *plan = s->plan;
    const wn_model *m = plan->model;
    uint64_t before = wn_denormals_flush();
    float silence = m->input.n_classes ? (float)wn_model_encode(m, 0) : 0;
    wn_pitch p = wn_layout_pitch(plan->layout, m->input.channels, 1);
    for (int r = 0; r < plan->voices; r++)
        for (int c = 0; c < m->input.channels; c++) s->buffer[WN_BUFFER_INPUT][r * p.row + c * p.channel] = silence;
    if (plan->layout == WN_PLANAR) clear_local(s); /* in interleaved layout nobody writes there */
    for (const wn_segment *g = plan->segment; g < segments_end(plan); g++) g->executor->prewarm(g->program, s);
    wn_denormals_restore(before);
}

/* ---- a second thread ------------------------------------------------------------------------------------------------ */

void wn_stream_share(wn_stream *s)
{
    if (s->parallel) wn_parallel_open(s->parallel);
}

void wn_stream_help(wn_stream *s)
{
    if (!s->parallel) return;
    uint64_t before = wn_denormals_flush();
    for (const wn_segment *g = s->plan->segment; g < segments_end(s->plan); g++)
        if (g->executor->run_worker) g->executor->run_worker(g->program, s);
    wn_denormals_restore(before);
}

void wn_stream_end_parallel(wn_stream *s)
{
    if (s->parallel) wn_parallel_end(s->parallel);
}

/* ---- verification --------------------------------------------------------------------------------------------------- */

void wn_stream_run_op(wn_stream *s, int op, int frames)
{
    const wn_segment *g = s->plan->segment;
    while (g->first < op) g++;
    uint64_t before = wn_denormals_flush();
    g->executor->run(g->program, s, frames);
    wn_denormals_restore(before);
}

void wn_stream_put(wn_stream *s, int value, int frames, const float *rows)
{
    put_rows(s, s->plan->place[value].buffer, s->plan->ops.value[value].channels, frames, rows);
}

void wn_stream_get(const wn_stream *s, int value, int frames, float *rows)
{
    get_rows(s, s->plan->place[value].buffer, s->plan->ops.value[value].channels, frames, rows);
}

const float *wn_stream_held_row(const wn_stream *s, int value) { return s->memory + s->plan->place[value].row; }
