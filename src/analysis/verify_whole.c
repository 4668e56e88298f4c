/* SPDX-License-Identifier: MIT
 * verify_whole.c - a linearised stack is one long convolution: streaming it must equal convolving with that kernel.
 * Copyright (c) 2026 the wavenet authors */
#include "analysis/verify_whole.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/fft.h"
#include "analysis/verify_layer.h"
#include "model/linear.h"
#include "model/receptive.h"

/* The linear network and its signals. */
typedef struct whole {
    wn_model *model;
    wn_plan *plan;
    wn_stream *stream;
    int in, out;
    int64_t kernel, frames; /* impulse response; random signal */
    float *x;               /* [frames][in] */
    float *y;               /* [frames][out], what the engine streamed */
    float *responses;       /* [in][kernel + WN_VERIFY_BLOCK][out] */
    double complex *inputs; /* [in][bins] */
    wn_fft fft;
} whole;

static void close_whole(whole *w)
{
    wn_stream_free(w->stream);
    wn_plan_free(w->plan);
    wn_model_free(w->model);
    free(w->x);
    free(w->y);
    free(w->responses);
    fftw_free(w->inputs);
    wn_fft_close(&w->fft);
}

static int longest_ring(const wn_plan *plan)
{
    int longest = 0;
    for (int i = 0; i < plan->ops.n; i++)
        if (plan->ring[i] && plan->ring[i]->capacity > longest) longest = plan->ring[i]->capacity;
    return longest;
}

static bool allocate_signals(whole *w)
{
    w->x = calloc((size_t)w->frames * (size_t)w->in, sizeof *w->x);
    w->y = calloc((size_t)w->frames * (size_t)w->out, sizeof *w->y);
    w->responses = calloc((size_t)w->in * (size_t)(w->kernel + WN_VERIFY_BLOCK) * (size_t)w->out, sizeof *w->responses);
    if (!w->x || !w->y || !w->responses || !wn_fft_open(&w->fft, (size_t)(w->frames + w->kernel))) return false;
    w->inputs = fftw_malloc((size_t)w->in * w->fft.bins * sizeof *w->inputs);
    return w->inputs != NULL;
}

static wn_status open_whole(whole *w, const wn_model *model, wn_cpu cpu, wn_error *error)
{
    *w = (whole){.in = model->input.n_classes ? 1 : model->input.channels, .out = model->output_channels};
    w->model = wn_model_linearised(model, WN_LINEAR_WEIGHTS);
    if (!w->model) return wn_fail_memory(error, "whole stack");
    wn_status status =
        wn_plan_new(&w->plan, w->model, &(wn_plan_config){.max_frames = WN_VERIFY_BLOCK, .cpu = cpu}, error);
    if (!status) status = wn_stream_new(&w->stream, w->plan, error);
    if (status) return status;
    w->kernel = wn_model_receptive(w->model);
    w->frames = 3 * (int64_t)longest_ring(w->plan) + w->kernel + WN_VERIFY_BLOCK;
    return allocate_signals(w) ? WN_OK : wn_fail_memory(error, "whole stack");
}

/* Stream x [frames][in] to y [frames][out] in blocks of varying length. */
static void stream_signal(whole *w, const float *x, float *y, int64_t frames, wn_random_sequence *noise)
{
    wn_stream_reset(w->stream);
    for (int64_t f = 0; f < frames;) {
        int64_t n = wn_verify_block(noise, longest_ring(w->plan), WN_VERIFY_BLOCK);
        if (n > frames - f) n = frames - f;
        wn_stream_run(w->stream, &(wn_block){.frames = (int)n, .pcm = x + f * w->in, .out = y + f * w->out});
        f += n;
    }
}

/* One impulse a channel, followed a little further than the kernel should last. */
static void take_responses(whole *w, wn_random_sequence *noise)
{
    int64_t length = w->kernel + WN_VERIFY_BLOCK; /* not longer than the signal, whose memory holds the impulses */
    for (int c = 0; c < w->in; c++) {
        w->x[c] = 1;
        stream_signal(w, w->x, w->responses + c * length * w->out, length, noise);
        w->x[c] = 0;
    }
}

static void transform_inputs(whole *w)
{
    memset(w->fft.time, 0, w->fft.n * sizeof *w->fft.time);
    for (int c = 0; c < w->in; c++) {
        for (int64_t f = 0; f < w->frames; f++) w->fft.time[f] = (double)w->x[f * w->in + c];
        wn_fft_forward(&w->fft);
        memcpy(w->inputs + (size_t)c * w->fft.bins, w->fft.spectrum, w->fft.bins * sizeof *w->inputs);
    }
}

/* The contribution of input channel c to output o, into fft.time. */
static void convolve(whole *w, int c, int o)
{
    int64_t length = w->kernel + WN_VERIFY_BLOCK;
    const double complex *x = w->inputs + (size_t)c * w->fft.bins;
    memset(w->fft.time, 0, w->fft.n * sizeof *w->fft.time);
    for (int64_t f = 0; f < w->kernel; f++) w->fft.time[f] = (double)w->responses[(c * length + f) * w->out + o];
    wn_fft_forward(&w->fft);
    for (size_t b = 0; b < w->fft.bins; b++) w->fft.spectrum[b] *= x[b];
    wn_fft_backward(&w->fft);
}

/* Output o of the engine less the reference, and the reference, into `sum`. `reference` [frames] is scratch. */
static void compare_output(whole *w, int o, double *reference, wn_error_sum *sum)
{
    memset(reference, 0, (size_t)w->frames * sizeof *reference);
    for (int c = 0; c < w->in; c++) {
        convolve(w, c, o);
        for (int64_t f = 0; f < w->frames; f++) reference[f] += w->fft.time[f];
    }
    for (int64_t f = 0; f < w->frames; f++) wn_error_sum_add(sum, w->y[f * w->out + o], reference[f]);
}

/* A response after the kernel's end counts as error. */
static void add_tails(const whole *w, wn_error_sum *sum)
{
    int64_t length = w->kernel + WN_VERIFY_BLOCK;
    for (int c = 0; c < w->in; c++)
        for (int64_t i = w->kernel * w->out; i < length * w->out; i++)
            wn_error_sum_add(sum, w->responses[c * length * w->out + i], 0);
}

static wn_status compare(wn_verify *out, whole *w, wn_error *error)
{
    wn_error_sum sum = {0};
    double *reference = malloc((size_t)w->frames * sizeof *reference);
    if (!reference) return wn_fail_memory(error, "whole stack");
    transform_inputs(w);
    for (int o = 0; o < w->out; o++) compare_output(w, o, reference, &sum);
    add_tails(w, &sum);
    free(reference);
    out->whole_kernel = w->kernel;
    out->whole_frames = w->frames;
    out->whole_db = wn_error_sum_db(&sum);
    out->whole_ok = out->whole_db <= WN_VERIFY_WHOLE_DB;
    return WN_OK;
}

wn_status wn_verify_whole(wn_verify *out, const wn_model *model, wn_cpu cpu, wn_error *error)
{
    whole w;
    wn_random_sequence noise = wn_random_sequence_start(2016, 0, 0);
    wn_status status = open_whole(&w, model, cpu, error);
    if (!status) {
        take_responses(&w, &noise);
        for (int64_t i = 0; i < w.frames * w.in; i++) w.x[i] = wn_random_sequence_signal(&noise);
        stream_signal(&w, w.x, w.y, w.frames, &noise);
        status = compare(out, &w, error);
    }
    close_whole(&w);
    return status;
}
