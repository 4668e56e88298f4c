/* SPDX-License-Identifier: MIT
 * stream.c - one timeline: its memory, and the loop over the plan's steps.
 * Copyright (c) 2026 the wavenet authors */
#include "engine/stream.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "engine/denormals.h"

/* ---- memory: struct, pointer tables, then rings, held rows and buffers, all in one aligned block ------------------ */

enum { ALIGN = 64 };

typedef struct layout {
    size_t buffer, taps, position, memory, total; /* bytes from the start */
} layout;

static size_t aligned(size_t bytes) { return (bytes + ALIGN - 1) / ALIGN * ALIGN; }

static layout lay_out(const wn_plan *p)
{
    layout l;
    l.buffer = aligned(sizeof(wn_stream));
    l.taps = l.buffer + aligned((size_t)p->n_buffers * sizeof(float *));
    l.position = l.taps + aligned((size_t)(p->max_taps + 1) * sizeof(float *));
    l.memory = l.position + aligned((size_t)(p->n_rings + 1) * sizeof(int));
    l.total = l.memory + aligned(p->floats * sizeof(float));
    return l;
}

size_t wn_plan_stream_bytes(const wn_plan *plan) { return lay_out(plan).total; }

/* Classes that have not been yet are -1, which adds no column; PCM and activations that have not been are 0. */
static void clear_rings(wn_stream *s)
{
    for (int i = 0; i < s->plan->n_steps; i++) {
        const wn_step *step = &s->plan->steps[i];
        size_t n = (size_t)step->ring_frames * (size_t)s->plan->voices * (size_t)step->ring_channels;
        float *ring = s->memory + step->ring_offset;
        if (step->ring < 0) continue;
        for (size_t j = 0; j < n; j++) ring[j] = step->op == WN_OP_EMBED ? -1 : 0;
        s->ring_position[step->ring] = 0;
    }
}

void wn_stream_reset(wn_stream *stream)
{
    clear_rings(stream);
    stream->bad_samples = 0;
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
    s->ring_position = (int *)(void *)(block + l.position);
    s->memory = (float *)(void *)(block + l.memory);
    for (int i = 0; i < plan->n_buffers; i++) s->buffer[i] = s->memory + plan->buffer_offset[i];
    clear_rings(s);
    for (int v = 0; v < plan->voices; v++) wn_stream_hold(s, v, NULL);
    *out = s;
    return WN_OK;
}

void wn_stream_free(wn_stream *stream) { free(stream); }

float *wn_stream_buffer(wn_stream *stream, int index) { return stream->buffer[index]; }

int64_t wn_stream_bad_samples(const wn_stream *stream) { return stream->bad_samples; }

/* ---- steps --------------------------------------------------------------------------------------------------------- */

static void write_ring(wn_stream *s, const wn_step *step, const float *src, int frames)
{
    size_t frame_floats = (size_t)s->plan->voices * (size_t)step->ring_channels;
    float *ring = s->memory + step->ring_offset;
    int position = s->ring_position[step->ring], first = step->ring_frames - position;
    if (first > frames) first = frames;
    memcpy(ring + (size_t)position * frame_floats, src, (size_t)first * frame_floats * sizeof(float));
    memcpy(ring, src + (size_t)first * frame_floats, (size_t)(frames - first) * frame_floats * sizeof(float));
}

/* Point every tap at its input for frame `done` of the block; returns for how many frames no tap wraps. */
static int aim_taps(wn_stream *s, const wn_step *step, int done, int frames)
{
    size_t frame_floats = (size_t)s->plan->voices * (size_t)step->ring_channels;
    float *ring = s->memory + step->ring_offset;
    int run = frames - done;
    for (int k = 0; k < step->taps; k++) {
        int delay = k == 0 ? step->oldest_delay : (step->taps - 1 - k) * step->dilation;
        int row = s->ring_position[step->ring] + done - delay;
        if (row >= step->ring_frames) row -= step->ring_frames;
        if (row < 0) row += step->read_wrap;
        int contiguous = row < 0 ? -row : step->ring_frames - row;
        if (contiguous < run) run = contiguous;
        s->taps[k] = ring + (ptrdiff_t)row * (ptrdiff_t)frame_floats;
    }
    return run;
}

