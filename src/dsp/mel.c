/* SPDX-License-Identifier: MIT
 * mel.c - log-mel spectra: Hann window, kissfft, triangles, logarithm.
 * Copyright (c) 2026 the wavenet authors */
#include "dsp/mel.h"

#include <kiss_fftr.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/exact_math.h"
#include "dsp/real_transform.h"
#include "kinds/analysis.h"

/* Bins below one band's triangle. */
typedef struct band {
    int first, n;
    double *weights;      /* [n] */
    double offset, scale; /* value = log * scale + offset */
} band;

struct wn_mel {
    wn_analysis_config config; /* without its lists */
    int capacity;              /* samples of the ring */
    float *ring;               /* [2][capacity]: stored twice, so that any `capacity` samples are contiguous */
    float *window;             /* [window] */
    float *frame;              /* [fft] windowed, then zeros */
    kiss_fft_cpx *spectrum;    /* [fft/2 + 1] */
    double *bins;              /* [fft/2 + 1] (magnitude / reference)^power */
    kiss_fftr_cfg fft;
    band *bands;     /* [bands] */
    double *weights; /* of all bands */
    int before;      /* samples before the first one that row 0 sees */
    int late;        /* samples that a row waits for, beyond its window: the reflected start needs one more */
    int64_t pushed;  /* samples */
    int64_t sound;   /* samples before the edge; -1 until the edge begins */
    int64_t end;     /* first sample after the window of the next row */
    float last;      /* for pre-emphasis */
};

/* ---- the bands --------------------------------------------------------------------------------------------------- */

#define LN10 2.302585092994045684
#define SLANEY_LINEAR (200.0 / 3)       /* Hz per mel below SLANEY_BREAK */
#define SLANEY_BREAK 1000.0             /* Hz */
#define SLANEY_STEP 0.06875177742094912 /* ln(6.4) / 27: of the frequency, per mel above SLANEY_BREAK */

/* HTK Book, section 5.4; Slaney, "Auditory Toolbox", 1998. */
static double hz_to_mel(wn_mel_scale scale, double hz)
{
    if (scale == WN_MEL_HTK) return 2595 * wn_log(1 + hz / 700) / LN10;
    if (hz < SLANEY_BREAK) return hz / SLANEY_LINEAR;
    return SLANEY_BREAK / SLANEY_LINEAR + wn_log(hz / SLANEY_BREAK) / SLANEY_STEP;
}

static double mel_to_hz(wn_mel_scale scale, double mel)
{
    if (scale == WN_MEL_HTK) return 700 * (wn_exp(mel * LN10 / 2595) - 1);
    if (mel < SLANEY_BREAK / SLANEY_LINEAR) return mel * SLANEY_LINEAR;
    return SLANEY_BREAK * wn_exp((mel - SLANEY_BREAK / SLANEY_LINEAR) * SLANEY_STEP);
}

/* Edge i of the bands, 0 .. bands + 1, in Hz: band b rises from edge b to edge b+1 and falls to edge b+2. */
static double band_edge(const wn_analysis_config *c, int i)
{
    double low = hz_to_mel(c->scale, c->low), high = hz_to_mel(c->scale, c->high);
    return mel_to_hz(c->scale, low + (high - low) * i / (c->bands + 1));
}

static double triangle(const wn_analysis_config *c, int b, int bin)
{
    double left = band_edge(c, b), peak = band_edge(c, b + 1), right = band_edge(c, b + 2);
    double hz = bin * c->sample_rate / c->fft;
    double height = fmin((hz - left) / (peak - left), (right - hz) / (right - peak));
    return fmax(0, height) * (c->norm == WN_MEL_AREA ? 2 / (right - left) : 1);
}

