/* SPDX-License-Identifier: MIT
 * stage.c - the kinds of condition stages. A new kind is a row at the end of this file and an id in model.h; one whose
 * values are not a sum of terms has its own loops in engine/pipeline.c and train/stage.c.
 * Copyright (c) 2026 the wavenet authors */
#include "model/stage.h"

#include <math.h>
#include <stdio.h>

#include "base/integer.h"

/* ---- conv over frames: output t sees input t .. t + kernel - 1 ---------------------------------------------------- */

static int64_t conv_length(const wn_stage *s, int64_t n) { return n - (s->conv.kernel - 1); }
static void conv_needed(const wn_stage *s, int64_t *lo, int64_t *hi) { *hi += s->conv.kernel - 1; }
static int64_t conv_max_needed(const wn_stage *s, int64_t n) { return n + s->conv.kernel - 1; }

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

static wn_stage_term conv_2d_term(const wn_stage *s, int channel, int64_t t, int i)
{
    return (wn_stage_term){i, channel + i / s->width - (s->height - 1) / 2, t + i % s->width - (s->width - 1) / 2};
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
static wn_stage_term transposed_2d_term(const wn_stage *s, int channel, int64_t t, int i)
{
    return (wn_stage_term){i * s->width + (int)(t % s->factor), channel - i + (s->height - 1) / 2, t / s->factor};
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
                       .describe = describe_conv},
    [WN_STAGE_UPSAMPLE] = {.name = "stretch",
                           .parts = WN_STAGE_HAS_FACTOR | WN_STAGE_HAS_LINEAR,
                           .length = upsampled_length,
                           .needed = upsample_needed,
                           .max_needed = upsampled_max_needed,
                           .describe = describe_upsample},
    [WN_STAGE_CONV_2D] = {.name = "smooth",
                          .parts = WN_STAGE_HAS_KERNEL_2D | WN_STAGE_HAS_ACT,
                          .length = same_length,
                          .needed = conv_2d_needed,
                          .max_needed = conv_2d_max_needed,
                          .terms = conv_2d_terms,
                          .term = conv_2d_term,
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
                             .describe = describe_transposed},
    [WN_STAGE_CROP] = {.name = "cut",
                       .parts = WN_STAGE_HAS_TRIM,
                       .length = crop_length,
                       .needed = crop_needed,
                       .max_needed = same_max_needed,
                       .describe = describe_crop},
};
_Static_assert(sizeof wn_stage_types / sizeof *wn_stage_types == WN_STAGE_COUNT, "a row for every kind of stage");

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
