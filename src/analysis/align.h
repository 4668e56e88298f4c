/* SPDX-License-Identifier: MIT
 * align.h - how far one recording is behind another.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_ANALYSIS_ALIGN_H
#define WN_ANALYSIS_ALIGN_H

#include "model/model.h"

typedef struct wn_alignment {
    int64_t delay;      /* samples that b is behind a; negative: ahead of it */
    double correlation; /* -1 .. 1, of the two at this delay; negative: one is the other upside down */
} wn_alignment;

/* The delay, at most frames/2 either way, at which a and b [frames][channels] are most alike or most opposite: the largest
 * value of their cross-correlation, summed over channels. 0 where one of them is silent. */
wn_status wn_align(wn_alignment *out, const float *a, const float *b, int64_t frames, int channels, wn_error *error);

#endif
