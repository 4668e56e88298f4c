/* SPDX-License-Identifier: MIT
 * align.h - delay between two recordings.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_ANALYSIS_ALIGN_H
#define WN_ANALYSIS_ALIGN_H

#include "model/model.h"

typedef struct wn_alignment {
    int64_t delay;      /* samples by which b lags a; negative: b leads */
    double correlation; /* -1 .. 1 at this delay; negative: inverted polarity */
} wn_alignment;

/* Find the delay, at most frames/2 in either direction, with the largest magnitude of the cross-correlation of a and b
 * [frames][channels], summed over channels. Delay and correlation are 0 if one of them is silent. */
wn_status wn_align(wn_alignment *out, const float *a, const float *b, int64_t frames, int channels, wn_error *error);

#endif
