/* SPDX-License-Identifier: MIT
 * interleaved_step.c - one step of an interleaved program: convolutions, functions and sums over rows of channels.
 * Copyright (c) 2026 the wavenet authors */
#include "engine/interleaved_step.h"

#include "engine/lookahead.h"

/* ---- convolutions ------------------------------------------------------------------------------------------------------ */

/* The products of the rows from row `first` of the block on, whose taps are aimed, group by group. */
static void multiply_groups(wn_interleaved_thread *t, const wn_conv_step *c, ptrdiff_t first, int rows, float *dst)
{
    int in = c->in / c->groups, out = c->out / c->groups;
    wn_matmul p = {.rows = rows,
                   .in = in,
                   .out = out,
                   .taps = c->taps,
                   .past = c->ring ? c->taps - 1 : 0,
                   .x = t->taps,
                   .x_stride = c->in,
                   .y_stride = c->out};
    for (int g = 0; g < c->groups; g++) {
        p.y = dst + first * c->out + (ptrdiff_t)g * out;
        p.init = wn_interleaved_start(t, c, (ptrdiff_t)g * out, &p.init_stride);
        if (c->init != WN_INIT_HELD && p.init) p.init += first * p.init_stride;
        wn_interleaved_multiply(t, c, g, 0, &p);
        for (int k = 0; k < c->taps; k++) t->taps[k] += in;
    }
}

/* Point every tap at its input for frame `done` of the block; returns for how many frames no tap wraps. */
static int aim_taps(wn_interleaved_thread *t, const wn_conv_step *c, const float *src, int done, int frames)
{
    int run = frames - done;
    ptrdiff_t at = (ptrdiff_t)done * t->program->plan->voices * c->in;
    if (c->ring)
        for (int k = 0; k < c->taps; k++)
            t->taps[k] = wn_tap_ring_tap(c->ring, t->memory, t->position[c->ring->index], done, c->delays[k], &run);
    else if (c->sources)
        for (int k = 0; k < c->taps; k++) t->taps[k] = t->buffer[c->sources[k]] + at;
    else
        t->taps[0] = src + at;
    return run;
}

static void convolve_block(wn_interleaved_thread *t, const wn_conv_step *c, const float *src, float *dst, int frames)
{
    int voices = t->program->plan->voices;
    /* Held starts repeat every frame: with several voices the kernel sees one frame at a time. */
    int most = c->init == WN_INIT_HELD && voices > 1 ? 1 : frames;
    for (int done = 0, run; done < frames; done += run) {
        run = aim_taps(t, c, src, done, frames);
        if (run > most) run = most;
        multiply_groups(t, c, (ptrdiff_t)done * voices, run * voices, dst);
    }
}

/* One row of a one-hot product: bias plus a column per tap. */
static void look_up_row(const wn_conv_step *c, const float *const *taps, ptrdiff_t row, float *dst)
{
    for (int o = 0; o < c->out; o++) dst[o] = c->bias ? c->bias[o] : 0;
    for (int k = 0; k < c->taps; k++) {
        int class = (int)taps[k][row];
        if (class < 0) continue;
        const float *column = c->columns + ((ptrdiff_t)k * c->in + class) * c->out;
        for (int o = 0; o < c->out; o++) dst[o] += column[o];
    }
}

static void embed_block(wn_interleaved_thread *t, const wn_conv_step *c, const float *src, float *dst, int frames)
{
    int voices = t->program->plan->voices;
    for (int done = 0, run; done < frames; done += run) {
        run = frames - done;
        if (c->ring)
            run = aim_taps(t, c, src, done, frames);
        else
            t->taps[0] = src;
        for (ptrdiff_t r = 0; r < (ptrdiff_t)run * voices; r++)
            look_up_row(c, t->taps, r, dst + ((ptrdiff_t)done * voices + r) * c->out);
    }
}