/* The first bin of band b, and *n bins, that its triangle covers. */
static int band_bins(const wn_analysis_config *c, int b, int *n)
{
    double per_bin = c->sample_rate / c->fft;
    int first = (int)floor(band_edge(c, b) / per_bin), last = (int)ceil(band_edge(c, b + 2) / per_bin);
    if (last > c->fft / 2) last = c->fft / 2;
    while (first < last && triangle(c, b, first) == 0) first++;
    while (first < last && triangle(c, b, last) == 0) last--;
    *n = last - first + 1;
    return first;
}

static void init_scale(band *b, const wn_analysis_config *c, int i)
{
    double mean = c->n_mean ? c->mean[c->n_mean > 1 ? i : 0] : 0, std = c->n_std ? c->std[c->n_std > 1 ? i : 0] : 1;
    double unit = c->log == WN_LOG_LN ? 1 : c->log == WN_LOG_LOG10 ? 1 / LN10 : (c->power == 2 ? 10 : 20) / LN10;
    b->scale = unit / std;
    b->offset = -mean / std;
}

static wn_status make_bands(wn_mel *m, const wn_analysis_config *c, wn_error *error)
{
    size_t total = 0;
    m->bands = calloc((size_t)c->bands, sizeof *m->bands);
    if (!m->bands) return wn_fail_memory(error, NULL);
    for (int i = 0; i < c->bands; i++) {
        band *b = &m->bands[i];
        b->first = band_bins(c, i, &b->n);
        if (triangle(c, i, b->first) == 0)
            return wn_fail(error, WN_ERROR_ARGUMENT, "bands",
                           "band %d is narrower than a bin of the transform; expected fewer bands or a longer fft", i);
        init_scale(b, c, i);
        total += (size_t)b->n;
    }
    double *weights = m->weights = calloc(total, sizeof *m->weights);
    if (!weights) return wn_fail_memory(error, NULL);
    for (int i = 0; i < c->bands; i++) {
        band *b = &m->bands[i];
        b->weights = weights;
        weights += b->n;
        for (int k = 0; k < b->n; k++) b->weights[k] = triangle(c, i, b->first + k);
    }
    return WN_OK;
}

/* ---- construction ------------------------------------------------------------------------------------------------ */

static wn_status make_transform(wn_mel *m, const wn_analysis_config *c, wn_error *error)
{
    size_t bins = (size_t)c->fft / 2 + 1;
    m->window = calloc((size_t)c->window, sizeof *m->window);
    m->frame = calloc((size_t)c->fft, sizeof *m->frame);
    m->spectrum = calloc(bins, sizeof *m->spectrum);
    m->bins = calloc(bins, sizeof *m->bins);
    m->fft = wn_real_transform_new(c->fft, false);
    if (!m->window || !m->frame || !m->spectrum || !m->bins || !m->fft) return wn_fail_memory(error, NULL);
    for (int i = 0; i < c->window; i++) {
        double sine, cosine;
        wn_sincos((double)i / c->window, &sine, &cosine);
        m->window[i] = (float)(0.5 - 0.5 * cosine);
    }
    return WN_OK;
}

static wn_status make_ring(wn_mel *m, const wn_analysis_config *c, wn_error *error)
{
    /* At the end, the sample to mirror is as far behind the last one as the edge has been pushed. */
    m->capacity = 2 * (c->window + c->hop + 2);
    m->ring = calloc(2 * (size_t)m->capacity, sizeof *m->ring);
    if (!m->ring) return wn_fail_memory(error, NULL);
    m->before = c->window / 2 > c->center ? c->window / 2 - c->center : 0;
    int first_end = c->center - c->window / 2 + c->window;
    m->late = c->edge == WN_EDGE_REFLECT && m->before + 1 > first_end ? m->before + 1 - first_end : 0;
    return WN_OK;
}

