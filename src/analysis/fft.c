/* SPDX-License-Identifier: MIT
 * fft.c - real transforms in double precision, implemented with FFTW.
 * Copyright (c) 2026 the wavenet authors */
#include "analysis/fft.h"

#include <string.h>

/* The smallest even number 2^a 3^b 5^c >= n. */
static size_t next_fast_length(size_t n)
{
    for (n += n % 2;; n += 2) {
        size_t rest = n;
        while (rest % 2 == 0) rest /= 2;
        while (rest % 3 == 0) rest /= 3;
        while (rest % 5 == 0) rest /= 5;
        if (rest == 1) return n;
    }
}

bool wn_fft_open(wn_fft *fft, size_t min_length)
{
    *fft = (wn_fft){0};
    if (min_length < 2) min_length = 2;
    if (min_length > (size_t)1 << 28) return false;
    fft->n = next_fast_length(min_length);
    fft->bins = fft->n / 2 + 1;
    fft->time = fftw_alloc_real(fft->n);
    fft->spectrum = fftw_alloc_complex(fft->bins);
    if (fft->time && fft->spectrum) {
        fft->forward = fftw_plan_dft_r2c_1d((int)fft->n, fft->time, fft->spectrum, FFTW_ESTIMATE | FFTW_PRESERVE_INPUT);
        fft->backward = fftw_plan_dft_c2r_1d((int)fft->n, fft->spectrum, fft->time, FFTW_ESTIMATE);
    }
    if (fft->forward && fft->backward) return true;
    wn_fft_close(fft);
    return false;
}

void wn_fft_close(wn_fft *fft)
{
    if (fft->forward) fftw_destroy_plan(fft->forward);
    if (fft->backward) fftw_destroy_plan(fft->backward);
    fftw_free(fft->time);
    fftw_free(fft->spectrum);
    *fft = (wn_fft){0};
}

void wn_fft_forward(wn_fft *fft) { fftw_execute(fft->forward); }

void wn_fft_backward(wn_fft *fft)
{
    fftw_execute(fft->backward);
    for (size_t i = 0; i < fft->n; i++) fft->time[i] /= (double)fft->n;
}