/* The products of `frames` frames whose taps are aimed, group by group. */
static void products(wn_stream *s, const wn_step *step, int frames, float *dst)
{
    int voices = s->plan->voices, in = step->in / step->groups, out = step->out / step->groups;
    wn_products p = {.rows = frames * voices,
                     .in = in,
                     .out = out,
                     .taps = step->taps,
                     .x = s->taps,
                     .x_stride = step->in,
                     .y_stride = step->out};
    size_t group_floats = (size_t)step->taps * (size_t)in * wn_padded((size_t)out);
    for (int g = 0; g < step->groups; g++) {
        p.w = step->weight + (size_t)g * group_floats;
        p.y = dst + (ptrdiff_t)g * out;
        p.start = step->start == WN_START_ROWS ? p.y : step->bias ? step->bias + (ptrdiff_t)g * out : NULL;
        p.start_stride = step->start == WN_START_ROWS ? step->out : 0;
        if (step->start == WN_START_HELD) {
            const wn_held_product *held = &s->plan->held[step->held];
            p.start = s->memory + held->offset + (ptrdiff_t)g * out;
            p.start_stride = voices > 1 ? held->out : 0;
        }
        s->plan->kernels->products(&p);
        for (int k = 0; k < step->taps; k++) s->taps[k] += in;
    }
}

static void convolve(wn_stream *s, const wn_step *step, const float *src, float *dst, int frames)
{
    int voices = s->plan->voices;
    /* Held starts repeat every frame: with several voices the kernel sees one frame at a time. */
    int most = step->start == WN_START_HELD && voices > 1 ? 1 : frames;
    for (int done = 0, run; done < frames; done += run) {
        run = frames - done;
        if (step->ring >= 0)
            run = aim_taps(s, step, done, frames);
        else
            s->taps[0] = src + (ptrdiff_t)done * voices * step->in;
        if (run > most) run = most;
        products(s, step, run, dst + (ptrdiff_t)done * voices * step->out);
    }
}

/* One row of a one-hot product: bias plus a column a tap. */
static void look_up(const wn_step *step, const float *const *taps, ptrdiff_t row, float *dst)
{
    for (int o = 0; o < step->out; o++) dst[o] = step->bias ? step->bias[o] : 0;
    for (int k = 0; k < step->taps; k++) {
        int c = (int)taps[k][row];
        if (c < 0) continue;
        const float *column = step->weight + ((ptrdiff_t)k * step->in + c) * step->out;
        for (int o = 0; o < step->out; o++) dst[o] += column[o];
    }
}

static void embed(wn_stream *s, const wn_step *step, const float *src, float *dst, int frames)
{
    int voices = s->plan->voices;
    for (int done = 0, run; done < frames; done += run) {
        run = frames - done;
        if (step->ring >= 0)
            run = aim_taps(s, step, done, frames);
        else
            s->taps[0] = src + (ptrdiff_t)done * voices;
        for (ptrdiff_t r = 0; r < (ptrdiff_t)run * voices; r++)
            look_up(step, s->taps, r, dst + ((ptrdiff_t)done * voices + r) * step->out);
    }
}

