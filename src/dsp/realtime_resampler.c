/* SPDX-License-Identifier: MIT
 * realtime_resampler.c - polyphase windowed-sinc resampler.
 * Copyright (c) 2026 the wavenet authors
 *
 * soxr, which resamples files, was measured to be unfit for a device's callback. From 16 to 48 kHz its fixed-rate
 * qualities return nothing for a while and then 9 to 37 ms of sound at once, so the delay and the work of a callback
 * vary by as much. Its variable-rate mode keeps pace but has a delay of 15 ms. Here the cost per frame is constant and
 * the delay is 1.5 ms. */
#include "dsp/realtime_resampler.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/denormals.h"
#include "base/error.h"

enum {
    MIN_RATE = 4000,   /* Hz */
    MAX_RATE = 768000, /* Hz */
    HALF_TAPS = 24,    /* samples of the lower rate on each side of the filter's centre */
    PARTIAL_SUMS = 8,  /* independent partial sums, for vectorization; the number of taps is a multiple */
    PHASES = 512,      /* per sample of the lower rate; linear interpolation between them has an error of -106 dB */
    MAX_EXACT_TABLE = 65536, /* floats: up to this size the table contains all phases that occur */
};
#define KAISER_BETA 9.2 /* Kaiser window: 92 dB of stopband attenuation */
#define PI 3.14159265358979323846

/* Output n lies at n * from / to samples of the input. The position of the next output, relative to the newest input,
 * is an integer in units of 1 / to sample, so it does not drift. */
struct wn_realtime_resampler {
    int from, to; /* rates divided by their greatest common divisor */
    double delay; /* seconds */
    int taps;
    int phases;       /* per sample of the input */
    bool exact;       /* phases == to: no interpolation between phases */
    float *table;     /* [phases + 1][taps], weight of the oldest sample first */
    float *history;   /* [2][taps]: a ring stored twice, so that the taps samples from any index on are contiguous */
    int oldest;       /* index of the oldest sample in history */
    int64_t position; /* of the next output */
};

/* ---- the filter ------------------------------------------------------------------------------------------------ */

/* I0, the modified Bessel function of order 0, from its power series. */
static double bessel_i0(double x)
{
    double term = 1, sum = 1;
    for (int k = 1; term > 1e-17 * sum; k++) {
        term *= x / (2 * k) * (x / (2 * k));
        sum += term;
    }
    return sum;
}

/* Kaiser's window ("Nonrecursive digital filter design using the I0-sinh window function", 1974), -1 <= x <= 1. */
static double kaiser_window(double x)
{
    return bessel_i0(KAISER_BETA * sqrt(fmax(0, 1 - x * x))) / bessel_i0(KAISER_BETA);
}

static double sinc(double x) { return x == 0 ? 1 : sin(PI * x) / (PI * x); }

/* Weights row [taps] for an output p / phases samples after the newest input. They sum to 1, so all phases have the
 * same gain. */
static void make_phase(const wn_realtime_resampler *r, int p, double band, float *row)
{
    double sum = 0, half = r->taps / 2;
    for (int pass = 0; pass < 2; pass++)
        for (int k = 0; k < r->taps; k++) {
            double t = (double)p / r->phases + k - half; /* from the filter's centre to the k-th newest sample */
            double x = sinc(band * t) * kaiser_window(t / half);
            if (pass)
                row[r->taps - 1 - k] = (float)(x / sum);
            else
                sum += x;
        }
}

static void init_sizes(wn_realtime_resampler *r)
{
    double width = fmax(1, (double)r->from / r->to); /* a sample of the lower rate, in samples of the input */
    r->taps = ((int)ceil(2 * HALF_TAPS * width) + PARTIAL_SUMS - 1) / PARTIAL_SUMS * PARTIAL_SUMS;
    r->exact = (int64_t)(r->to + 1) * r->taps <= MAX_EXACT_TABLE;
    r->phases = r->exact ? r->to : (int)ceil(PHASES / width);
}

/* ---- construction ---------------------------------------------------------------------------------------------- */

