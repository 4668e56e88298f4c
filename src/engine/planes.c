/* SPDX-License-Identifier: MIT
 * planes.c - steps over planes: [channels][frames], lanes hold frames.
 * Copyright (c) 2026 the wavenet authors */
#include <string.h>

#include "engine/stream.h"

/* Whole columns of WN_LANE_PAD frames are computed and copied. What lies past the end of a block is never read as a frame:
 * in buffers it is written over, in rings it falls on frames that the next block writes first. */

/* ---- rings --------------------------------------------------------------------------------------------------------- */

/* The frames behind a ring's end repeat its first ones, so that any block can be read, and written, in one piece. */
static void write_ring(wn_stream *s, const wn_step *step, int frames)
{
    int n = (int)wn_plane_stride(frames), at = s->ring_position[step->ring], over = at + n - step->ring_frames;
    int first = s->plan->room - at < n ? s->plan->room - at : n;
    const float *src = s->buffer[step->src];
    float *ring = s->memory + step->ring_offset;
    const wn_kernels *k = s->plan->kernels;
    int channels = step->ring_channels;
    k->copy(channels, n, src, n, ring + at, step->ring_stride);
    if (first > 0) k->copy(channels, first, src, n, ring + step->ring_frames + at, step->ring_stride);
    if (over > 0) k->copy(channels, over, src + n - over, n, ring, step->ring_stride);
}

/* Where the oldest tap, or another, finds its input of the block's first frame. */
static const float *aim_tap(const wn_stream *s, const wn_step *step, int k)
{
    if (step->ring < 0) return s->buffer[step->src];
    int row = s->ring_position[step->ring] - (k == 0 ? step->oldest_delay : (step->taps - 1 - k) * step->dilation);
    return s->memory + step->ring_offset + (row < 0 ? row + step->read_wrap : row);
}

static void advance_ring(wn_stream *s, const wn_step *step, int frames)
{
    if (step->ring < 0) return;
    int next = s->ring_position[step->ring] + frames;
    s->ring_position[step->ring] = next < step->ring_frames ? next : next - step->ring_frames;
}

void wn_planes_fill_ring(wn_stream *s, const wn_step *step)
{
    const float *src = s->buffer[step->src];
    float *ring = s->memory + step->ring_offset;
    for (int c = 0; c < step->ring_channels; c++, src += wn_plane_stride(1), ring += step->ring_stride)
        for (ptrdiff_t i = 0; i < step->ring_stride; i++) ring[i] = *src;
    s->ring_position[step->ring] = step->oldest_delay;
}

/* ---- convolutions ---------------------------------------------------------------------------------------------------- */

/* One group's taps of `step`, oldest first; returns how many. */
static int make_terms(const wn_stream *s, const wn_step *step, int group, int frames, wn_term *terms)
{
    int in = step->in / step->groups, out = step->out / step->groups;
    size_t tap_floats = (size_t)in * wn_padded((size_t)out);
    ptrdiff_t stride = step->ring >= 0 ? step->ring_stride : wn_plane_stride(frames);
    const float *weight = step->weight + (size_t)group * (size_t)step->taps * tap_floats;
    for (int k = 0; k < step->taps; k++)
        terms[k] = (wn_term){.x = aim_tap(s, step, k) + (ptrdiff_t)group * in * stride,
                             .x_stride = stride,
                             .w = weight + (size_t)k * tap_floats,
                             .in = in};
    return step->taps;
}

/* What the sums of `step` start from. */
static void set_start(const wn_stream *s, const wn_step *step, int group, wn_planes *p)
{
    const float *bias = step->start == WN_START_HELD ? s->memory + s->plan->held[step->held].offset : step->bias;
    p->bias = bias ? bias + (ptrdiff_t)group * p->out : NULL;
    p->start = step->start == WN_START_ROWS ? p->y : NULL;
}

/* What the steps first.. of `count` that are no convolutions make of the sum. */
static void set_rest(const wn_stream *s, const wn_step *first, int count, wn_planes *p)
{
    for (const wn_step *step = first; step < first + count; step++) {
        if (step->op == WN_OP_ACT) {
            p->act = &step->act;
            p->y = s->buffer[step->dst];
        } else {
            if (step->unread) p->y = NULL;
            p->sum = s->buffer[step->dst];
            p->sum_scale = step->scale;
        }
    }
}

