/* SPDX-License-Identifier: MIT
 * stream.c - one timeline: its memory, and the loop over the plan's steps.
 * Copyright (c) 2026 the wavenet authors */
#include "engine/stream.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/denormals.h"
#include "engine/split.h"

/* ---- memory: struct, pointer tables, then rings, held rows and buffers, all in one aligned block ------------------ */

enum { ALIGN = 64 };

typedef struct layout {
    size_t pair, helper, helper_taps, helper_left; /* bytes from the start */
    size_t buffer, taps, tap_end, tap_turn, calls, position, left, memory, total;
} layout;

static size_t aligned(size_t bytes) { return (bytes + ALIGN - 1) / ALIGN * ALIGN; }

static layout lay_out(const wn_plan *p)
{
    layout l;
    size_t taps = aligned((size_t)(p->n_taps + p->max_taps + 1) * sizeof(float *));
    size_t rings = aligned((size_t)(p->n_rings + 1) * sizeof(int));
    l.pair = aligned(sizeof(wn_stream));
    l.helper = l.pair + aligned(sizeof(wn_pair));
    l.helper_taps = l.helper + aligned(sizeof(wn_stream));
    l.helper_left = l.helper_taps + taps;
    l.buffer = p->split ? l.helper_left + rings : l.pair;
    l.taps = l.buffer + aligned((size_t)p->n_buffers * sizeof(float *));
    l.tap_end = l.taps + taps;
    l.tap_turn = l.tap_end + aligned((size_t)p->n_walking * sizeof(float *));
    l.calls = l.tap_turn + aligned((size_t)p->n_walking * sizeof(ptrdiff_t));
    l.position = l.calls + aligned((size_t)p->n_calls * sizeof(wn_plane_call));
    l.left = l.position + rings;
    l.memory = l.left + rings;
    l.total = l.memory + aligned(p->floats * sizeof(float));
    return l;
}

size_t wn_plan_get_stream_bytes(const wn_plan *plan) { return lay_out(plan).total; }

/* Products of zeros. */
static void clear_ahead(wn_stream *s, const wn_step *step)
{
    size_t n = (size_t)(step->taps - 1) * (size_t)step->ahead * (size_t)s->plan->voices * (size_t)step->out;
    if (step->ahead) memset(s->memory + step->past_offset, 0, n * sizeof(float));
}

/* Classes that have not been yet are -1, which adds no column; PCM and activations that have not been are 0. */
static void clear_rings(wn_stream *s)
{
    for (int i = 0; i < s->plan->n_steps; i++) {
        const wn_step *step = &s->plan->steps[i];
        size_t frames = s->plan->planes ? (size_t)step->ring_stride : (size_t)step->ring_frames;
        size_t n = frames * (size_t)s->plan->voices * (size_t)step->ring_channels;
        float *ring = s->memory + step->ring_offset;
        if (s->plan->planes) wn_planes_place_taps(s, step, 0);
        if (step->ring < 0) continue;
        for (size_t j = 0; j < n; j++) ring[j] = step->op == WN_OP_EMBED ? -1 : 0;
        clear_ahead(s, step);
        s->ring_position[step->ring] = 0;
        s->left[step->ring] = step->first_ahead;
    }
}

void wn_stream_reset(wn_stream *stream)
{
    clear_rings(stream);
    stream->ahead = stream->used = 0;
    stream->bad_samples = 0;
}

/* The same stream as another thread sees it, with scratch and counts of its own. */
static void add_helper(wn_stream *s, char *block, const layout *l)
{
    s->pair = (wn_pair *)(void *)(block + l->pair);
    s->helper = (wn_stream *)(void *)(block + l->helper);
    *s->helper = *s;
    s->helper->taps = (const float **)(void *)(block + l->helper_taps);
    s->helper->left = (int *)(void *)(block + l->helper_left);
    s->helper->work8 = s->work8 + s->plan->work8_floats;
}

