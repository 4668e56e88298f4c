/* SPDX-License-Identifier: MIT
 * period_correlation.c - analytic signals of bands by one long transform, correlated one pitch period apart.
 * Copyright (c) 2026 the wavenet authors */
#include "analysis/period_correlation.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/fft.h"
#include "base/error.h"

#define WINDOW 0.025   /* seconds that are correlated */
#define TOLERANCE 0.03 /* of the period */

typedef struct bands {
    const wn_period_config *config;
    int64_t n;
    wn_fft fft;
    double complex *spectrum; /* [bins] of the whole sound */
    double complex *z;        /* [n] analytic signal of one band */
} bands;

/* The real part of the band's signal, or its Hilbert transform, to fft.time. */
static void filter_band(bands *b, double low, double high, double complex factor)
{
    double per_bin = b->config->rate / (double)b->fft.n;
    for (size_t k = 0; k < b->fft.bins; k++) {
        double hz = (double)k * per_bin;
        b->fft.spectrum[k] = hz >= low && hz < high ? factor * b->spectrum[k] : 0;
    }
    wn_fft_backward(&b->fft);
}

static void make_analytic(bands *b, double low, double high)
{
    filter_band(b, low, high, 1);
    for (int64_t t = 0; t < b->n; t++) b->z[t] = b->fft.time[t];
    filter_band(b, low, high, -I);
    for (int64_t t = 0; t < b->n; t++) b->z[t] += I * b->fft.time[t];
}

static double square(double complex z) { return creal(z) * creal(z) + cimag(z) * cimag(z); }

/* Of two windows that lie evenly around `center`. */
static double correlation_at(const bands *b, int64_t center, int window, int lag)
{
    int64_t first = center - (window + lag) / 2;
    if (first < 0 || first + lag + window > b->n) return 0;
    double complex sum = 0;
    double energy_a = 0, energy_b = 0;
    for (int64_t t = first; t < first + window; t++) {
        sum += b->z[t] * conj(b->z[t + lag]);
        energy_a += square(b->z[t]);
        energy_b += square(b->z[t + lag]);
    }
    double energy = sqrt(energy_a * energy_b);
    return energy > 0 ? cabs(sum) / energy : 0;
}

static double mean_correlation(const bands *b)
{
    const wn_period_config *c = b->config;
    int window = (int)(WINDOW * c->rate);
    int64_t voiced = 0;
    double sum = 0;
    for (int64_t row = 0; row < c->rows; row++) {
        if (!(c->hz[row] > 0)) continue;
        double period = c->rate / c->hz[row], largest = 0;
        int last = (int)ceil(period * (1 + TOLERANCE));
        for (int lag = (int)floor(period * (1 - TOLERANCE)); lag <= last; lag++)
            largest = fmax(largest, correlation_at(b, row * c->hop + c->center, window, lag));
        sum += largest;
        voiced++;
    }
    return sum / (double)voiced;
}

static wn_status transform_sound(bands *b, const float *x, wn_error *error)
{
    if (!wn_fft_open(&b->fft, (size_t)b->n)) return wn_fail_memory(error, NULL);
    b->spectrum = calloc(b->fft.bins, sizeof *b->spectrum);
    b->z = calloc((size_t)b->n, sizeof *b->z);
    if (!b->spectrum || !b->z) return wn_fail_memory(error, NULL);
    memset(b->fft.time, 0, b->fft.n * sizeof *b->fft.time);
    for (int64_t t = 0; t < b->n; t++) b->fft.time[t] = (double)x[t];
    wn_fft_forward(&b->fft);
    memcpy(b->spectrum, b->fft.spectrum, b->fft.bins * sizeof *b->spectrum);
    return WN_OK;
}

wn_status wn_period_correlation(double *out, const float *x, int64_t n, const wn_period_config *config,
                                const double *edges, int n_bands, wn_error *error)
{
    bands b = {.config = config, .n = n};
    wn_status status = transform_sound(&b, x, error);
    for (int i = 0; i < n_bands && !status; i++) {
        make_analytic(&b, edges[i], edges[i + 1]);
        out[i] = mean_correlation(&b);
    }
    wn_fft_close(&b.fft);
    free(b.spectrum);
    free(b.z);
    return status;
}
