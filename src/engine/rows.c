/* SPDX-License-Identifier: MIT
 * rows.c - single steps over rows: [frames x voices][channels], lanes hold channels.
 * Copyright (c) 2026 the wavenet authors */
#include <string.h>

#include "engine/stream.h"

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

/* One call of a kernel in the numbers of the plan, with the weights from column `column` on: outputs of panels that tile the
 * matrices of taps and groups. */
static void multiply_from(const wn_stream *s, const wn_step *step, size_t column, wn_products *p)
{
    if (step->w8) {
        size_t quads = wn_quads((size_t)p->in);
        wn_weights8 w8 = {step->w8->w + column * quads * 4, step->w8->scale + column, step->w8->sums + column};
        s->plan->products8(p, &w8, s->work8);
    } else {
        if (step->w16)
            p->w16 = step->w16 + column * (size_t)p->in;
        else
            p->w = step->weight + column * (size_t)p->in;
        s->plan->kernels->products(p);
    }
}

/* Taps `tap`, ... of group `group`. */
static void multiply(const wn_stream *s, const wn_step *step, int group, int tap, wn_products *p)
{
    multiply_from(s, step, (size_t)(group * step->taps + tap) * wn_padded((size_t)p->out), p);
}

/* Where group g of a step starts: rows, and how far apart. */
static const float *start_of(const wn_stream *s, const wn_step *step, const float *dst, ptrdiff_t at, ptrdiff_t *stride)
{
    const wn_held_product *held;
    *stride = 0;
    switch (step->start) {
    case WN_START_ROWS: *stride = step->out; return dst;
    case WN_START_PART:
        *stride = step->width;
        return s->buffer[step->second] + (ptrdiff_t)s->used * step->width + step->part + at;
    case WN_START_HELD:
        held = &s->plan->held[step->held];
        *stride = s->plan->voices > 1 ? held->out : 0;
        return s->memory + held->offset + at;
    default: return step->bias ? step->bias + at : NULL;
    }
}

/* The products of `frames` frames whose taps are aimed, group by group. */
static void products(wn_stream *s, const wn_step *step, int frames, float *dst)
{
    int in = step->in / step->groups, out = step->out / step->groups;
    wn_products p = {.rows = frames * s->plan->voices,
                     .in = in,
                     .out = out,
                     .taps = step->taps,
                     .x = s->taps,
                     .x_stride = step->in,
                     .y_stride = step->out};
    for (int g = 0; g < step->groups; g++) {
        p.y = dst + (ptrdiff_t)g * out;
        p.start = start_of(s, step, p.y, (ptrdiff_t)g * out, &p.start_stride);
        multiply(s, step, g, 0, &p);
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
        for (int k = 1; step->gathers && k < step->taps; k++)
            s->taps[k] = s->buffer[step->src + k] + (ptrdiff_t)done * voices * step->in;
        if (run > most) run = most;
        products(s, step, run, dst + (ptrdiff_t)done * voices * step->out);
    }
}

/* ---- single frames: past taps several frames ahead ------------------------------------------------------------------ */

/* The product of past tap k with the frames that it will meet from now on; they lie in the ring in one or two pieces. */
static void multiply_ahead(wn_stream *s, const wn_step *step, int k, float *past)
{
    int voices = s->plan->voices, delay = k == 0 ? step->oldest_delay : (step->taps - 1 - k) * step->dilation;
    int row = s->ring_position[step->ring] - delay;
    if (row < 0) row += step->read_wrap;
    for (int done = 0, run; done < step->ahead; done += run, row = 0) {
        run = step->ring_frames - row < step->ahead - done ? step->ring_frames - row : step->ahead - done;
        const float *x = s->memory + step->ring_offset + (ptrdiff_t)row * voices * step->in;
        wn_products p = {.rows = run * voices,
                         .in = step->in,
                         .out = step->out,
                         .taps = 1,
                         .x = &x,
                         .x_stride = step->in,
                         .start = s->plan->minus_zeros,
                         .y = past + (ptrdiff_t)done * voices * step->out,
                         .y_stride = step->out};
        multiply(s, step, 0, k, &p);
    }
}

