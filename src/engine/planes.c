/* SPDX-License-Identifier: MIT
 * planes.c - steps over planes: [channels][frames], lanes hold frames.
 * Copyright (c) 2026 the wavenet authors */
#include <string.h>

#include "engine/stream.h"

/* Whole columns of WN_LANE_PAD frames are computed and copied. What lies past the end of a block is never read as a frame:
 * in buffers it is written over, in rings it falls on frames that the next block writes first. */

/* ---- rings --------------------------------------------------------------------------------------------------------- */

/* Taps walk: each points at its input for the block's first frame, and steps ahead with every block. The newest is where the
 * block itself is written. */
static float *ring_here(const wn_stream *s, const wn_step *step) { return (float *)s->taps[step->first_tap + step->taps - 1]; }

void wn_planes_place_taps(wn_stream *s, const wn_step *step, int position)
{
    const float *ring = s->memory + step->ring_offset;
    for (int k = 0, i = step->first_tap; k < step->taps; k++, i++) {
        int delay = k == 0 ? step->oldest_delay : (step->taps - 1 - k) * step->dilation;
        if (step->ring < 0) {
            s->taps[i] = s->buffer[step->src];
            continue;
        }
        s->taps[i] = ring + (position - delay + (position < delay ? step->read_wrap : 0));
        s->tap_end[i] = ring + step->ring_frames - (step->read_wrap ? 0 : delay);
        s->tap_turn[i] = step->ring_frames;
    }
}

/* Taps from .. to - 1, without a branch, which would be guessed wrong: each of them turns at a time of its own. */
static void walk(wn_stream *s, int from, int to, int frames)
{
    for (int i = from; i < to; i++) {
        const float *next = s->taps[i] + frames;
        s->taps[i] = next - (s->tap_turn[i] & -(ptrdiff_t)(next >= s->tap_end[i]));
    }
}

/* The frames behind a ring's end repeat its first ones, so that any block can be read, and written, in one piece. The block
 * that has been written is repeated where it has to be. */
static void repeat_in_ring(wn_stream *s, const wn_step *step, int frames)
{
    float *ring = s->memory + step->ring_offset, *here = ring_here(s, step);
    int n = (int)wn_plane_stride(frames), at = (int)(here - ring), over = at + n - step->ring_frames;
    int first = s->plan->room - at < n ? s->plan->room - at : n;
    const wn_kernels *k = s->plan->kernels;
    ptrdiff_t stride = step->ring_stride;
    if (first > 0) k->copy(step->ring_channels, first, here, stride, here + step->ring_frames, stride);
    if (over > 0) k->copy(step->ring_channels, over, here + n - over, stride, ring, stride);
}

static void write_ring(wn_stream *s, const wn_step *step, int frames)
{
    int n = (int)wn_plane_stride(frames);
    s->plan->kernels->copy(step->ring_channels, n, s->buffer[step->src], n, ring_here(s, step), step->ring_stride);
    repeat_in_ring(s, step, frames);
}

void wn_planes_fill_ring(wn_stream *s, const wn_step *step)
{
    const float *src = s->buffer[step->src];
    float *ring = s->memory + step->ring_offset;
    for (int c = 0; c < step->ring_channels; c++, src += wn_plane_stride(1), ring += step->ring_stride)
        for (ptrdiff_t i = 0; i < step->ring_stride; i++) ring[i] = *src;
    wn_planes_place_taps(s, step, step->oldest_delay);
}

/* ---- convolutions ---------------------------------------------------------------------------------------------------- */

/* What a call of the kernel is made of is worked out once for blocks of a length, but for the two places in rings that walk.
 * Field by field: a struct that is copied right after it was written waits for its stores, 20 cycles each time. */

/* The taps of one group of `step`, oldest first. */
static void describe_taps(const wn_stream *s, const wn_step *step, int group, int frames, wn_term *t)
{
    int in = step->in / step->groups;
    t->x = s->taps + step->first_tap;
    t->x_stride = step->ring >= 0 ? step->ring_stride : wn_plane_stride(frames);
    if (group) {
        const float **own = s->taps + s->plan->n_taps;
        for (int k = 0; k < step->taps; k++) own[k] = t->x[k] + (ptrdiff_t)group * in * t->x_stride;
        t->x = own;
    }
    t->w = step->weight + (size_t)(group * step->taps * in) * wn_padded((size_t)(step->out / step->groups));
    t->in = in;
    t->taps = step->taps;
}