void wn_stream_step(wn_stream *s, int index, int frames)
{
    const wn_step *step = &s->plan->steps[index];
    const wn_kernels *k = s->plan->kernels;
    const float *src = s->buffer[step->src];
    float *dst = s->buffer[step->dst];
    int rows = frames * s->plan->voices, c = step->channels;
    switch (step->op) {
    case WN_OP_CONV:
    case WN_OP_EMBED:
        if (step->ring >= 0) write_ring(s, step, src, frames);
        (step->op == WN_OP_CONV ? convolve : embed)(s, step, src, dst, frames);
        if (step->ring >= 0) s->ring_position[step->ring] = (s->ring_position[step->ring] + frames) % step->ring_frames;
        break;
    case WN_OP_ACT: k->activate(&step->act, rows, c, src, c, dst, c); break;
    case WN_OP_GATED: k->gated(&step->act, &step->gate, rows, c, src, 2 * c, dst, c); break;
    case WN_OP_BLENDED: k->blended(&step->act, &step->gate, rows, c, src, 2 * c, dst, c); break;
    case WN_OP_ADD_SCALED: k->add_scaled(rows * c, dst, src, step->scale, dst); break;
    case WN_OP_SCALE: k->scale(rows * c, src, step->scale, dst); break;
    case WN_OP_FILM:
        k->film(rows, c, src, c, s->buffer[step->second], step->shift ? 2 * c : c, step->shift, dst, c);
        break;
    }
}

/* ---- blocks -------------------------------------------------------------------------------------------------------- */

void wn_stream_hold(wn_stream *s, int voice, const float *held)
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

/* One bad sample must not silence a receptive field. */
static void take_pcm(wn_stream *s, const float *pcm, int n)
{
    float *dst = s->buffer[WN_BUFFER_INPUT];
    for (int i = 0; i < n; i++) {
        bool finite = isfinite(pcm[i]);
        dst[i] = finite ? pcm[i] : 0;
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

static void run(wn_stream *s, const wn_block *b)
{
    const wn_model *m = s->plan->model;
    int voices = s->plan->voices;
    if (m->input.n_classes)
        take_classes(s, b->classes, b->frames * voices);
    else
        take_pcm(s, b->pcm, b->frames * voices * m->input.channels);
    float *zeros = s->buffer[WN_BUFFER_LOCAL], *scratch = s->buffer[WN_BUFFER_OUT];
    if (b->local) s->buffer[WN_BUFFER_LOCAL] = (float *)b->local; /* read only */
    s->buffer[WN_BUFFER_OUT] = b->out;
    for (int i = 0; i < s->plan->n_steps; i++) wn_stream_step(s, i, b->frames);
    s->buffer[WN_BUFFER_LOCAL] = zeros;
    s->buffer[WN_BUFFER_OUT] = scratch;
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
        if (block->local) part.local = block->local + row * m->condition.local_channels;
        run(stream, &part);
    }
    wn_denormals_restore(before);
}

/* ---- silence ------------------------------------------------------------------------------------------------------- */

/* Every frame the taps of `step` can look back to becomes the row in front of them now. */
static void fill_ring(wn_stream *s, const wn_step *step)
{
    size_t row = (size_t)s->plan->voices * (size_t)step->ring_channels, history = (size_t)step->oldest_delay * row;
    float *ring = s->memory + step->ring_offset;
    if (history) memcpy(ring, s->buffer[step->src], row * sizeof *ring);
    for (size_t done = row; done < history; done *= 2) /* of what is filled: twice as much each time */
        memcpy(ring + done, ring, (done < history - done ? done : history - done) * sizeof *ring);
    s->ring_position[step->ring] = step->oldest_delay;
}

void wn_stream_settle(wn_stream *s)
{
    const wn_model *m = s->plan->model;
    uint64_t before = wn_denormals_flush();
    float silence = m->input.n_classes ? (float)wn_model_encode(m, 0) : 0;
    for (int i = 0; i < s->plan->voices * m->input.channels; i++) s->buffer[WN_BUFFER_INPUT][i] = silence;
    for (int i = 0; i < s->plan->n_steps; i++) {
        if (s->plan->steps[i].ring >= 0) fill_ring(s, &s->plan->steps[i]);
        wn_stream_step(s, i, 1);
    }
    wn_denormals_restore(before);
}