void wn_rows_past(wn_stream *s, const wn_step *step)
{
    ptrdiff_t next = (ptrdiff_t)step->ahead * s->plan->voices * step->out;
    if (s->left[step->ring] > 0) return;
    for (int k = 0; k < step->taps - 1; k++) multiply_ahead(s, step, k, s->memory + step->past_offset + k * next);
    s->left[step->ring] = step->ahead;
}

/* One frame: start + past products + the newest tap. */
static void convolve_ahead(wn_stream *s, const wn_step *step, const float *src, float *dst)
{
    int voices = s->plan->voices, n_past = step->taps - 1;
    ptrdiff_t next = (ptrdiff_t)step->ahead * voices * step->out;
    float *past = s->memory + step->past_offset;
    int *left = &s->left[step->ring];
    wn_rows_past(s, step);
    wn_products p = {.rows = voices,
                     .in = step->in,
                     .out = step->out,
                     .taps = 1,
                     .x = &src,
                     .x_stride = step->in,
                     .past = past + (ptrdiff_t)(step->ahead - *left) * voices * step->out,
                     .past_stride = step->out,
                     .past_next = next,
                     .n_past = n_past,
                     .y = dst,
                     .y_stride = step->out};
    p.start = start_of(s, step, dst, 0, &p.start_stride);
    multiply(s, step, 0, n_past, &p);
    --*left;
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

void wn_rows_step(wn_stream *s, const wn_step *step, int frames)
{
    const wn_kernels *k = s->plan->kernels;
    const float *src = s->buffer[step->src];
    float *dst = s->buffer[step->dst];
    int rows = frames * s->plan->voices, c = step->channels;
    switch (step->op) {
    case WN_OP_CONV:
    case WN_OP_EMBED:
        if (step->ring >= 0) write_ring(s, step, src, frames);
        if (step->ahead)
            convolve_ahead(s, step, src, dst);
        else
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

/* ---- parts of steps ------------------------------------------------------------------------------------------------ */

static void conv_outputs(wn_stream *s, const wn_step *step, int from, int to)
{
    const float *src = s->buffer[step->src];
    wn_products p = {.rows = 1,
                     .in = step->in,
                     .out = to - from,
                     .taps = 1,
                     .x = &src,
                     .x_stride = step->in,
                     .y = s->buffer[step->dst] + from,
                     .y_stride = step->out};
    p.start = start_of(s, step, p.y, from, &p.start_stride);
    multiply_from(s, step, (size_t)from, &p);
}

void wn_rows_outputs(wn_stream *s, const wn_step *step, int from, int to)
{
    const wn_kernels *k = s->plan->kernels;
    const float *src = s->buffer[step->src] + from;
    float *dst = s->buffer[step->dst] + from;
    int n = to - from;
    if (step->op == WN_OP_CONV) conv_outputs(s, step, from, to);
    if (step->op == WN_OP_ACT) k->activate(&step->act, 1, n, src, n, dst, n);
    if (step->op == WN_OP_SCALE) k->scale(n, src, step->scale, dst);
}

void wn_rows_taps(wn_stream *s, const wn_step *step, int from, int to)
{
    float *dst = s->buffer[step->dst];
    for (int k = from; k < to; k++) s->taps[k - from] = s->buffer[step->src + k];
    wn_products p = {.rows = 1,
                     .in = step->in,
                     .out = step->out,
                     .taps = to - from,
                     .x = s->taps,
                     .x_stride = step->in,
                     .start = dst,
                     .y = dst,
                     .y_stride = step->out};
    if (from == 0) p.start = start_of(s, step, dst, 0, &p.start_stride);
    multiply(s, step, 0, from, &p);
}

void wn_rows_fill_ring(wn_stream *s, const wn_step *step)
{
    size_t row = (size_t)s->plan->voices * (size_t)step->ring_channels, history = (size_t)step->oldest_delay * row;
    float *ring = s->memory + step->ring_offset;
    if (history) memcpy(ring, s->buffer[step->src], row * sizeof *ring);
    for (size_t done = row; done < history; done *= 2) /* of what is filled: twice as much each time */
        memcpy(ring + done, ring, (done < history - done ? done : history - done) * sizeof *ring);
    s->ring_position[step->ring] = step->oldest_delay;
    s->left[step->ring] = 0; /* and what is known ahead is worked out again */
}
