/* SPDX-License-Identifier: MIT
 * verify_layer.c - one convolution of a plan against its expanded kernel, in the frequency domain.
 * Copyright (c) 2026 the wavenet authors */
#include "analysis/verify_layer.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/fft.h"

double wn_error_sum_db(const wn_error_sum *sum)
{
    if (sum->difference == 0) return WN_VERIFY_EXACT;
    double db = 10 * log10(sum->difference / sum->reference);
    return isfinite(db) ? fmax(db, WN_VERIFY_EXACT) : (double)INFINITY;
}

int wn_verify_block(wn_random_sequence *noise, int ring_frames, int most)
{
    int n = 1 + wn_random_sequence_below(noise, most);
    for (int tries = 0; tries < 8 && ring_frames % n == 0; tries++) n = 1 + wn_random_sequence_below(noise, most);
    return n;
}

/* A convolution at work: what went in, what the engine started from and what it gave. */
typedef struct trial {
    const wn_op *op;
    int in, out, width; /* channels; of a row of input: 1 for classes */
    int ring_frames;    /* 0: it never looks back */
    bool adds;          /* it goes on with a sum of every frame */
    int64_t frames;
    float *x, *start, *y; /* [frames][in, or 1 class], [frames][out], [frames][out] */
    wn_fft fft;
    double complex *inputs; /* [in][bins] */
    double complex *sum;    /* [bins] */
} trial;

static void close_trial(trial *t)
{
    free(t->x);
    free(t->start);
    free(t->y);
    fftw_free(t->inputs);
    fftw_free(t->sum);
    wn_fft_close(&t->fft);
}

/* Three rings and a piece of signal; the transform holds it and the kernel's tail. */
static bool open_trial(trial *t, const wn_plan *plan, int index)
{
    const wn_op *op = &plan->ops.op[index];
    const wn_conv *c = op->conv;
    int64_t length = (int64_t)(c->kernel - 1) * c->dilation + 1;
    *t = (trial){.op = op, .in = c->in, .out = c->out, .width = plan->ops.value[op->src].channels};
    if (op->kind == WN_OP_EMBED) t->width = 1;
    t->adds = op->add != WN_NO_VALUE && plan->ops.value[op->add].rate == WN_RATE_SAMPLE;
    if (plan->ring[index]) t->ring_frames = plan->ring[index]->capacity;
    t->frames = 3 * (int64_t)t->ring_frames + 3 * WN_VERIFY_BLOCK;
    t->x = calloc((size_t)t->frames, (size_t)t->width * sizeof *t->x);
    t->start = calloc((size_t)t->frames, (size_t)t->out * sizeof *t->start);
    t->y = calloc((size_t)t->frames, (size_t)t->out * sizeof *t->y);
    if (!t->x || !t->start || !t->y || !wn_fft_open(&t->fft, (size_t)(t->frames + length - 1))) return false;
    if ((size_t)t->in > SIZE_MAX / (t->fft.bins * sizeof *t->inputs)) return false;
    t->inputs = fftw_malloc((size_t)t->in * t->fft.bins * sizeof *t->inputs);
    t->sum = fftw_malloc(t->fft.bins * sizeof *t->sum);
    return t->inputs && t->sum;
}

static void draw_signal(trial *t, wn_random_sequence *noise)
{
    for (int64_t i = 0; i < t->frames * t->width; i++)
        t->x[i] = t->op->kind == WN_OP_EMBED ? (float)wn_random_sequence_below(noise, t->in)
                                             : wn_random_sequence_signal(noise);
    if (t->adds)
        for (int64_t i = 0; i < t->frames * t->out; i++) t->start[i] = 0.1f * wn_random_sequence_signal(noise);
}

/* The bias, with the held condition's share where there is one, as the starting value of every frame. */
static void read_starts(trial *t, const wn_stream *stream)
{
    const float *row = t->op->add != WN_NO_VALUE ? wn_stream_held_row(stream, t->op->add) : t->op->bias;
    if (t->adds || !row) return;
    for (int64_t f = 0; f < t->frames; f++) memcpy(t->start + f * t->out, row, (size_t)t->out * sizeof *row);
}

/* The next block's length. One block begins exactly where the ring does, in its third turn: only there does a read of
 * one frame ago leave the ring at its start. */
