/* SPDX-License-Identifier: MIT
 * fft.h - real transforms in double precision, implemented with FFTW.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_ANALYSIS_FFT_H
#define WN_ANALYSIS_FFT_H

#include <complex.h> /* before fftw3.h: fftw_complex is then C's own */
#include <fftw3.h>
#include <stdbool.h>
#include <stddef.h>

/* Transforms of one length. Opening and closing are not thread-safe, because FFTW's planner is not. */
typedef struct wn_fft {
    size_t n, bins;           /* bins = n/2 + 1 */
    double *time;             /* [n] */
    double complex *spectrum; /* [bins] */
    fftw_plan forward, backward;
} wn_fft;

/* Open transforms of the next length >= min_length that FFTW computes fast. False if memory fails; then *fft owns
 * nothing. */
bool wn_fft_open(wn_fft *fft, size_t min_length);

/* A zeroed *fft is allowed. */
void wn_fft_close(wn_fft *fft);

/* spectrum = transform of time; time is unchanged. */
void wn_fft_forward(wn_fft *fft);

/* time = inverse transform of spectrum, scaled to invert wn_fft_forward; spectrum is overwritten. */
void wn_fft_backward(wn_fft *fft);

#endif
