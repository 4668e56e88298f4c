/* SPDX-License-Identifier: MIT
 * stage.c - the kinds of condition stages. A new kind is a row of this file and an id in model.h.
 * Copyright (c) 2026 the wavenet authors */
#include "model/stage.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/integer.h"

/* ---- conv over frames: output t sees input t .. t + kernel - 1 ---------------------------------------------------- */

static int64_t conv_length(const wn_stage *s, int64_t n) { return n - (s->conv.kernel - 1); }
static void conv_needed(const wn_stage *s, int64_t *lo, int64_t *hi) { *hi += s->conv.kernel - 1; }
static int64_t conv_max_needed(const wn_stage *s, int64_t n) { return n + s->conv.kernel - 1; }

static int conv_terms(const wn_stage *s) { return s->conv.in * s->conv.kernel; }

static wn_stage_term conv_term(const wn_stage *s, int64_t total, int channel, int64_t t, int i)
{
    return (wn_stage_term){channel * conv_terms(s) + i, i / s->conv.kernel, t + i % s->conv.kernel, 1};
}

static void conv_run(const wn_stage *s, const wn_stage_rows *x, int64_t t, float *y)
{
    const wn_conv *c = &s->conv;
    const float *w = c->weight;
    for (int o = 0; o < c->out; o++) {
        float sum = c->has_bias ? c->bias[o] : 0;
        for (int i = 0; i < c->in; i++)
            for (int k = 0; k < c->kernel; k++) sum += *w++ * x->data[(t + k - x->lo) * x->channels + i];
        y[o] = sum;
    }
}

static void describe_conv(const wn_stage *s, int width, char *text, size_t size)
{
    snprintf(text, size, "%d -> %d, kernel %d", width, s->conv.out, s->conv.kernel);
}

/* ---- upsampling by a factor --------------------------------------------------------------------------------------- */

static int64_t upsampled_length(const wn_stage *s, int64_t n) { return n * s->factor; }
static int64_t upsampled_max_needed(const wn_stage *s, int64_t n) { return n / s->factor + 3; }

static void upsample_needed(const wn_stage *s, int64_t *lo, int64_t *hi)
{
    *lo /= s->factor;
    *hi = (*hi - 1) / s->factor + 1 + (s->linear ? 1 : 0);
}

/* Share of the next frame in output frame t. */
static double upsample_mix(const wn_stage *s, int64_t t) { return s->linear ? (double)(t % s->factor) / s->factor : 0; }

static int upsample_terms(const wn_stage *s) { return s->linear ? 2 : 1; }

/* The last frame has no next one and stays. */
static wn_stage_term upsample_term(const wn_stage *s, int64_t total, int channel, int64_t t, int i)
{
    int64_t from = t / s->factor, last = total - 1;
    double mix = upsample_mix(s, t);
    return (wn_stage_term){-1, channel, from + i < last ? from + i : last, i ? mix : 1 - mix};
}

static void upsample_run(const wn_stage *s, const wn_stage_rows *x, int64_t t, float *y)
{
    int64_t from = t / s->factor;
    const float *a = x->data + (from - x->lo) * x->channels;
    if (!s->linear || from + 1 >= x->total) {
        memcpy(y, a, (size_t)x->channels * sizeof(float));
        return;
    }
    float mix = (float)(t % s->factor) / (float)s->factor;
    for (int c = 0; c < x->channels; c++) y[c] = a[c] + mix * (a[c + x->channels] - a[c]);
}

static void describe_upsample(const wn_stage *s, int width, char *text, size_t size)
{
    snprintf(text, size, "each frame %s %d", s->linear ? "interpolated to" : "repeated to", s->factor);
}

/* ---- 2-D convolution over (channel, frame) ------------------------------------------------------------------------ */

static int64_t same_length(const wn_stage *s, int64_t n) { return n; }

static void conv_2d_needed(const wn_stage *s, int64_t *lo, int64_t *hi)
{
    *lo -= (s->width - 1) / 2;
    *hi += (s->width - 1) / 2;
}

