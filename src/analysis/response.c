/* SPDX-License-Identifier: MIT
 * response.c - delay of a response: whitened cross-correlation, then fits of short causal filters.
 * Copyright (c) 2026 the wavenet authors */
#include "analysis/response.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/fft.h"

enum { TAPS = 64, BEFORE = 24, AFTER = 8 }; /* taps of a fit; shifts that are tried before and after the peak */
#define PRE_EMPHASIS 0.9                    /* without it, the energy of the bass dominates the fits */
#define WHITENING 1e-8                      /* bins this far below the largest do not count */
#define RIDGE 1e-6                          /* keeps the fit of a narrow band solvable */

/* Correlations of a pair at all lags, [fft.n] cyclic. */
struct correlations {
    wn_fft fft;
    double complex *in;
    double *autocorrelation, *cross, *whitened; /* [fft.n] */
    double energy;                              /* of the output */
};

static void correlations_close(struct correlations *c)
{
    wn_fft_close(&c->fft);
    fftw_free(c->in);
    free(c->autocorrelation);
    free(c->cross);
    free(c->whitened);
}

static bool correlations_open(struct correlations *c, int64_t frames)
{
    *c = (struct correlations){0};
    if (!wn_fft_open(&c->fft, (size_t)frames * 2)) return false;
    size_t n = c->fft.n;
    c->in = fftw_alloc_complex(c->fft.bins);
    c->autocorrelation = malloc(n * sizeof *c->autocorrelation);
    c->cross = malloc(n * sizeof *c->cross);
    c->whitened = malloc(n * sizeof *c->whitened);
    return c->in && c->autocorrelation && c->cross && c->whitened;
}

/* Pre-emphasised x [frames], padded with zeros, to the spectrum. Returns its energy. */
static double transform(wn_fft *fft, const float *x, int64_t frames)
{
    double energy = 0, before = 0;
    memset(fft->time, 0, fft->n * sizeof *fft->time);
    for (int64_t t = 0; t < frames; t++) {
        fft->time[t] = (double)x[t] - PRE_EMPHASIS * before;
        before = (double)x[t];
        energy += fft->time[t] * fft->time[t];
    }
    wn_fft_forward(fft);
    return energy;
}

static void correlate_all(struct correlations *c, const float *in, const float *out, int64_t frames)
{
    wn_fft *fft = &c->fft;
    size_t bytes = fft->n * sizeof *fft->time;
    transform(fft, in, frames);
    memcpy(c->in, fft->spectrum, fft->bins * sizeof *c->in);
    for (size_t k = 0; k < fft->bins; k++) fft->spectrum[k] *= conj(fft->spectrum[k]);
    wn_fft_backward(fft);
    memcpy(c->autocorrelation, fft->time, bytes);
    c->energy = transform(fft, out, frames);
    double largest = 0;
    for (size_t k = 0; k < fft->bins; k++) {
        c->in[k] = conj(c->in[k]) * fft->spectrum[k];
        largest = fmax(largest, cabs(c->in[k]));
    }
    memcpy(fft->spectrum, c->in, fft->bins * sizeof *c->in);
    wn_fft_backward(fft);
    memcpy(c->cross, fft->time, bytes);
    for (size_t k = 0; k < fft->bins; k++) fft->spectrum[k] = c->in[k] / (cabs(c->in[k]) + WHITENING * largest);
    wn_fft_backward(fft);
    memcpy(c->whitened, fft->time, bytes);
}

static double at_lag(const double *x, size_t n, int64_t lag) { return x[lag < 0 ? n - (size_t)-lag : (size_t)lag]; }

static int64_t whitened_peak(const struct correlations *c, int64_t max_delay)
{
    int64_t peak = 0;
    for (int64_t d = 1; d <= max_delay; d++)
        for (int sign = 1; sign >= -1; sign -= 2)
            if (fabs(at_lag(c->whitened, c->fft.n, sign * d)) > fabs(at_lag(c->whitened, c->fft.n, peak)))
                peak = sign * d;
    return peak;
}

/* ---- fits ------------------------------------------------------------------------------------------------------- */

/* Cholesky factor of the Toeplitz matrix of autocorrelations; the ridge makes it positive definite. */
static void cholesky_factor(double l[TAPS][TAPS], const double *autocorrelation)
{
    for (int i = 0; i < TAPS; i++)
        for (int k = 0; k <= i; k++) {
            double sum = autocorrelation[i - k] + (i == k ? RIDGE * autocorrelation[0] : 0);
            for (int j = 0; j < k; j++) sum -= l[i][j] * l[k][j];
            l[i][k] = i == k ? sqrt(fmax(sum, 1e-300)) : sum / l[k][k];
        }
}

/* Share of the output's energy that the best filter of TAPS taps leaves unexplained when its first tap is at lag `shift`:
 * 1 - b' R^-1 b / energy. */
static double residual_at(const struct correlations *c, double l[TAPS][TAPS], int64_t shift)
{
    double y[TAPS], explained = 0;
    for (int i = 0; i < TAPS; i++) {
        y[i] = at_lag(c->cross, c->fft.n, shift + i);
        for (int k = 0; k < i; k++) y[i] -= l[i][k] * y[k];
        y[i] /= l[i][i];
        explained += y[i] * y[i];
    }
    return fmax(0, 1 - explained / c->energy);
}

/* Take the largest shift whose residual is within 1 % (and 1e-5) of the least. If the residual SOON samples later is not
 * clearly larger, the response rises slowly and its onset is uncertain. The delay is then 0 if it is at most MARGIN + SOON, or
 * if a lead of less than NEAR samples also fits at 0; else it is MARGIN samples less, because a network can learn to wait
 * but not to look ahead. */
static void refine(wn_response *out, const struct correlations *c, int64_t peak, int64_t max_delay)
{
    enum { SOON = 2, MARGIN = 12, NEAR = 40 };
    double l[TAPS][TAPS], residual[BEFORE + AFTER + 1], least = 1;
    cholesky_factor(l, c->autocorrelation);
    for (int i = 0; i <= BEFORE + AFTER; i++) {
        residual[i] = residual_at(c, l, peak - BEFORE + i);
        least = fmin(least, residual[i]);
    }
    for (int i = 0; i <= BEFORE + AFTER; i++)
        if (residual[i] <= 1.01 * least + 1e-5) out->delay = peak - BEFORE + i;
    bool sharp = residual_at(c, l, out->delay + SOON) > 1.3 * least + 0.01;
    bool fits_unmoved = out->delay > -NEAR && out->delay < 0 && residual_at(c, l, 0) <= 1.15 * least + 1e-3;
    if (!sharp) out->delay = fits_unmoved || llabs(out->delay) <= MARGIN + SOON ? 0 : out->delay - MARGIN;
    if (llabs(out->delay) > max_delay) out->delay = 0;
    out->explained = 1 - least;
}

wn_status wn_response_find(wn_response *response, const float *in, const float *out, int64_t frames, wn_error *error)
{
    struct correlations c;
    *response = (wn_response){0};
    if (frames < 2 * TAPS) return WN_OK;
    bool ok = correlations_open(&c, frames);
    if (ok) correlate_all(&c, in, out, frames);
    if (ok && c.energy > 0 && c.autocorrelation[0] > 0) {
        int64_t max_delay = frames / 2 - TAPS - BEFORE, peak = whitened_peak(&c, max_delay > 0 ? max_delay : 0);
        response->inverted = at_lag(c.whitened, c.fft.n, peak) < 0;
        refine(response, &c, peak, frames / 2);
    }
    correlations_close(&c);
    return ok ? WN_OK : wn_fail_memory(error, NULL);
}
