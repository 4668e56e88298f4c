/* SPDX-License-Identifier: MIT
 * analysis.h - analysis of sound into features: limits, names in files, and what its parameters must satisfy.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_KINDS_ANALYSIS_H
#define WN_KINDS_ANALYSIS_H

#include <stddef.h>

#include "wavenet/wavenet.h"

enum {
    WN_ANALYSIS_MAX_FFT = 1 << 16,
    WN_ANALYSIS_MAX_HOP = 1 << 16,
    WN_ANALYSIS_MAX_BANDS = 1024,
    WN_ANALYSIS_PITCH_CHANNELS = 2 /* voicing, pitch */
};
#define WN_ANALYSIS_MIN_RATE 1000.0 /* Hz */
#define WN_ANALYSIS_MAX_RATE 768000.0
#define WN_ANALYSIS_MIN_PITCH 20.0

/* Names in files, in the order of the enums. */
static const char *const wn_mel_scale_names[] = {"htk", "slaney"};
static const char *const wn_mel_norm_names[] = {"peak", "area"};
static const char *const wn_log_kind_names[] = {"db", "log10", "ln"};
static const char *const wn_edge_names[] = {"zero", "reflect"};
_Static_assert(sizeof wn_mel_scale_names / sizeof *wn_mel_scale_names == WN_MEL_SCALE_COUNT, "one name per scale");
_Static_assert(sizeof wn_mel_norm_names / sizeof *wn_mel_norm_names == WN_MEL_NORM_COUNT, "one name per norm");
_Static_assert(sizeof wn_log_kind_names / sizeof *wn_log_kind_names == WN_LOG_KIND_COUNT, "one name per logarithm");
_Static_assert(sizeof wn_edge_names / sizeof *wn_edge_names == WN_EDGE_COUNT, "one name per edge");

static inline int wn_analysis_channels(const wn_analysis_config *c)
{
    return c->bands + (c->pitch.high > 0 ? WN_ANALYSIS_PITCH_CHANNELS : 0);
}

/* The defaults of a config file: a square transform of the window, 0 Hz to half the rate, no normalisation. */
static inline wn_analysis_config wn_analysis_default(void)
{
    return (wn_analysis_config){.power = 2, .reference = 1, .floor = 1e-10};
}

/* kissfft allocates in transforms whose half-length has a prime factor above 5. */
static inline bool wn_analysis_is_fft(int n)
{
    if (n < 2 || n % 2) return false;
    for (int p = 2; p <= 5; p++)
        while (n % p == 0) n /= p;
    return n == 1;
}

static inline bool wn_analysis_is_list(int n, const double *x, int bands, double above)
{
    if (n && n != 1 && n != bands) return false;
    for (int i = 0; i < n; i++)
        if (!x || !(x[i] > above && x[i] < 1e9)) return false;
    return true;
}

/* The key whose value is wrong, and *expected in words; NULL if all is well. */
static inline const char *wn_analysis_fault(const wn_analysis_config *c, const char **expected)
{
#define WN_ANALYSIS_NEED(condition, key, words) \
    if (!(condition)) return *expected = (words), (key)
    WN_ANALYSIS_NEED(c->sample_rate >= WN_ANALYSIS_MIN_RATE && c->sample_rate <= WN_ANALYSIS_MAX_RATE, "sample_rate",
                     "1000 to 768000 Hz");
    WN_ANALYSIS_NEED(c->hop >= 1 && c->hop <= WN_ANALYSIS_MAX_HOP, "hop", "1 to 65536 samples");
    WN_ANALYSIS_NEED(c->window >= 2 && c->window <= WN_ANALYSIS_MAX_FFT, "window", "2 to 65536 samples");
    WN_ANALYSIS_NEED(c->fft >= c->window && c->fft <= WN_ANALYSIS_MAX_FFT && wn_analysis_is_fft(c->fft), "fft",
                     "an even product of 2, 3 and 5, from the window to 65536 samples");
    WN_ANALYSIS_NEED(c->center >= 0 && c->center <= c->hop, "center", "0 to hop samples");
    WN_ANALYSIS_NEED(c->pre_emphasis >= 0 && c->pre_emphasis < 1, "pre_emphasis", "0 to below 1");
    WN_ANALYSIS_NEED(c->bands >= 1 && c->bands <= WN_ANALYSIS_MAX_BANDS, "bands", "1 to 1024");
    WN_ANALYSIS_NEED(c->high > 0 && c->high <= c->sample_rate / 2, "high", "above low to half the sample rate, in Hz");
    WN_ANALYSIS_NEED(c->low >= 0 && c->low < c->high, "low", "0 to below high, in Hz");
    WN_ANALYSIS_NEED((unsigned)c->scale < WN_MEL_SCALE_COUNT, "scale", "a known mel scale");
    WN_ANALYSIS_NEED((unsigned)c->norm < WN_MEL_NORM_COUNT, "norm", "a known norm");
    WN_ANALYSIS_NEED((unsigned)c->log < WN_LOG_KIND_COUNT, "log", "a known logarithm");
    WN_ANALYSIS_NEED((unsigned)c->edge < WN_EDGE_COUNT, "edge", "a known edge");
    WN_ANALYSIS_NEED(c->power == 1 || c->power == 2, "power", "1 or 2");
    WN_ANALYSIS_NEED(c->reference >= 1e-9 && c->reference <= 1e9, "reference", "1e-9 to 1e9");
    WN_ANALYSIS_NEED(c->floor >= 1e-30 && c->floor <= 1e9, "floor", "1e-30 to 1e9");
    WN_ANALYSIS_NEED(c->ceiling == 0 || (c->ceiling > c->floor && c->ceiling <= 1e30), "ceiling",
                     "above floor to 1e30, or 0 for none");
    WN_ANALYSIS_NEED(wn_analysis_is_list(c->n_mean, c->mean, c->bands, -1e9), "mean", "one number, or one per band");
    WN_ANALYSIS_NEED(wn_analysis_is_list(c->n_std, c->std, c->bands, 1e-9), "std",
                     "one number above 0, or one per band");
    if (c->pitch.high == 0) return NULL;
    WN_ANALYSIS_NEED(c->pitch.low >= WN_ANALYSIS_MIN_PITCH && c->pitch.low < c->pitch.high, "pitch_low",
                     "20 Hz to below pitch_high");
    WN_ANALYSIS_NEED(c->pitch.high <= c->sample_rate / 8, "pitch_high", "at most an eighth of the sample rate, in Hz");
    WN_ANALYSIS_NEED(c->pitch.reference >= 1 && c->pitch.reference <= 1e5, "pitch_reference", "1 to 100000 Hz");
    return NULL;
#undef WN_ANALYSIS_NEED
}

#endif
