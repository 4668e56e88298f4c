/* SPDX-License-Identifier: MIT
 * response.h - delay and polarity of what equipment makes of a recording, and how much of it follows from that recording.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_ANALYSIS_RESPONSE_H
#define WN_ANALYSIS_RESPONSE_H

#include "model/model.h"

typedef struct wn_response {
    int64_t delay;    /* samples by which the output lags the input; negative: it leads */
    bool inverted;    /* the first peak of the response is negative */
    double explained; /* 0 .. 1: share of the output's pre-emphasised energy that a short causal filter explains */
} wn_response;

/* Find the response between in and out [frames], at delays of at most frames/2 in either direction. A plain
 * cross-correlation peaks where low notes fit best, tens of samples late. Here whitened spectra give the neighbourhood
 * (Knapp and Carter, "The Generalized Correlation Method for Estimation of Time Delay", 1976, PHAT), and the delay is
 * the largest one after which a causal filter still explains the output. `explained` is 0 if one of them is silent. */
wn_status wn_response_find(wn_response *response, const float *in, const float *out, int64_t frames, wn_error *error);

#endif
