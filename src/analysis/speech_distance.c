/* SPDX-License-Identifier: MIT
 * speech_distance.c - distances of two recordings of speech by their features.
 * Copyright (c) 2026 the wavenet authors */
#include "analysis/speech_distance.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/period_correlation.h"
#include "base/error.h"

enum { BANDS = 40, CHANNELS = BANDS + 2, VOICING = BANDS, PITCH = BANDS + 1, COEFFICIENTS = 13 };
#define RANGE_DB 45.0 /* of speech rows */
#define OFF_CENTS 50.0
#define PITCH_REFERENCE 130.0 /* Hz */
#define PI 3.14159265358979323846

const double wn_period_band_edges[WN_PERIOD_BANDS + 1] = {80, 1000, 2500, 5000};

/* Mel bands in dB, 0 dB = a full-scale sine. */
static const wn_analysis_config features = {
    .sample_rate = WN_SPEECH_RATE,
    .hop = WN_SPEECH_HOP,
    .window = 400,
    .fft = 512,
    .center = WN_SPEECH_HOP / 2,
    .bands = BANDS,
    .low = 60,
    .high = 7600,
    .power = 2,
    .reference = 100,
    .floor = 1e-10,
    .pitch = {60, 400, PITCH_REFERENCE},
};

typedef struct comparison {
    int64_t n, n_rows;
    float *rows[2]; /* [n_rows][CHANNELS] of a and b */
    double *hz;     /* [n_rows] pitch of a, 0 = unvoiced */
    double *cents;  /* [n_rows] differences, of rows that are voiced in both */
    double cosine[COEFFICIENTS][BANDS];
} comparison;

/* ---- features ----------------------------------------------------------------------------------------------------- */

static wn_status compute_rows(comparison *c, float *rows, const float *x, wn_error *error)
{
    wn_analysis *analysis;
    wn_status status = wn_analysis_new(&analysis, &features, error);
    if (status) return status;
    enum { BLOCK = 1 << 16 };
    int64_t done = 0;
    for (int64_t t = 0; t < c->n; t += BLOCK)
        done += wn_analysis_run(analysis, x + t, c->n - t < BLOCK ? (int)(c->n - t) : BLOCK, rows + done * CHANNELS);
    wn_analysis_finish(analysis, rows + done * CHANNELS);
    wn_analysis_free(analysis);
    return WN_OK;
}

static const float *row_of(const comparison *c, int which, int64_t t) { return c->rows[which] + t * CHANNELS; }

static double row_db(const float *row)
{
    double sum = 0;
    for (int b = 0; b < BANDS; b++) sum += pow(10, (double)row[b] / 10);
    return 10 * log10(sum);
}

/* ---- spectrum ----------------------------------------------------------------------------------------------------- */

static double log_mel_distance(const float *a, const float *b)
{
    double sum = 0;
    for (int i = 0; i < BANDS; i++) sum += fabs((double)a[i] - (double)b[i]);
    return sum / BANDS;
}

/* 10/ln 10 sqrt(2 sum (c - c')^2), where ln |H| = c_0 + sum c_k cos(k w) (Kubichek, "Mel-cepstral distance measure for
 * objective speech quality assessment", 1993). The bands are samples of 20 log10 |H|. */
static double mel_cepstral_distortion(const comparison *c, const float *a, const float *b)
{
    double sum = 0;
    for (int k = 0; k < COEFFICIENTS; k++) {
        double d = 0;
        for (int i = 0; i < BANDS; i++) d += c->cosine[k][i] * ((double)a[i] - (double)b[i]);
        d *= 2.0 / BANDS; /* of 20/ln 10 times the coefficient */
        sum += d * d;
    }
    return sqrt(0.5 * sum);
}

