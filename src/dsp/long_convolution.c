/* SPDX-License-Identifier: MIT
 * long_convolution.c - the late part of a long impulse response, in partitions (Stockham 1966, Gardner 1995).
 * Copyright (c) 2026 the wavenet authors
 *
 * Partition p holds the taps p B .. (p+1) B - 1, p = 1 .. P. Its share of block m is the second half of the product of its
 * spectrum with that of the blocks m-p-1 and m-p. All but the first partition are known a block ahead: their products are
 * spread over the frames of the block before, so that the cost per frame is constant but for two transforms per block. */
#include "dsp/long_convolution.h"

#include <kiss_fftr.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "dsp/real_transform.h"

enum { B = WN_LONG_CONVOLUTION_HEAD, N = 2 * B, BINS = B + 1 };

/* Real and imaginary parts apart, so that compilers make vectors of the products. */
typedef struct spectrum {
    float re[BINS], im[BINS];
} spectrum;

struct wn_long_convolution {
    int n;             /* partitions */
    spectrum *filters; /* [n] of partition 1 .. n, with the factor of the inverse transform */
    spectrum *past;    /* [n] ring of the spectra of the input, two blocks each */
    int newest;        /* place in `past` */
    spectrum sum;      /* of the next block, so far */
    int summed;        /* partitions that are in it, from the second on */
    int filled;        /* frames of the present block */
    float in[N];       /* the block before, and the present one */
    float late[B];     /* late part of the present block */
    kiss_fftr_cfg forward, backward;
    kiss_fft_cpx bins[BINS];
    float time[N];
};

bool wn_long_convolution_is_available(void) { return true; }

/* ---- spectra --------------------------------------------------------------------------------------------------- */

static void transform(wn_long_convolution *c, const float *time, spectrum *out)
{
    kiss_fftr(c->forward, time, c->bins);
    for (int k = 0; k < BINS; k++) {
        out->re[k] = c->bins[k].r;
        out->im[k] = c->bins[k].i;
    }
}

static void add_product(spectrum *restrict sum, const spectrum *restrict a, const spectrum *restrict b)
{
    for (int k = 0; k < BINS; k++) {
        sum->re[k] += a->re[k] * b->re[k] - a->im[k] * b->im[k];
        sum->im[k] += a->re[k] * b->im[k] + a->im[k] * b->re[k];
    }
}

/* Products of the next block whose spectra are known, up to `wanted` partitions from the second on. */
static void add_known(wn_long_convolution *c, int wanted)
{
    for (; c->summed < wanted; c->summed++) {
        int place = c->newest - c->summed; /* partition 2 meets the newest of the known spectra */
        add_product(&c->sum, &c->filters[c->summed + 1], &c->past[place < 0 ? place + c->n : place]);
    }
}

/* The present block is full: the late part of the next one. */
static void end_block(wn_long_convolution *c)
{
    add_known(c, c->n - 1);
    c->newest = c->newest + 1 < c->n ? c->newest + 1 : 0;
    transform(c, c->in, &c->past[c->newest]);
    add_product(&c->sum, &c->filters[0], &c->past[c->newest]);
    for (int k = 0; k < BINS; k++) c->bins[k] = (kiss_fft_cpx){c->sum.re[k], c->sum.im[k]};
    kiss_fftri(c->backward, c->bins, c->time);
    memcpy(c->late, c->time + B, sizeof c->late);
    memcpy(c->in, c->in + B, B * sizeof *c->in);
    c->sum = (spectrum){0};
    c->summed = c->filled = 0;
}

/* ---- making ---------------------------------------------------------------------------------------------------- */

static void make_filters(wn_long_convolution *c, const float *taps, int n)
{
    float time[N] = {0};
    for (int p = 0; p < c->n; p++) {
        int first = (p + 1) * B, count = n - first < B ? n - first : B;
        for (int k = 0; k < B; k++) time[k] = k < count ? taps[first + k] / N : 0;
        transform(c, time, &c->filters[p]);
    }
}

wn_status wn_long_convolution_new(wn_long_convolution **out, const float *taps, int n, wn_error *error)
{
    *out = NULL;
    wn_long_convolution *c = calloc(1, sizeof *c);
    if (!c) return wn_fail_memory(error, NULL);
    c->n = (n - 1) / B; /* of the taps from B on, rounded up */
    c->filters = calloc((size_t)c->n, sizeof *c->filters);
    c->past = calloc((size_t)c->n, sizeof *c->past);
    c->forward = wn_real_transform_new(N, false);
    c->backward = wn_real_transform_new(N, true);
    if (!c->filters || !c->past || !c->forward || !c->backward) {
        wn_long_convolution_free(c);
        return wn_fail_memory(error, NULL);
    }
    make_filters(c, taps, n);
    *out = c;
    return WN_OK;
}

void wn_long_convolution_free(wn_long_convolution *c)
{
    if (!c) return;
    free(c->forward);
    free(c->backward);
    free(c->filters);
    free(c->past);
    free(c);
}

float wn_long_convolution_fill(wn_long_convolution *c, float value)
{
    for (int t = 0; t < N; t++) c->in[t] = value;
    transform(c, c->in, &c->past[0]);
    for (int p = 1; p < c->n; p++) c->past[p] = c->past[0];
    c->sum = (spectrum){0};
    c->summed = 0;
    end_block(c);
    return c->late[0];
}

/* ---- running --------------------------------------------------------------------------------------------------- */

void wn_long_convolution_add(wn_long_convolution *c, int frames, const float *x, float *y)
{
    for (int t = 0, n; t < frames; t += n) {
        n = frames - t < B - c->filled ? frames - t : B - c->filled;
        for (int i = 0; i < n; i++) {
            c->in[B + c->filled + i] = isfinite(x[t + i]) ? x[t + i] : 0;
            y[t + i] += c->late[c->filled + i];
        }
        c->filled += n;
        add_known(c, (int)((int64_t)(c->n - 1) * c->filled / B));
        if (c->filled == B) end_block(c);
    }
}