/* What the sums of `step` start from. */
static void set_start(const wn_stream *s, const wn_step *step, int group, wn_planes *p)
{
    const float *bias = step->start == WN_START_HELD ? s->memory + s->plan->held[step->held].offset : step->bias;
    p->bias = bias ? bias + (ptrdiff_t)group * p->out : NULL;
    p->start = step->start == WN_START_ROWS ? p->y : NULL;
}

static void set_sum(const wn_stream *s, const wn_step *add, int frames, wn_planes *p)
{
    p->old = p->sum = s->buffer[add->dst];
    p->old_stride = p->sum_stride = wn_plane_stride(frames);
    p->sum_scale = add->scale;
}

/* The residual adds to what the ring of one of the first `convs` steps holds, if no buffer does. */
static void set_residual(const wn_stream *s, const wn_step *first, int convs, const wn_step *conv, int frames,
                         wn_plane_call *c)
{
    c->z = c->sum.y;
    c->results = (wn_term){.x = &c->z, .x_stride = c->sum.stride, .w = conv->weight, .in = conv->in, .taps = 1};
    c->residual = (wn_planes){
        .frames = c->sum.frames, .out = conv->out, .n_terms = 1, .terms = &c->results, .bias = conv->bias};
    c->sum.then = &c->residual;
    set_sum(s, conv + 1, frames, &c->residual);
    for (const wn_step *step = first; step < first + convs; step++) {
        if (!step->filled || step->src != conv[1].dst) continue;
        c->old = &s->taps[step->first_tap + step->taps - 1];
        c->residual.old_stride = step->ring_stride;
    }
}

/* What the steps that follow the first `convs` make of the sum. */
static void set_rest(const wn_stream *s, const wn_step *first, int convs, int count, int frames, wn_plane_call *c)
{
    for (const wn_step *step = first + convs; step < first + count; step++) {
        if (step->op == WN_OP_CONV) {
            set_residual(s, first, convs, step, frames, c);
            return;
        }
        if (step->op == WN_OP_ACT) {
            c->act = step->act;
            c->sum.act = &c->act;
            c->sum.y = s->buffer[step->dst];
        } else {
            if (step->unread) c->sum.y = NULL;
            set_sum(s, step, frames, &c->sum);
        }
    }
}

/* The result goes straight into the ring that would take it from its buffer. */
static void set_result(const wn_stream *s, const wn_step *to, wn_plane_call *c)
{
    const float *ring = s->memory + to->ring_offset;
    c->into = &s->taps[to->first_tap + to->taps - 1];
    c->plain_from = ring + s->plan->room;
    c->plain_to = ring + to->ring_frames - c->sum.frames;
    c->result = c->sum.then ? &c->residual.sum : &c->sum.y;
    *(c->sum.then ? &c->residual.sum_stride : &c->sum.stride) = to->ring_stride;
}

/* The block has to be copied into the ring of this convolution before it is run with others. */
static bool is_written(const wn_step *conv) { return conv->ring >= 0 && !conv->filled; }

static void describe(const wn_stream *s, const wn_step *first, int convs, int count, int group, int frames,
                     wn_plane_call *c)
{
    ptrdiff_t stride = wn_plane_stride(frames);
    int out = first->out / first->groups;
    c->sum = (wn_planes){.frames = (int)stride, .out = out, .n_terms = convs, .terms = c->terms, .stride = stride};
    c->sum.y = s->buffer[first->dst] + (ptrdiff_t)group * out * stride;
    c->old = c->into = NULL;
    c->writes = is_written(first) || is_written(first + convs - 1);
    set_start(s, first, group, &c->sum);
    for (int i = 0; i < convs; i++) describe_taps(s, &first[i], group, frames, &c->terms[i]);
    set_rest(s, first, convs, count, frames, c);
    if (count && first->into >= 0) set_result(s, &s->plan->steps[first->into], c);
}

