/* SPDX-License-Identifier: MIT
 * stoi.c - short-time objective intelligibility of speech.
 * Copyright (c) 2026 the wavenet authors */
#include "analysis/stoi.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/fft.h"
#include "base/error.h"

enum { FRAME = 256, HOP = FRAME / 2, FFT = 512, BANDS = 15, SEGMENT = 30 };
#define LOWEST 150.0      /* Hz: centre of the lowest third of an octave */
#define RANGE_DB 40.0     /* frames of `a` below its loudest are left out */
#define BETA_DB -15.0     /* lower bound of the signal-to-distortion ratio */
#define TINY 2.220446e-16 /* against divisions by 0 */
#define PI 3.14159265358979323846

typedef struct stoi {
    const float *a, *b;
    int64_t n_frames; /* of the signals */
    int64_t n_kept;   /* of them with speech */
    bool *kept;       /* [n_frames] */
    double window[FRAME];
    double *x, *y;                /* [n_kept frames, overlapped] the signals without silent frames */
    double *bands[2];             /* [n_kept][BANDS] of a and of b */
    int first[BANDS], end[BANDS]; /* bins of the bands */
    wn_fft fft;
} stoi;

static int64_t frames_in(int64_t n) { return n < FRAME ? 0 : (n - FRAME) / HOP + 1; }

/* Hann's window without its zeros; bins nearest to the edges of the thirds of octaves. */
static void init_tables(stoi *s)
{
    double bin = WN_STOI_RATE / FFT;
    for (int i = 0; i < FRAME; i++) s->window[i] = 0.5 - 0.5 * cos(2 * PI * (i + 1) / (FRAME + 1));
    for (int k = 0; k < BANDS; k++) {
        s->first[k] = (int)lround(LOWEST * pow(2, (2 * k - 1) / 6.0) / bin);
        s->end[k] = (int)lround(LOWEST * pow(2, (2 * k + 1) / 6.0) / bin);
    }
}

/* ---- silent frames ------------------------------------------------------------------------------------------------ */

static double frame_db(const stoi *s, const float *x)
{
    double sum = 0;
    for (int i = 0; i < FRAME; i++) sum += s->window[i] * (double)x[i] * s->window[i] * (double)x[i];
    return 20 * log10(sqrt(sum) + TINY);
}

static void find_speech(stoi *s)
{
    double loudest = -INFINITY;
    for (int64_t t = 0; t < s->n_frames; t++) loudest = fmax(loudest, frame_db(s, s->a + t * HOP));
    for (int64_t t = 0; t < s->n_frames; t++) {
        s->kept[t] = frame_db(s, s->a + t * HOP) > loudest - RANGE_DB;
        s->n_kept += s->kept[t];
    }
}

/* Overlap-add the frames with speech, one after the other. */
static void join_speech(const stoi *s, const float *from, double *to)
{
    for (int64_t t = 0; t < s->n_frames; t++) {
        if (!s->kept[t]) continue;
        for (int i = 0; i < FRAME; i++) to[i] += s->window[i] * (double)from[t * HOP + i];
        to += HOP;
    }
}

/* ---- bands -------------------------------------------------------------------------------------------------------- */

static void compute_bands(stoi *s, const double *x, double *bands)
{
    for (int64_t t = 0; t < s->n_kept; t++, x += HOP, bands += BANDS) {
        memset(s->fft.time, 0, s->fft.n * sizeof *s->fft.time);
        for (int i = 0; i < FRAME; i++) s->fft.time[i] = s->window[i] * x[i];
        wn_fft_forward(&s->fft);
        for (int k = 0; k < BANDS; k++) {
            double sum = 0;
            for (int i = s->first[k]; i < s->end[k]; i++)
                sum += creal(s->fft.spectrum[i]) * creal(s->fft.spectrum[i]) +
                       cimag(s->fft.spectrum[i]) * cimag(s->fft.spectrum[i]);
            bands[k] = sqrt(sum);
        }
    }
}

static double norm_of(const double *x)
{
    double sum = 0;
    for (int i = 0; i < SEGMENT; i++) sum += x[i] * x[i];
    return sqrt(sum);
}

static void remove_mean(double *x)
{
    double mean = 0;
    for (int i = 0; i < SEGMENT; i++) mean += x[i] / SEGMENT;
    for (int i = 0; i < SEGMENT; i++) x[i] -= mean;
}

/* Correlation of one band of both over a segment, with b scaled to the energy of a and clipped. */
static double segment_correlation(const double *a, const double *b)
{
    double x[SEGMENT], y[SEGMENT], sum = 0;
    for (int i = 0; i < SEGMENT; i++) {
        x[i] = a[i * BANDS];
        y[i] = b[i * BANDS];
    }
    double gain = norm_of(x) / (norm_of(y) + TINY), clip = 1 + pow(10, -BETA_DB / 20);
    for (int i = 0; i < SEGMENT; i++) y[i] = fmin(y[i] * gain, x[i] * clip);
    remove_mean(x);
    remove_mean(y);
    for (int i = 0; i < SEGMENT; i++) sum += x[i] * y[i];
    return sum / ((norm_of(x) + TINY) * (norm_of(y) + TINY));
}

static double mean_correlation(const stoi *s)
{
    double sum = 0;
    int64_t segments = s->n_kept - SEGMENT + 1;
    for (int64_t t = 0; t < segments; t++)
        for (int k = 0; k < BANDS; k++)
            sum += segment_correlation(s->bands[0] + t * BANDS + k, s->bands[1] + t * BANDS + k);
    return segments > 0 ? sum / (double)segments / BANDS : (double)NAN;
}

/* ---- all ---------------------------------------------------------------------------------------------------------- */

static wn_status compute_speech(stoi *s, wn_error *error)
{
    size_t n = (size_t)s->n_kept;
    s->x = calloc((n + 1) * HOP, sizeof *s->x);
    s->y = calloc((n + 1) * HOP, sizeof *s->y);
    for (int i = 0; i < 2; i++) s->bands[i] = calloc(n * BANDS, sizeof **s->bands);
    if (!s->x || !s->y || !s->bands[0] || !s->bands[1] || !wn_fft_open(&s->fft, FFT))
        return wn_fail_memory(error, NULL);
    join_speech(s, s->a, s->x);
    join_speech(s, s->b, s->y);
    compute_bands(s, s->x, s->bands[0]);
    compute_bands(s, s->y, s->bands[1]);
    return WN_OK;
}

wn_status wn_stoi(double *out, const float *a, const float *b, int64_t n, wn_error *error)
{
    stoi s = {.a = a, .b = b, .n_frames = frames_in(n)};
    wn_status status = WN_OK;
    *out = (double)NAN;
    s.kept = calloc((size_t)s.n_frames + 1, sizeof *s.kept);
    if (!s.kept) return wn_fail_memory(error, NULL);
    init_tables(&s);
    find_speech(&s);
    if (s.n_kept >= SEGMENT) status = compute_speech(&s, error);
    if (s.n_kept >= SEGMENT && !status) *out = mean_correlation(&s);
    wn_fft_close(&s.fft);
    free(s.kept);
    free(s.x);
    free(s.y);
    free(s.bands[0]);
    free(s.bands[1]);
    return status;
}
