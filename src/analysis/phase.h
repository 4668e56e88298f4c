/* SPDX-License-Identifier: MIT
 * phase.h - where in its cycle each partial of a recorded note is, so that a net can be trained in step with it.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_ANALYSIS_PHASE_H
#define WN_ANALYSIS_PHASE_H

#include "model/model.h"

/* The phase of the fundamental sample by sample, and how far ahead of its multiples the other partials are: strings and
 * bars are not quite harmonic, and every partial of a bowed string wavers by itself. */
typedef struct wn_partials {
    int n;                /* partials */
    const int *harmonics; /* [n], the harmonic source's */
    int64_t frames, hop, n_anchors;
    double *fundamental;  /* [frames] cycles, 0 <= phase < 1: sin(2 pi phase) is in step with it */
    float *lead;          /* [n_anchors][n] cycles, every `hop` samples */
} wn_partials;

/* Measure the partials that a harmonic source names in pcm [frames] at `rate` Hz; f0 [frames]: the nominal pitch in Hz.
 * Where the fundamental is weak, absent, or off by more than 70 cents, its phase runs on at the nominal pitch; a jump,
 * where one is needed, falls on the quietest moment between two notes. A partial that is weak keeps its lead, one that is
 * never heard has none; leads slide within a hop even where the fundamental jumps. Non-finite samples count as 0.
 * Without `lock` the recording is not used: nominal pitch, the source's own initial phase offsets.
 * f0 must lie between 0 and rate / 2. On failure and for no frames *out owns nothing, and wn_partials_at must not be called.
 * Free with wn_partials_free, which accepts zeroed ones; borrows the source's harmonics. */
wn_status wn_partials_measure(wn_partials *out, const wn_harmonic_source *source, bool lock, const float *pcm,
                              int64_t frames, double rate, const double *f0, wn_error *error);
void wn_partials_free(wn_partials *partials);

/* cycles [1 + n], 0 <= c < 1: the fundamental, then each partial, at sample t. */
void wn_partials_at(const wn_partials *partials, int64_t t, double *cycles);

#endif