/* With so many convolutions begin the steps that run together from `first` on. */
static int convs_of(const wn_step *first)
{
    return first->together > 1 && first[1].op == WN_OP_CONV && first[1].start == WN_START_ROWS ? 2 : 1;
}

static void describe_calls(wn_stream *s, int frames)
{
    const wn_step *step = s->plan->steps;
    for (wn_plane_call *c = s->calls, *end = c + s->plan->n_calls; c < end; c++, step += step->together) {
        c->first = step;
        c->kept = step->op == WN_OP_CONV && step->groups == 1; /* those of groups differ from group to group */
        if (c->kept) describe(s, step, convs_of(step), step->together, 0, frames, c);
    }
    s->described = (int)wn_plane_stride(frames);
}

/* One step, by itself or, if it has groups, between others. */
static void convolve(wn_stream *s, const wn_step *step, bool alone, int frames)
{
    wn_plane_call c;
    if (step->ring >= 0 && (alone || !step->filled)) write_ring(s, step, frames);
    for (int g = 0; g < step->groups; g++) {
        describe(s, step, 1, 0, g, frames, &c);
        s->plan->kernels->planes(&c.sum);
    }
}

/* Steps whose call is kept. */
static void call(wn_stream *s, wn_plane_call *c, int frames)
{
    const wn_step *first = c->first;
    for (int i = 0; c->writes && i < c->sum.n_terms; i++)
        if (is_written(&first[i])) write_ring(s, &first[i], frames);
    if (c->old) c->residual.old = *c->old;
    if (c->into) *c->result = (float *)*c->into;
    s->plan->kernels->planes(&c->sum);
    bool plain = !c->into || (*c->into >= c->plain_from && *c->into <= c->plain_to);
    if (!plain) repeat_in_ring(s, &s->plan->steps[first->into], frames);
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
        const float *classes = s->taps[step->first_tap + k];
        for (int t = 0; t < frames; t++) {
            if (classes[t] < 0) continue;
            const float *column = step->weight + ((ptrdiff_t)k * step->in + (int)classes[t]) * step->out;
            for (int o = 0; o < step->out; o++) dst[o * stride + t] += column[o];
        }
    }
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
static void run_step(wn_stream *s, const wn_step *step, bool alone, int frames)
{
    const wn_kernels *k = s->plan->kernels;
    const float *src = s->buffer[step->src];
    float *dst = s->buffer[step->dst];
    int stride = (int)wn_plane_stride(frames), n = step->channels * stride;
    switch (step->op) {
    case WN_OP_CONV: convolve(s, step, alone, frames); break;
    case WN_OP_EMBED: embed(s, step, frames); break;
    case WN_OP_ACT: activate(k, step, stride, src, dst); break;
    case WN_OP_GATED: k->gated(&step->act, &step->gate, 1, n, src, 0, dst, 0); break;
    case WN_OP_BLENDED: k->blended(&step->act, &step->gate, 1, n, src, 0, dst, 0); break;
    case WN_OP_ADD_SCALED: k->add_scaled(n, dst, src, step->scale, dst); break;
    case WN_OP_SCALE: k->scale(n, src, step->scale, dst); break;
    case WN_OP_FILM: k->film(1, n, src, 0, s->buffer[step->second], 0, step->shift, dst, 0); break;
    }
}

void wn_planes_step(wn_stream *s, const wn_step *step, int frames)
{
    run_step(s, step, true, frames);
    if (step->ring >= 0) walk(s, step->first_tap, step->first_tap + step->taps, frames);
}

void wn_planes_run(wn_stream *s, int frames)
{
    const wn_plan *plan = s->plan;
    if (s->described != wn_plane_stride(frames)) describe_calls(s, frames);
    for (wn_plane_call *c = s->calls, *end = c + plan->n_calls; c < end; c++) {
        if (c->kept) call(s, c, frames);
        else run_step(s, c->first, false, frames);
    }
    walk(s, 0, plan->n_walking, frames);
}