static void run_conv(wn_interleaved_thread *t, const wn_step *s, const float *src, float *dst, int frames)
{
    const wn_conv_step *c = s->conv;
    int *position = c->ring ? &t->position[c->ring->index] : NULL;
    if (c->ring) wn_tap_ring_write(c->ring, t->memory, *position, src, frames);
    if (c->ahead.frames)
        wn_lookahead_convolve(t, c, src, dst);
    else
        (c->columns ? embed_block : convolve_block)(t, c, src, dst, frames);
    if (c->ring) *position = wn_tap_ring_advance(c->ring, *position, frames);
}

/* ---- steps -------------------------------------------------------------------------------------------------------------- */

void wn_interleaved_step(wn_interleaved_thread *t, const wn_step *s, int frames)
{
    const wn_kernels *k = t->program->plan->kernels;
    const float *src = t->buffer[s->src];
    float *dst = t->buffer[s->dst];
    int rows = frames * t->program->plan->voices, c = s->channels;
    switch (s->kind) {
    case WN_OP_CONV:
    case WN_OP_EMBED: run_conv(t, s, src, dst, frames); break;
    case WN_OP_ACTIVATE: k->activate(&s->act, rows, c, src, c, dst, c); break;
    case WN_OP_GATE: k->gated(&s->act, &s->gate, rows, c, src, 2 * c, dst, c); break;
    case WN_OP_BLEND: k->blended(&s->act, &s->gate, rows, c, src, 2 * c, dst, c); break;
    case WN_OP_ADD: k->add_scaled(rows * c, t->buffer[s->second], src, s->scale, dst); break;
    case WN_OP_SCALE: k->scale(rows * c, src, s->scale, dst); break;
    case WN_OP_FILM: k->film(rows, c, src, c, t->buffer[s->second], s->shift ? 2 * c : c, s->shift, dst, c); break;
    }
}

void wn_interleaved_steps(wn_interleaved_thread *t, int frames)
{
    const wn_interleaved *p = t->program;
    for (const wn_step *step = p->steps, *end = step + p->n_steps; step < end; step++)
        if (!step->early || t->used == t->ahead) wn_interleaved_step(t, step, frames);
}

static void conv_outputs(wn_interleaved_thread *t, const wn_step *s, int from, int to)
{
    const wn_conv_step *c = s->conv;
    const float *src = t->buffer[s->src];
    wn_matmul p = {.rows = 1,
                   .in = c->in,
                   .out = to - from,
                   .taps = 1,
                   .x = &src,
                   .x_stride = c->in,
                   .y = t->buffer[s->dst] + from,
                   .y_stride = c->out};
    p.init = wn_interleaved_start(t, c, from, &p.init_stride);
    wn_interleaved_multiply_from(t, c, 0, (size_t)from, &p);
}

void wn_interleaved_outputs(wn_interleaved_thread *t, const wn_step *s, int from, int to)
{
    const wn_kernels *k = t->program->plan->kernels;
    const float *src = t->buffer[s->src] + from;
    float *dst = t->buffer[s->dst] + from;
    int n = to - from;
    if (s->kind == WN_OP_CONV) conv_outputs(t, s, from, to);
    if (s->kind == WN_OP_ACTIVATE) k->activate(&s->act, 1, n, src, n, dst, n);
    if (s->kind == WN_OP_SCALE) k->scale(n, src, s->scale, dst);
}

void wn_interleaved_taps(wn_interleaved_thread *t, const wn_step *s, int from, int to)
{
    const wn_conv_step *c = s->conv;
    float *dst = t->buffer[s->dst];
    for (int k = from; k < to; k++) t->taps[k - from] = t->buffer[c->sources[k]];
    wn_matmul p = {.rows = 1,
                   .in = c->in,
                   .out = c->out,
                   .taps = to - from,
                   .x = t->taps,
                   .x_stride = c->in,
                   .init = dst,
                   .y = dst,
                   .y_stride = c->out};
    if (from == 0) p.init = wn_interleaved_start(t, c, 0, &p.init_stride);
    wn_interleaved_multiply(t, c, 0, from, &p);
}