static bool is_valid_rate(double rate) { return rate >= MIN_RATE && rate <= MAX_RATE && rate == floor(rate); }

static int greatest_common_divisor(int a, int b) { return b ? greatest_common_divisor(b, a % b) : a; }

static wn_status make_table(wn_realtime_resampler *r, wn_error *error)
{
    init_sizes(r);
    size_t taps = (size_t)r->taps;
    r->table = calloc(((size_t)r->phases + 1) * taps, sizeof *r->table);
    r->history = calloc(2 * taps, sizeof *r->history);
    if (!r->table || !r->history) return wn_fail_memory(error, NULL);
    for (int p = 0; p <= r->phases; p++)
        make_phase(r, p, fmin(1, (double)r->to / r->from), r->table + (size_t)p * taps);
    return WN_OK;
}

wn_status wn_realtime_resampler_new(wn_realtime_resampler **out, double from, double to, wn_error *error)
{
    *out = NULL;
    if (!is_valid_rate(from) || !is_valid_rate(to))
        return wn_fail(error, WN_ERROR_UNSUPPORTED, NULL,
                       "cannot resample from %g to %g Hz in real time; both must be whole numbers from %d to %d Hz",
                       from, to, MIN_RATE, MAX_RATE);
    wn_realtime_resampler *r = calloc(1, sizeof *r);
    if (!r) return wn_fail_memory(error, NULL);
    int divisor = greatest_common_divisor((int)from, (int)to);
    r->from = (int)from / divisor;
    r->to = (int)to / divisor;
    wn_status status = make_table(r, error);
    r->delay = r->taps / 2 / from;
    if (status)
        wn_realtime_resampler_free(r);
    else
        *out = r;
    return status;
}

void wn_realtime_resampler_free(wn_realtime_resampler *resampler)
{
    if (!resampler) return;
    free(resampler->table);
    free(resampler->history);
    free(resampler);
}

double wn_realtime_resampler_get_delay(const wn_realtime_resampler *resampler) { return resampler->delay; }

int wn_realtime_resampler_get_period(const wn_realtime_resampler *resampler) { return resampler->from; }

int wn_realtime_resampler_get_capacity(const wn_realtime_resampler *resampler, int frames)
{
    return (int)(((int64_t)frames * resampler->to + resampler->from - 1) / resampler->from);
}

/* ---- running --------------------------------------------------------------------------------------------------- */

/* The order of additions is fixed, so all machines give the same bits: PARTIAL_SUMS sums, then their sum. */
static float dot_product(int n, const float *a, const float *b)
{
    float s[PARTIAL_SUMS] = {0};
    for (int i = 0; i < n; i += PARTIAL_SUMS)
        for (int k = 0; k < PARTIAL_SUMS; k++) s[k] += a[i + k] * b[i + k];
    return ((s[0] + s[4]) + (s[2] + s[6])) + ((s[1] + s[5]) + (s[3] + s[7]));
}

static float interpolate(const wn_realtime_resampler *r)
{
    int64_t phase = r->exact ? r->position : r->position * r->phases / r->to;
    const float *row = r->table + (size_t)phase * (size_t)r->taps, *history = r->history + r->oldest;
    float y = dot_product(r->taps, row, history);
    if (r->exact) return y;
    float fraction = (float)(r->position * r->phases % r->to) / (float)r->to;
    return y + fraction * (dot_product(r->taps, row + r->taps, history) - y);
}

static void push_sample(wn_realtime_resampler *r, float x)
{
    r->history[r->oldest] = r->history[r->oldest + r->taps] = x;
    r->oldest = r->oldest + 1 == r->taps ? 0 : r->oldest + 1;
}

int wn_realtime_resampler_run(wn_realtime_resampler *r, const float *in, int frames, float *out)
{
    uint64_t before = wn_denormals_flush();
    int written = 0;
    for (int t = 0; t < frames; t++) {
        push_sample(r, in[t]);
        for (; r->position < r->to; r->position += r->from) out[written++] = interpolate(r);
        r->position -= r->to;
    }
    wn_denormals_restore(before);
    return written;
}