static void compare_spectra(comparison *c, wn_speech_distance *out)
{
    double loudest = -INFINITY, mel = 0, cepstral = 0;
    for (int k = 0; k < COEFFICIENTS; k++)
        for (int i = 0; i < BANDS; i++) c->cosine[k][i] = cos(PI * (k + 1) * (i + 0.5) / BANDS);
    for (int64_t t = 0; t < c->n_rows; t++) loudest = fmax(loudest, row_db(row_of(c, 0, t)));
    for (int64_t t = 0; t < c->n_rows; t++) {
        const float *a = row_of(c, 0, t), *b = row_of(c, 1, t);
        if (row_db(a) < loudest - RANGE_DB) continue;
        out->speech_rows++;
        mel += log_mel_distance(a, b);
        cepstral += mel_cepstral_distortion(c, a, b);
    }
    out->log_mel_db = mel / (double)out->speech_rows;
    out->mel_cepstral_db = cepstral / (double)out->speech_rows;
}

/* ---- pitch -------------------------------------------------------------------------------------------------------- */

static int compare_doubles(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median_of(double *x, int64_t n)
{
    if (!n) return (double)NAN;
    qsort(x, (size_t)n, sizeof *x, compare_doubles);
    return n % 2 ? x[n / 2] : (x[n / 2 - 1] + x[n / 2]) / 2;
}

static void compare_pitch(comparison *c, wn_speech_distance *out)
{
    int64_t off = 0, differ = 0;
    for (int64_t t = 0; t < c->n_rows; t++) {
        const float *a = row_of(c, 0, t), *b = row_of(c, 1, t);
        bool voiced_a = a[VOICING] > 0, voiced_b = b[VOICING] > 0;
        c->hz[t] = voiced_a ? PITCH_REFERENCE * exp2((double)a[PITCH]) : 0;
        differ += voiced_a != voiced_b;
        if (!voiced_a || !voiced_b) continue;
        double cents = 1200 * fabs((double)a[PITCH] - (double)b[PITCH]);
        c->cents[out->voiced_rows++] = cents;
        off += cents > OFF_CENTS;
    }
    out->pitch_cents = median_of(c->cents, out->voiced_rows);
    out->pitch_off = (double)off / (double)out->voiced_rows;
    out->voicing_error = (double)differ / (double)c->n_rows;
}

/* ---- all ---------------------------------------------------------------------------------------------------------- */

static wn_status compare_periods(const comparison *c, const float *x, double *out, wn_error *error)
{
    const wn_period_config config = {WN_SPEECH_RATE, WN_SPEECH_HOP, WN_SPEECH_HOP / 2, c->n_rows, c->hz};
    return wn_period_correlation(out, x, c->n, &config, wn_period_band_edges, WN_PERIOD_BANDS, error);
}

static wn_status compare_all(comparison *c, wn_speech_distance *out, const float *a, const float *b, wn_error *error)
{
    size_t rows = (size_t)c->n_rows;
    for (int i = 0; i < 2; i++) c->rows[i] = calloc(rows * CHANNELS, sizeof **c->rows);
    c->hz = calloc(rows, sizeof *c->hz);
    c->cents = calloc(rows, sizeof *c->cents);
    if (!c->rows[0] || !c->rows[1] || !c->hz || !c->cents) return wn_fail_memory(error, NULL);
    wn_status status = compute_rows(c, c->rows[0], a, error);
    if (!status) status = compute_rows(c, c->rows[1], b, error);
    if (status) return status;
    compare_spectra(c, out);
    compare_pitch(c, out);
    status = compare_periods(c, a, out->period_a, error);
    return status ? status : compare_periods(c, b, out->period_b, error);
}

wn_status wn_speech_compare(wn_speech_distance *out, const float *a, const float *b, int64_t n, wn_error *error)
{
    *out = (wn_speech_distance){0};
    if (n < features.window)
        return wn_fail(error, WN_ERROR_ARGUMENT, NULL, "%lld samples are shorter than the window of %d", (long long)n,
                       features.window);
    comparison *c = calloc(1, sizeof *c);
    if (!c) return wn_fail_memory(error, NULL);
    c->n = n;
    c->n_rows = out->rows = (n + WN_SPEECH_HOP - 1) / WN_SPEECH_HOP;
    wn_status status = compare_all(c, out, a, b, error);
    free(c->rows[0]);
    free(c->rows[1]);
    free(c->hz);
    free(c->cents);
    free(c);
    return status;
}