static int64_t conv_2d_max_needed(const wn_stage *s, int64_t n) { return n + s->width; }
static int conv_2d_terms(const wn_stage *s) { return s->height * s->width; }

static wn_stage_term conv_2d_term(const wn_stage *s, int64_t total, int channel, int64_t t, int i)
{
    return (wn_stage_term){i, channel + i / s->width - (s->height - 1) / 2, t + i % s->width - (s->width - 1) / 2, 1};
}

static void conv_2d_run(const wn_stage *s, const wn_stage_rows *x, int64_t t, float *y)
{
    int up = (s->height - 1) / 2, back = (s->width - 1) / 2;
    for (int f = 0; f < x->channels; f++) {
        float sum = s->bias ? s->bias[0] : 0;
        for (int i = 0; i < s->height; i++)
            for (int j = 0; j < s->width; j++) {
                int64_t at = t + j - back;
                int from = f + i - up;
                if (at >= 0 && at < x->total && from >= 0 && from < x->channels)
                    sum += s->kernel[i * s->width + j] * x->data[(at - x->lo) * x->channels + from];
            }
        y[f] = sum;
    }
}

static void describe_conv_2d(const wn_stage *s, int width, char *text, size_t size)
{
    snprintf(text, size, "kernel %d channels x %d frames", s->height, s->width);
}

/* ---- 2-D transposed convolution: as wide as its stride, so each output frame sees one input frame ----------------- */

static void transposed_2d_needed(const wn_stage *s, int64_t *lo, int64_t *hi)
{
    *lo /= s->factor;
    *hi = (*hi - 1) / s->factor + 1;
}

static int transposed_2d_terms(const wn_stage *s) { return s->height; }

/* The time within the frame chooses the column of the kernel. */
static wn_stage_term transposed_2d_term(const wn_stage *s, int64_t total, int channel, int64_t t, int i)
{
    return (wn_stage_term){i * s->width + (int)(t % s->factor), channel - i + (s->height - 1) / 2, t / s->factor, 1};
}

static void describe_transposed_2d(const wn_stage *s, int width, char *text, size_t size)
{
    snprintf(text, size, "each frame to %d, kernel %d channels", s->factor, s->height);
}

/* ---- transposed conv over frames: x[t] reaches y[f t - trim] .. y[f t - trim + kernel - 1] ------------------------ */

static void transposed_needed(const wn_stage *s, int64_t *lo, int64_t *hi)
{
    *lo = wn_divide_floor(*lo + s->trim - (s->conv.kernel - 1) + s->factor - 1, s->factor);
    *hi = (*hi - 1 + s->trim) / s->factor + 1;
}

static int64_t transposed_max_needed(const wn_stage *s, int64_t n) { return (n + s->conv.kernel) / s->factor + 3; }

/* Input frames that reach one output frame, at most. */
static int transposed_frames(const wn_stage *s) { return (s->conv.kernel - 1) / s->factor + 1; }

static int transposed_terms(const wn_stage *s) { return transposed_frames(s) * s->conv.in; }

/* The input frames in order of time, all channels of each. Tap j of input frame t reaches output frame f t - trim + j. */
static wn_stage_term transposed_term(const wn_stage *s, int64_t total, int channel, int64_t t, int i)
{
    int in = i % s->conv.in;
    int64_t from = (t + s->trim) / s->factor - (transposed_frames(s) - 1 - i / s->conv.in);
    int64_t tap = t + s->trim - from * s->factor;
    if (tap >= s->conv.kernel) return (wn_stage_term){.t = -1};
    return (wn_stage_term){(in * s->conv.out + channel) * s->conv.kernel + (int)tap, in, from, 1};
}

static void transposed_run(const wn_stage *s, const wn_stage_rows *x, int64_t t, float *y)
{
    const wn_conv *c = &s->conv;
    for (int o = 0; o < c->out; o++) y[o] = c->has_bias ? c->bias[o] : 0;
    for (int64_t from = x->lo; from < x->hi; from++) {
        int64_t j = t + s->trim - from * s->factor;
        if (j < 0 || j >= c->kernel) continue;
        const float *row = x->data + (from - x->lo) * x->channels;
        for (int i = 0; i < c->in; i++)
            for (int o = 0; o < c->out; o++) y[o] += c->weight[((int64_t)i * c->out + o) * c->kernel + j] * row[i];
    }
}