static int64_t cut_block(const trial *t, int64_t frame, int most, wn_random_sequence *noise)
{
    int64_t ring = t->ring_frames, n = wn_verify_block(noise, t->ring_frames, most);
    if (frame < 2 * ring && frame + n > 2 * ring) n = 2 * ring - frame;
    return n < t->frames - frame ? n : t->frames - frame;
}

static void run_engine(trial *t, wn_stream *stream, int index, wn_random_sequence *noise)
{
    for (int64_t f = 0; f < t->frames;) {
        int64_t n = cut_block(t, f, stream->plan->max_frames, noise);
        wn_stream_put(stream, t->op->src, (int)n, t->x + f * t->width);
        if (t->adds) wn_stream_put(stream, t->op->add, (int)n, t->start + f * t->out);
        wn_stream_run_op(stream, index, (int)n);
        wn_stream_get(stream, t->op->dst, (int)n, t->y + f * t->out);
        f += n;
    }
}

static void transform_inputs(trial *t)
{
    memset(t->fft.time, 0, t->fft.n * sizeof *t->fft.time);
    for (int i = 0; i < t->in; i++) {
        for (int64_t f = 0; f < t->frames; f++)
            t->fft.time[f] =
                t->op->kind == WN_OP_EMBED ? (double)(t->x[f] == (float)i) : (double)t->x[f * t->width + i];
        wn_fft_forward(&t->fft);
        memcpy(t->inputs + (size_t)i * t->fft.bins, t->fft.spectrum, t->fft.bins * sizeof *t->inputs);
    }
}

/* The kernel of one channel pair at its full length: taps with dilation-1 zeros between them, the present first. */
static void transform_kernel(trial *t, const float *weight)
{
    const wn_conv *c = t->op->conv;
    memset(t->fft.time, 0, t->fft.n * sizeof *t->fft.time);
    for (int64_t k = 0; k < c->kernel; k++)
        t->fft.time[(c->kernel - 1 - k) * c->dilation] = (double)weight[k] * (double)t->op->weight_scale;
    wn_fft_forward(&t->fft);
}

/* Output channel o into fft.time, from the model's own weights [out][in/groups][kernel]. */
static void convolve(trial *t, int o)
{
    const wn_conv *c = t->op->conv;
    int in = c->in / c->groups, first = o / (c->out / c->groups) * in;
    memset(t->sum, 0, t->fft.bins * sizeof *t->sum);
    for (int i = 0; i < in; i++) {
        const double complex *x = t->inputs + (size_t)(first + i) * t->fft.bins;
        transform_kernel(t, c->weight + ((int64_t)o * in + i) * c->kernel);
        /* written out, because C's complex product looks for infinities and is many times slower */
        for (size_t b = 0; b < t->fft.bins; b++) {
            double re = creal(x[b]), im = cimag(x[b]), kr = creal(t->fft.spectrum[b]), ki = cimag(t->fft.spectrum[b]);
            double *sum = (double *)&t->sum[b];
            sum[0] += re * kr - im * ki;
            sum[1] += re * ki + im * kr;
        }
    }
    memcpy(t->fft.spectrum, t->sum, t->fft.bins * sizeof *t->sum);
    wn_fft_backward(&t->fft);
}

static double compare(trial *t)
{
    wn_error_sum sum = {0};
    int out = t->out;
    for (int o = 0; o < out; o++) {
        convolve(t, o);
        for (int64_t f = 0; f < t->frames; f++)
            wn_error_sum_add(&sum, t->y[f * out + o], t->fft.time[f] + (double)t->start[f * out + o]);
    }
    return wn_error_sum_db(&sum);
}

bool wn_verify_layer(wn_verify_row *row, wn_stream *stream, int index)
{
    const wn_conv *c = stream->plan->ops.op[index].conv;
    wn_random_sequence noise = wn_random_sequence_start((uint64_t)index + 1, 0, 0);
    trial t;
    bool ok = open_trial(&t, stream->plan, index);
    *row = (wn_verify_row){.in = c->in,
                           .out = c->out,
                           .kernel = c->kernel,
                           .dilation = c->dilation,
                           .groups = c->groups,
                           .ring_frames = t.ring_frames,
                           .frames = t.frames,
                           .error_db = (double)INFINITY};
    wn_op_name(t.op, row->name);
    if (ok) {
        draw_signal(&t, &noise);
        read_starts(&t, stream);
        run_engine(&t, stream, index, &noise);
        transform_inputs(&t);
        row->error_db = compare(&t);
        row->ok = row->error_db <= WN_VERIFY_LAYER_DB;
    }
    close_trial(&t);
    return ok;
}
