/* SPDX-License-Identifier: MIT
 * align.c - delay between two recordings, by cross-correlation with FFTs.
 * Copyright (c) 2026 the wavenet authors */
#include "analysis/align.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/fft.h"

/* Copy the first channel of x [frames][channels] to fft->time, padded with zeros. Returns its energy. */
static double load_channel(wn_fft *fft, const float *x, int64_t frames, int channels)
{
    double energy = 0;
    memset(fft->time, 0, fft->n * sizeof *fft->time);
    for (int64_t t = 0; t < frames; t++) {
        fft->time[t] = x[t * channels];
        energy += fft->time[t] * fft->time[t];
    }
    return energy;
}

/* fft->time[d mod n] = sum over t and channels of a[t] b[t + d]; energy[0] += energy of a, energy[1] += energy of b.
 * False if memory fails. */
static bool correlate(wn_fft *fft, double *energy, const float *a, const float *b, int64_t frames, int channels)
{
    double complex *first = fftw_alloc_complex(fft->bins), *sum = fftw_alloc_complex(fft->bins);
    if (first && sum) memset(sum, 0, fft->bins * sizeof *sum);
    for (int c = 0; first && sum && c < channels; c++) {
        energy[0] += load_channel(fft, a + c, frames, channels);
        wn_fft_forward(fft);
        memcpy(first, fft->spectrum, fft->bins * sizeof *first);
        energy[1] += load_channel(fft, b + c, frames, channels);
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

/* Find the largest magnitude for delays -max_delay .. max_delay; of equal ones the shortest delay. */
static void find_peak(wn_alignment *out, const wn_fft *fft, int64_t max_delay)
{
    out->correlation = fft->time[0];
    for (int64_t d = 1; d <= max_delay; d++)
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