wn_status wn_stream_new(wn_stream **out, const wn_plan *plan, wn_error *error)
{
    *out = NULL;
    layout l = lay_out(plan);
    char *block = aligned_alloc(ALIGN, l.total);
    if (!block) return wn_fail(error, WN_ERROR_MEMORY, "stream", "out of memory (%zu bytes)", l.total);
    memset(block, 0, l.total); /* touches every page: none is first touched on the audio thread */
    wn_stream *s = (wn_stream *)(void *)block;
    s->plan = plan;
    s->buffer = (float **)(void *)(block + l.buffer);
    s->taps = (const float **)(void *)(block + l.taps);
    s->tap_end = (const float **)(void *)(block + l.tap_end);
    s->tap_turn = (ptrdiff_t *)(void *)(block + l.tap_turn);
    s->calls = (wn_plane_call *)(void *)(block + l.calls);
    s->ring_position = (int *)(void *)(block + l.position);
    s->left = (int *)(void *)(block + l.left);
    s->memory = (float *)(void *)(block + l.memory);
    s->work8 = s->memory + plan->work8;
    if (plan->split) add_helper(s, block, &l);
    for (int i = 0; i < plan->n_buffers; i++) s->buffer[i] = s->memory + plan->buffer_offset[i];
    clear_rings(s);
    for (int v = 0; v < plan->voices; v++) wn_stream_set_condition(s, v, NULL);
    *out = s;
    return WN_OK;
}

void wn_stream_free(wn_stream *stream) { free(stream); }

int64_t wn_stream_get_nonfinite_samples(const wn_stream *stream) { return stream->bad_samples; }

/* ---- steps --------------------------------------------------------------------------------------------------------- */

void wn_stream_step(wn_stream *s, int index, int frames)
{
    const wn_step *step = &s->plan->steps[index];
    if (s->plan->planes)
        wn_planes_step(s, step, frames);
    else
        wn_rows_step(s, step, frames);
}

static void run_steps(wn_stream *s, int frames)
{
    const wn_step *step = s->plan->steps, *end = step + s->plan->n_steps;
    bool shared = wn_pair_lead(s);
    for (; step < end && !shared; step += step->together) {
        if (step->early && s->used < s->ahead) continue;
        if (step->cells)
            wn_cells_run(s, step, frames);
        else
            wn_rows_step(s, step, frames);
    }
    if (s->used < s->ahead && ++s->used == s->ahead) s->ahead = s->used = 0;
}

void wn_stream_look_ahead(wn_stream *s, int frames, const float *local)
{
    uint64_t before = wn_denormals_flush();
    float *zeros = s->buffer[WN_BUFFER_LOCAL];
    s->buffer[WN_BUFFER_LOCAL] = (float *)local; /* read only */
    s->ahead = s->used = 0;
    for (int i = 0; s->plan->frames && i < s->plan->n_steps; i++) {
        if (!s->plan->steps[i].early) continue;
        wn_rows_step(s, &s->plan->steps[i], frames);
        s->ahead = frames;
    }
    s->buffer[WN_BUFFER_LOCAL] = zeros;
    wn_denormals_restore(before);
}

/* How far apart rows and channels of a block lie. */
typedef struct pitch {
    ptrdiff_t row, channel;
} pitch;

static pitch pitch_of(const wn_stream *s, int channels, int frames)
{
    return s->plan->planes ? (pitch){1, wn_plane_stride(frames)} : (pitch){channels, 1};
}

void wn_stream_put(wn_stream *s, int index, int channels, int frames, const float *rows)
{
    pitch p = pitch_of(s, channels, frames);
    float *dst = s->buffer[index];
    for (ptrdiff_t r = 0; r < (ptrdiff_t)frames * s->plan->voices; r++)
        for (int c = 0; c < channels; c++) dst[r * p.row + c * p.channel] = *rows++;
}

void wn_stream_get(const wn_stream *s, int index, int channels, int frames, float *rows)
{
    pitch p = pitch_of(s, channels, frames);
    const float *src = s->buffer[index];
    if (channels == 1) {
        memcpy(rows, src, (size_t)frames * (size_t)s->plan->voices * sizeof *rows);
        return;
    }
    for (ptrdiff_t r = 0; r < (ptrdiff_t)frames * s->plan->voices; r++)
        for (int c = 0; c < channels; c++) *rows++ = src[r * p.row + c * p.channel];
}