static void convolve_group(wn_stream *s, const wn_step *first, int count, int group, int frames)
{
    ptrdiff_t stride = wn_plane_stride(frames);
    int out = first->out / first->groups, n_terms = make_terms(s, first, group, frames, s->terms), used = 1;
    wn_planes p = {.frames = (int)stride, .out = out, .terms = s->terms, .stride = stride};
    p.y = s->buffer[first->dst] + (ptrdiff_t)group * out * stride;
    set_start(s, first, group, &p);
    if (count > 1 && first[1].op == WN_OP_CONV) {
        n_terms += make_terms(s, &first[1], 0, frames, s->terms + n_terms);
        used = 2;
    }
    p.n_terms = n_terms;
    set_rest(s, first + used, count - used, &p);
    s->plan->kernels->planes(&p);
}

static void convolve(wn_stream *s, const wn_step *first, int count, int frames)
{
    int convs = count > 1 && first[1].op == WN_OP_CONV ? 2 : 1;
    for (int i = 0; i < convs; i++)
        if (first[i].ring >= 0) write_ring(s, &first[i], frames);
    for (int g = 0; g < first->groups; g++) convolve_group(s, first, count, g, frames);
    for (int i = 0; i < convs; i++) advance_ring(s, &first[i], frames);
}

/* One-hot products: bias plus a column a tap, frame by frame. */
static void embed(wn_stream *s, const wn_step *step, int frames)
{
    ptrdiff_t stride = wn_plane_stride(frames);
    float *dst = s->buffer[step->dst];
    if (step->ring >= 0) write_ring(s, step, frames);
    for (int o = 0; o < step->out; o++)
        for (int t = 0; t < frames; t++) dst[o * stride + t] = step->bias ? step->bias[o] : 0;
    for (int k = 0; k < step->taps; k++) {
        const float *classes = aim_tap(s, step, k);
        for (int t = 0; t < frames; t++) {
            if (classes[t] < 0) continue;
            const float *column = step->weight + ((ptrdiff_t)k * step->in + (int)classes[t]) * step->out;
            for (int o = 0; o < step->out; o++) dst[o * stride + t] += column[o];
        }
    }
    advance_ring(s, step, frames);
}

/* ---- the rest -------------------------------------------------------------------------------------------------------- */

/* A plane's slope is the same for all its frames. */
static void activate(const wn_kernels *k, const wn_step *step, int stride, const float *src, float *dst)
{
    if (step->act.fn != WN_FN_PRELU) {
        k->activate(&step->act, 1, step->channels * stride, src, 0, dst, 0);
        return;
    }
    for (int c = 0; c < step->channels; c++, src += stride, dst += stride) {
        wn_fn_param leaky = {.fn = WN_FN_LEAKY_RELU, .p = {step->act.slopes[c]}};
        k->activate(&leaky, 1, stride, src, 0, dst, 0);
    }
}

/* Planes of a block lie one behind the other: one long row for what works element by element. */
void wn_planes_steps(wn_stream *s, const wn_step *first, int count, int frames)
{
    const wn_kernels *k = s->plan->kernels;
    const float *src = s->buffer[first->src];
    float *dst = s->buffer[first->dst];
    int stride = (int)wn_plane_stride(frames), n = first->channels * stride;
    switch (first->op) {
    case WN_OP_CONV: convolve(s, first, count, frames); break;
    case WN_OP_EMBED: embed(s, first, frames); break;
    case WN_OP_ACT: activate(k, first, stride, src, dst); break;
    case WN_OP_GATED: k->gated(&first->act, &first->gate, 1, n, src, 0, dst, 0); break;
    case WN_OP_BLENDED: k->blended(&first->act, &first->gate, 1, n, src, 0, dst, 0); break;
    case WN_OP_ADD_SCALED: k->add_scaled(n, dst, src, first->scale, dst); break;
    case WN_OP_SCALE: k->scale(n, src, first->scale, dst); break;
    case WN_OP_FILM: k->film(1, n, src, 0, s->buffer[first->second], 0, first->shift, dst, 0); break;
    }
}
