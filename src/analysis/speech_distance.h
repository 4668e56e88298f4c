/* SPDX-License-Identifier: MIT
 * speech_distance.h - how far one recording of speech is from another: spectrum, pitch, voicing, regularity.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_ANALYSIS_SPEECH_DISTANCE_H
#define WN_ANALYSIS_SPEECH_DISTANCE_H

#include "wavenet/wavenet.h"

enum { WN_SPEECH_RATE = 16000, WN_SPEECH_HOP = 80, WN_PERIOD_BANDS = 3 };

/* Edges of the bands of the period correlation, Hz. */
extern const double wn_period_band_edges[WN_PERIOD_BANDS + 1];

/* Rows are 5 ms apart. Speech rows are those in which `a` is within 45 dB of its loudest row. NaN where no row counts. */
typedef struct wn_speech_distance {
    int64_t rows, speech_rows, voiced_rows; /* voiced: in both */
    double log_mel_db;                      /* mean difference of 40 mel bands in speech rows, dB */
    double mel_cepstral_db;                 /* mean mel-cepstral distortion in speech rows, coefficients 1 to 24, dB */
    double pitch_cents;                     /* median difference in voiced rows */
    double pitch_off;                       /* share of the voiced rows that are off by more than 50 cents */
    double voicing_error;                   /* share of all rows that are voiced in one only */
    double period_a[WN_PERIOD_BANDS], period_b[WN_PERIOD_BANDS]; /* mean correlation one period apart, 0 to 1 */
} wn_speech_distance;

/* Compare a and b [n], mono at WN_SPEECH_RATE. */
wn_status wn_speech_compare(wn_speech_distance *out, const float *a, const float *b, int64_t n, wn_error *error);

#endif