wn_status wn_mel_new(wn_mel **out, const wn_analysis_config *config, wn_error *error)
{
    *out = NULL;
    wn_mel *m = calloc(1, sizeof *m);
    if (!m) return wn_fail_memory(error, NULL);
    m->config = *config;
    m->config.mean = m->config.std = NULL;
    wn_status status = make_ring(m, config, error);
    if (!status) status = make_transform(m, config, error);
    if (!status) status = make_bands(m, config, error);
    if (status) {
        wn_mel_free(m);
        return status;
    }
    wn_mel_reset(m);
    *out = m;
    return WN_OK;
}

void wn_mel_free(wn_mel *mel)
{
    if (!mel) return;
    free(mel->ring);
    free(mel->window);
    free(mel->frame);
    free(mel->spectrum);
    free(mel->bins);
    free(mel->fft);
    free(mel->bands);
    free(mel->weights);
    free(mel);
}

void wn_mel_reset(wn_mel *m)
{
    const wn_analysis_config *c = &m->config;
    memset(m->ring, 0, 2 * (size_t)m->capacity * sizeof *m->ring);
    m->pushed = 0;
    m->sound = -1;
    m->end = c->center - c->window / 2 + c->window;
    m->last = 0;
}

int wn_mel_get_delay(const wn_mel *m) { return m->config.center - m->config.window / 2 + m->config.window + m->late; }

/* ---- running ----------------------------------------------------------------------------------------------------- */

static void ring_write(wn_mel *m, int64_t index, float x)
{
    int64_t at = index % m->capacity;
    if (at < 0) at += m->capacity;
    m->ring[at] = m->ring[at + m->capacity] = x;
}

static float ring_read(const wn_mel *m, int64_t index) { return m->ring[index % m->capacity]; }

/* x [window] -> out [bands]. */
static void mel_frame(wn_mel *m, const float *x, float *out)
{
    const wn_analysis_config *c = &m->config;
    double scale = 1 / (c->reference * c->reference);
    for (int i = 0; i < c->window; i++) m->frame[i] = x[i] * m->window[i];
    kiss_fftr(m->fft, m->frame, m->spectrum);
    for (int i = 0; i <= c->fft / 2; i++) {
        double re = (double)m->spectrum[i].r, im = (double)m->spectrum[i].i, power = (re * re + im * im) * scale;
        m->bins[i] = c->power == 2 ? power : sqrt(power);
    }
    for (int i = 0; i < c->bands; i++) {
        const band *b = &m->bands[i];
        double sum = 0;
        for (int k = 0; k < b->n; k++) sum += b->weights[k] * m->bins[b->first + k];
        if (sum < c->floor) sum = c->floor;
        if (c->ceiling > 0 && sum > c->ceiling) sum = c->ceiling;
        out[i] = (float)(wn_log(sum) * b->scale + b->offset);
    }
}

/* Mirror the start, once the samples that it mirrors are there. No row was due before. */
static void reflect_start(wn_mel *m)
{
    for (int i = 1; i <= m->before; i++) ring_write(m, -i, ring_read(m, i));
}

static bool push_value(wn_mel *m, float x, float *out)
{
    const wn_analysis_config *c = &m->config;
    ring_write(m, m->pushed++, x);
    if (c->edge == WN_EDGE_REFLECT && m->pushed == m->before + 1) reflect_start(m);
    if (m->pushed < m->end + m->late) return false;
    int64_t first = (m->end - c->window) % m->capacity;
    if (first < 0) first += m->capacity;
    mel_frame(m, m->ring + first, out);
    m->end += c->hop;
    return true;
}

bool wn_mel_push(wn_mel *m, float x, float *out)
{
    float y = x - (float)m->config.pre_emphasis * m->last;
    m->last = x;
    return push_value(m, y, out);
}

bool wn_mel_push_edge(wn_mel *m, float *out)
{
    if (m->sound < 0) m->sound = m->pushed;
    int64_t mirrored = 2 * (m->sound - 1) - m->pushed;
    bool reflect = m->config.edge == WN_EDGE_REFLECT && mirrored >= 0;
    return push_value(m, reflect ? ring_read(m, mirrored) : 0, out);
}
