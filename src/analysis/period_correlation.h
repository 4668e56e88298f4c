/* SPDX-License-Identifier: MIT
 * period_correlation.h - how regular a voice is: correlation of bands one pitch period apart.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_ANALYSIS_PERIOD_CORRELATION_H
#define WN_ANALYSIS_PERIOD_CORRELATION_H

#include "wavenet/wavenet.h"

/* Row t is centred on sample t * hop + center. */
typedef struct wn_period_config {
    double rate; /* Hz */
    int hop, center;
    int64_t rows;
    const double *hz; /* [rows] pitch, 0 = a row that does not count */
} wn_period_config;

/* out [n_bands]: for the band between edges [n_bands + 1] (Hz) of x [n], the mean over voiced rows of the largest
 * |sum z(s) z*(s+T)| / sqrt(sum |z(s)|^2 sum |z(s+T)|^2) for lags T within 3 % of the pitch period, where z is the analytic
 * signal of the band and the sums cover 25 ms: 1 for a periodic sound, about 0.2 for noise. NaN without a voiced row. */
wn_status wn_period_correlation(double *out, const float *x, int64_t n, const wn_period_config *config,
                                const double *edges, int n_bands, wn_error *error);

#endif