static void describe_transposed(const wn_stage *s, int width, char *text, size_t size)
{
    snprintf(text, size, "%d -> %d, each frame to %d, kernel %d, trim %d", width, s->conv.out, s->factor,
             s->conv.kernel, s->trim);
}

/* ---- crop at both ends -------------------------------------------------------------------------------------------- */

static int64_t crop_length(const wn_stage *s, int64_t n) { return n - 2 * (int64_t)s->trim; }

static void crop_needed(const wn_stage *s, int64_t *lo, int64_t *hi)
{
    *lo += s->trim;
    *hi += s->trim;
}

static int64_t same_max_needed(const wn_stage *s, int64_t n) { return n; }

static int crop_terms(const wn_stage *s) { return 1; }

static wn_stage_term crop_term(const wn_stage *s, int64_t total, int channel, int64_t t, int i)
{
    return (wn_stage_term){-1, channel, t + s->trim, 1};
}

static void crop_run(const wn_stage *s, const wn_stage_rows *x, int64_t t, float *y)
{
    memcpy(y, x->data + (t + s->trim - x->lo) * x->channels, (size_t)x->channels * sizeof(float));
}

static void describe_crop(const wn_stage *s, int width, char *text, size_t size)
{
    snprintf(text, size, "%d frames at each end", s->trim);
}

/* ---- the kinds ---------------------------------------------------------------------------------------------------- */

const wn_stage_type wn_stage_types[] = {
    [WN_STAGE_CONV] = {.name = "conv",
                       .parts = WN_STAGE_HAS_CONV | WN_STAGE_HAS_ACT,
                       .length = conv_length,
                       .needed = conv_needed,
                       .max_needed = conv_max_needed,
                       .terms = conv_terms,
                       .term = conv_term,
                       .run = conv_run,
                       .describe = describe_conv},
    [WN_STAGE_UPSAMPLE] = {.name = "stretch",
                           .parts = WN_STAGE_HAS_FACTOR | WN_STAGE_HAS_LINEAR,
                           .length = upsampled_length,
                           .needed = upsample_needed,
                           .max_needed = upsampled_max_needed,
                           .terms = upsample_terms,
                           .term = upsample_term,
                           .run = upsample_run,
                           .describe = describe_upsample},
    [WN_STAGE_CONV_2D] = {.name = "smooth",
                          .parts = WN_STAGE_HAS_KERNEL_2D | WN_STAGE_HAS_ACT,
                          .length = same_length,
                          .needed = conv_2d_needed,
                          .max_needed = conv_2d_max_needed,
                          .terms = conv_2d_terms,
                          .term = conv_2d_term,
                          .run = conv_2d_run,
                          .describe = describe_conv_2d},
    [WN_STAGE_TRANSPOSED_2D] = {.name = "transposed-2d",
                                .parts = WN_STAGE_HAS_FACTOR | WN_STAGE_HAS_KERNEL_2D | WN_STAGE_HAS_ACT,
                                .length = upsampled_length,
                                .needed = transposed_2d_needed,
                                .max_needed = upsampled_max_needed,
                                .terms = transposed_2d_terms,
                                .term = transposed_2d_term,
                                .describe = describe_transposed_2d},
    [WN_STAGE_TRANSPOSED] = {.name = "transposed",
                             .parts =
                                 WN_STAGE_HAS_FACTOR | WN_STAGE_HAS_TRANSPOSED | WN_STAGE_HAS_TRIM | WN_STAGE_HAS_ACT,
                             .length = upsampled_length,
                             .needed = transposed_needed,
                             .max_needed = transposed_max_needed,
                             .terms = transposed_terms,
                             .term = transposed_term,
                             .run = transposed_run,
                             .describe = describe_transposed},
    [WN_STAGE_CROP] = {.name = "cut",
                       .parts = WN_STAGE_HAS_TRIM,
                       .length = crop_length,
                       .needed = crop_needed,
                       .max_needed = same_max_needed,
                       .terms = crop_terms,
                       .term = crop_term,
                       .run = crop_run,
                       .describe = describe_crop},
};
_Static_assert(sizeof wn_stage_types / sizeof *wn_stage_types == WN_STAGE_COUNT, "a row for every kind of stage");

