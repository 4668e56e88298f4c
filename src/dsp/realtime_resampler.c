/* SPDX-License-Identifier: MIT
 * realtime_resampler.c - a windowed sinc, moved to each frame's place by a table of its phases.
 * Copyright (c) 2026 the wavenet authors
 *
 * Not soxr, which resamples our files: within a device's callback it was measured to be unfit. From 16 to 48 kHz its
 * fixed-rate qualities give nothing for a while and then 9 to 37 ms of sound at once, so that the delay and the work of a
 * callback vary as much; its variable-rate mode, which keeps pace, is 15 ms late. Here every frame costs the same and is
 * 1.5 ms late. */
#include "dsp/realtime_resampler.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/denormals.h"
#include "base/error.h"

enum {
    SLOWEST = 4000,
    FASTEST = 768000,
    SIDE = 24,           /* samples of the lower rate on either side of the filter's middle */
    SUMS = 8,            /* independent partial sums, as vectors want them; divides the taps */
    PHASES = 512,        /* a sample of the lower rate; lines between them are within -106 dB of the curve */
    EXACT_TABLE = 65536, /* floats: a table of all phases that occur, where it is no larger than this */
};
#define BETA 9.2 /* of Kaiser's window: 92 dB */
#define PI 3.14159265358979323846

/* Output n lies at n * from / to in samples of the input. The place of the next one, behind the newest input, is kept in
 * 1 / to of a sample: whole numbers, so that nothing drifts. */
struct wn_realtime_resampler {
    int from, to;  /* reduced */
    double delay;  /* seconds */
    int taps;
    int phases;    /* of a sample of the input */
    bool exact;    /* phases == to: no lines between them */
    float *table;  /* [phases + 1][taps], for the oldest sample first */
    float *past;   /* [2][taps]: a ring, twice, so that from any place on there is a whole turn */
    int at;        /* of the oldest in `past` */
    int64_t place; /* of the next output */
};

/* ---- the filter ----------------------------------------------------------------------------------------------- */

/* I0, the modified Bessel function of order 0, by its power series. */
static double bessel(double x)
{
    double term = 1, sum = 1;
    for (int k = 1; term > 1e-17 * sum; k++) {
        term *= x / (2 * k) * (x / (2 * k));
        sum += term;
    }
    return sum;
}

/* Kaiser's window ("Nonrecursive digital filter design using the I0-sinh window function", 1974), -1 <= x <= 1. */
static double window(double x) { return bessel(BETA * sqrt(fmax(0, 1 - x * x))) / bessel(BETA); }

static double sinc(double x) { return x == 0 ? 1 : sin(PI * x) / (PI * x); }

/* Row p answers for an output p / phases of a sample behind the newest input; its sum is 1, so that no phase is louder. */
static void fill_row(const wn_realtime_resampler *c, int p, double band, float *row)
{
    double sum = 0, half = c->taps / 2;
    for (int pass = 0; pass < 2; pass++)
        for (int k = 0; k < c->taps; k++) {
            double t = (double)p / c->phases + k - half; /* from the middle of the filter to the k-th newest */
            double x = sinc(band * t) * window(t / half);
            if (pass)
                row[c->taps - 1 - k] = (float)(x / sum);
            else
                sum += x;
        }
}

static void choose_sizes(wn_realtime_resampler *c)
{
    double wide = fmax(1, (double)c->from / c->to); /* the lower rate's sample in samples of the input */
    c->taps = ((int)ceil(2 * SIDE * wide) + SUMS - 1) / SUMS * SUMS;
    c->exact = (int64_t)(c->to + 1) * c->taps <= EXACT_TABLE;
    c->phases = c->exact ? c->to : (int)ceil(PHASES / wide);
}

/* ---- making --------------------------------------------------------------------------------------------------- */

static bool is_rate(double rate) { return rate >= SLOWEST && rate <= FASTEST && rate == floor(rate); }

static int common(int a, int b) { return b ? common(b, a % b) : a; }

static wn_status make(wn_realtime_resampler *c, wn_error *error)
{
    choose_sizes(c);
    size_t taps = (size_t)c->taps;
    c->table = calloc(((size_t)c->phases + 1) * taps, sizeof *c->table);
    c->past = calloc(2 * taps, sizeof *c->past);
    if (!c->table || !c->past) return wn_fail_memory(error, NULL);
    for (int p = 0; p <= c->phases; p++)
        fill_row(c, p, fmin(1, (double)c->to / c->from), c->table + (size_t)p * taps);
    return WN_OK;
}

wn_status wn_realtime_resampler_new(wn_realtime_resampler **out, double from, double to, wn_error *error)
{
    *out = NULL;
    if (!is_rate(from) || !is_rate(to))
        return wn_fail(error, WN_ERROR_UNSUPPORTED, NULL,
                       "from %g to %g Hz cannot be converted in real time, only whole numbers from %d to %d Hz", from, to,
                       SLOWEST, FASTEST);
    wn_realtime_resampler *c = calloc(1, sizeof *c);
    if (!c) return wn_fail_memory(error, NULL);
    int divisor = common((int)from, (int)to);
    c->from = (int)from / divisor;
    c->to = (int)to / divisor;
    wn_status status = make(c, error);
    c->delay = c->taps / 2 / from;
    if (status)
        wn_realtime_resampler_free(c);
    else
        *out = c;
    return status;
}

void wn_realtime_resampler_free(wn_realtime_resampler *converter)
{
    if (!converter) return;
    free(converter->table);
    free(converter->past);
    free(converter);
}

double wn_realtime_resampler_get_delay(const wn_realtime_resampler *converter) { return converter->delay; }

int wn_realtime_resampler_get_period(const wn_realtime_resampler *converter) { return converter->from; }

int wn_realtime_resampler_get_capacity(const wn_realtime_resampler *converter, int frames)
{
    return (int)(((int64_t)frames * converter->to + converter->from - 1) / converter->from);
}

/* ---- running -------------------------------------------------------------------------------------------------- */

/* In this order on every machine: SUMS sums side by side, then their sum. */
static float dot(int n, const float *a, const float *b)
{
    float s[SUMS] = {0};
    for (int i = 0; i < n; i += SUMS)
        for (int k = 0; k < SUMS; k++) s[k] += a[i + k] * b[i + k];
    return ((s[0] + s[4]) + (s[2] + s[6])) + ((s[1] + s[5]) + (s[3] + s[7]));
}

static float output(const wn_realtime_resampler *c)
{
    int64_t phase = c->exact ? c->place : c->place * c->phases / c->to;
    const float *row = c->table + (size_t)phase * (size_t)c->taps, *past = c->past + c->at;
    float y = dot(c->taps, row, past);
    if (c->exact) return y;
    float part = (float)(c->place * c->phases % c->to) / (float)c->to;
    return y + part * (dot(c->taps, row + c->taps, past) - y);
}

static void take(wn_realtime_resampler *c, float x)
{
    c->past[c->at] = c->past[c->at + c->taps] = x;
    c->at = c->at + 1 == c->taps ? 0 : c->at + 1;
}

int wn_realtime_resampler_run(wn_realtime_resampler *c, const float *in, int frames, float *out)
{
    uint64_t before = wn_denormals_flush();
    int made = 0;
    for (int t = 0; t < frames; t++) {
        take(c, in[t]);
        for (; c->place < c->to; c->place += c->from) out[made++] = output(c);
        c->place -= c->to;
    }
    wn_denormals_restore(before);
    return made;
}
