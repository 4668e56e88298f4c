/* SPDX-License-Identifier: MIT
 * fft.h - real signals and their spectra in double precision, through FFTW.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_ANALYSIS_FFT_H
#define WN_ANALYSIS_FFT_H

#include <complex.h> /* before fftw3.h: fftw_complex is then C's own */
#include <fftw3.h>
#include <stdbool.h>
#include <stddef.h>

/* Transforms of one length. Making and closing one is not thread-safe: FFTW's planner is not. */
typedef struct wn_fft {
    size_t n, bins;           /* bins = n/2 + 1 */
    double *time;             /* [n] */
    double complex *spectrum; /* [bins] */
    fftw_plan forward, backward;
} wn_fft;

/* A transform of `least` points or the next length that is quick. False if memory fails; then nothing is owned. */
bool wn_fft_open(wn_fft *fft, size_t least);
void wn_fft_close(wn_fft *fft);

/* spectrum = transform of time, which keeps its contents. */
void wn_fft_forward(wn_fft *fft);

/* time = inverse transform of spectrum, scaled so that it undoes wn_fft_forward; spectrum is destroyed. */
void wn_fft_backward(wn_fft *fft);

#endif
