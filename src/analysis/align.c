/* SPDX-License-Identifier: MIT
 * align.c - how far one recording is behind another: cross-correlation by FFT.
 * Copyright (c) 2026 the wavenet authors */
#include "analysis/align.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/fft.h"

/* Channel of x [frames][channels] into the transform's time, zeros behind it; returns its energy. */
static double load(wn_fft *fft, const float *x, int64_t frames, int channels)
{
    double energy = 0;
    memset(fft->time, 0, fft->n * sizeof *fft->time);
    for (int64_t t = 0; t < frames; t++) {
        fft->time[t] = x[t * channels];
        energy += fft->time[t] * fft->time[t];
    }
    return energy;
}

/* fft->time[d mod n] = sum over t and channels of a[t] b[t + d]; energy[2] of a and of b. */
static bool correlate(wn_fft *fft, double *energy, const float *a, const float *b, int64_t frames, int channels)
{
    double complex *first = fftw_alloc_complex(fft->bins), *sum = fftw_alloc_complex(fft->bins);
    if (first && sum) memset(sum, 0, fft->bins * sizeof *sum);
    for (int c = 0; first && sum && c < channels; c++) {
        energy[0] += load(fft, a + c, frames, channels);
        wn_fft_forward(fft);
        memcpy(first, fft->spectrum, fft->bins * sizeof *first);
        energy[1] += load(fft, b + c, frames, channels);
        wn_fft_forward(fft);
        for (size_t k = 0; k < fft->bins; k++) sum[k] += conj(first[k]) * fft->spectrum[k];
    }
    bool ok = first && sum;
    if (ok) memcpy(fft->spectrum, sum, fft->bins * sizeof *sum);
    if (ok) wn_fft_backward(fft);
    fftw_free(first);
    fftw_free(sum);
    return ok;
}

/* The largest magnitude; among equals the shortest delay. */
static void find_peak(wn_alignment *out, const wn_fft *fft, int64_t most)
{
    out->correlation = fft->time[0];
    for (int64_t d = 1; d <= most; d++)
        for (int sign = 1; sign >= -1; sign -= 2) {
            double value = fft->time[sign > 0 ? (size_t)d : fft->n - (size_t)d];
            if (fabs(value) <= fabs(out->correlation)) continue;
            out->correlation = value;
            out->delay = sign * d;
        }
}

wn_status wn_align(wn_alignment *out, const float *a, const float *b, int64_t frames, int channels, wn_error *error)
{
    wn_fft fft;
    double energy[2] = {0, 0};
    *out = (wn_alignment){0};
    if (!wn_fft_open(&fft, (size_t)frames * 2)) return wn_fail_memory(error, NULL);
    bool ok = correlate(&fft, energy, a, b, frames, channels);
    double scale = sqrt(energy[0] * energy[1]);
    if (ok && scale > 0) {
        find_peak(out, &fft, frames / 2);
        out->correlation /= scale;
    }
    wn_fft_close(&fft);
    return ok ? WN_OK : wn_fail_memory(error, NULL);
}