/* ---- running ------------------------------------------------------------------------------------------------------ */

enum { ANY_CONV = WN_STAGE_HAS_CONV | WN_STAGE_HAS_TRANSPOSED };

static float stage_bias(const wn_stage *s, int channel)
{
    if (wn_stage_has(s, ANY_CONV)) return s->conv.has_bias ? s->conv.bias[channel] : 0;
    return s->bias ? s->bias[0] : 0;
}

void wn_stage_run_terms(const wn_stage *s, const wn_stage_rows *x, int64_t t, float *y)
{
    const wn_stage_type *type = &wn_stage_types[s->kind];
    const float *weight = wn_stage_has(s, ANY_CONV) ? s->conv.weight : s->kernel;
    int n = type->terms(s);
    for (int c = 0; c < wn_stage_channels(s, x->channels); c++) {
        float sum = stage_bias(s, c);
        for (int i = 0; i < n; i++) {
            wn_stage_term term = type->term(s, x->total, c, t, i);
            if (term.t < 0 || term.t >= x->total || term.channel < 0 || term.channel >= x->channels) continue;
            float w = (float)term.factor * (term.weight < 0 ? 1 : weight[term.weight]);
            sum += w * x->data[(term.t - x->lo) * x->channels + term.channel];
        }
        y[c] = sum;
    }
}

void wn_stage_run(const wn_stage *s, const wn_stage_rows *x, int64_t t, float *y)
{
    const wn_stage_type *type = &wn_stage_types[s->kind];
    (type->run ? type->run : wn_stage_run_terms)(s, x, t, y);
}

/* ---- geometry ----------------------------------------------------------------------------------------------------- */

int wn_stage_rate(const wn_stage *s) { return wn_stage_has(s, WN_STAGE_HAS_FACTOR) ? s->factor : 1; }

int wn_stage_channels(const wn_stage *s, int channels)
{
    return wn_stage_has(s, WN_STAGE_HAS_CONV | WN_STAGE_HAS_TRANSPOSED) ? s->conv.out : channels;
}

int64_t wn_stage_length(const wn_stage *s, int64_t n)
{
    n = wn_stage_types[s->kind].length(s, n);
    return n < 0 ? 0 : n;
}

void wn_stage_needed(const wn_stage *s, int64_t n, int64_t *lo, int64_t *hi)
{
    wn_stage_types[s->kind].needed(s, lo, hi);
    if (*lo < 0) *lo = 0;
    if (*hi > n) *hi = n;
    if (*lo > *hi) *lo = *hi;
}

int64_t wn_stage_max_needed(const wn_stage *s, int64_t n) { return wn_stage_types[s->kind].max_needed(s, n); }

bool wn_stage_needs_neighbours(const wn_stage *s)
{
    int rate = wn_stage_rate(s);
    for (int64_t t = 0; t<rate; t += rate> 1 ? rate - 1 : 1) { /* the first and the last of one frame's outputs */
        int64_t lo = t, hi = t + 1;
        wn_stage_types[s->kind].needed(s, &lo, &hi);
        if (lo < 0 || hi > 1) return true;
    }
    return false;
}

int64_t wn_condition_length(const wn_condition *c, int64_t rows)
{
    for (int i = 0; i < c->n_stages; i++) rows = wn_stage_length(&c->stages[i], rows);
    return rows;
}

int wn_condition_context(const wn_condition *c)
{
    const int64_t many = (int64_t)1 << 32; /* longer than any context */
    double frames = 0.0, rate = 1.0;
    for (int i = 0; i < c->n_stages; i++) {
        const wn_stage *s = &c->stages[i];
        frames += (double)(many * wn_stage_rate(s) - wn_stage_types[s->kind].length(s, many)) / rate;
        rate *= wn_stage_rate(s);
    }
    return (int)ceil(frames - 1e-9);
}