/* ---- blocks -------------------------------------------------------------------------------------------------------- */

void wn_stream_set_condition(wn_stream *s, int voice, const float *held)
{
    const wn_plan *plan = s->plan;
    uint64_t before = wn_denormals_flush();
    for (int i = 0; i < plan->n_held; i++) {
        const wn_held_product *h = &plan->held[i];
        float *row = s->memory + h->offset + (ptrdiff_t)voice * h->out;
        wn_products p = {.rows = 1,
                         .in = plan->model->condition.held_channels,
                         .out = h->out,
                         .taps = 1,
                         .x = &held,
                         .w = h->weight,
                         .start = h->bias,
                         .y = row};
        if (held)
            plan->kernels->products(&p);
        else
            for (int o = 0; o < h->out; o++) row[o] = h->bias ? h->bias[o] : 0;
    }
    wn_denormals_restore(before);
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
    pitch p = pitch_of(s, channels, frames);
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

/* Rows are run where the caller has them. */
static void run_rows(wn_stream *s, const wn_block *b)
{
    float *zeros = s->buffer[WN_BUFFER_LOCAL], *scratch = s->buffer[WN_BUFFER_OUT];
    if (b->local) s->buffer[WN_BUFFER_LOCAL] = (float *)b->local; /* read only */
    s->buffer[WN_BUFFER_OUT] = b->out;
    run_steps(s, b->frames);
    s->buffer[WN_BUFFER_LOCAL] = zeros;
    s->buffer[WN_BUFFER_OUT] = scratch;
}

static void clear_local(wn_stream *s)
{
    size_t channels = (size_t)s->plan->buffer_channels[WN_BUFFER_LOCAL];
    memset(s->buffer[WN_BUFFER_LOCAL], 0, channels * (size_t)s->plan->room * sizeof(float));
}

static void run_planes(wn_stream *s, const wn_block *b)
{
    const wn_model *m = s->plan->model;
    int local = wn_model_get_local_channels(m);
    if (local && b->local)
        wn_stream_put(s, WN_BUFFER_LOCAL, local, b->frames, b->local);
    else if (local)
        clear_local(s);
    wn_planes_run(s, b->frames);
    wn_stream_get(s, WN_BUFFER_OUT, m->output_channels, b->frames, b->out);
}

static void run(wn_stream *s, const wn_block *b)
{
    if (s->plan->model->input.n_classes)
        take_classes(s, b->classes, b->frames * s->plan->voices);
    else
        take_pcm(s, b->pcm, b->frames);
    if (s->plan->planes)
        run_planes(s, b);
    else
        run_rows(s, b);
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
        run(stream, &part);
    }
    wn_denormals_restore(before);
}

/* ---- silence ------------------------------------------------------------------------------------------------------- */

void wn_stream_prewarm(wn_stream *s)
{
    const wn_plan *plan = s->plan;
    const wn_model *m = plan->model;
    uint64_t before = wn_denormals_flush();
    s->ahead = s->used = 0;
    float silence = m->input.n_classes ? (float)wn_model_encode(m, 0) : 0;
    pitch p = pitch_of(s, m->input.channels, 1);
    for (int r = 0; r < plan->voices; r++)
        for (int c = 0; c < m->input.channels; c++) s->buffer[WN_BUFFER_INPUT][r * p.row + c * p.channel] = silence;
    if (plan->planes) clear_local(s); /* rows never write there */
    for (int i = 0; i < plan->n_steps; i++) {
        if (plan->steps[i].ring >= 0) (plan->planes ? wn_planes_fill_ring : wn_rows_fill_ring)(s, &plan->steps[i]);
        wn_stream_step(s, i, 1);
        if (plan->steps[i].ahead) s->left[plan->steps[i].ring] = plan->steps[i].first_ahead; /* all are alike */
    }
    wn_denormals_restore(before);
}
