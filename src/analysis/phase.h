/* SPDX-License-Identifier: MIT
 * phase.h - phases of the partials of a recording, so that a network's harmonic source can follow them in training.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_ANALYSIS_PHASE_H
#define WN_ANALYSIS_PHASE_H

#include "model/model.h"

/* The phase of the fundamental at every sample, and the difference between each partial's phase and that multiple of
 * the fundamental's. The difference varies because strings and bars are not exactly harmonic, and each partial of a
 * bowed string fluctuates independently. */
typedef struct wn_partials {
    int n;                /* partials */
    const int *harmonics; /* [n] harmonic numbers, owned by the harmonic source */
    int64_t frames, hop, n_anchors;
    double *fundamental; /* [frames] cycles, 0 <= phase < 1: the recording is in phase with sin(2 pi phase) */
    float *lead;         /* [n_anchors][n] phase differences in cycles, every `hop` samples */
} wn_partials;

/* Measure the partials that a harmonic source names in pcm [frames] at `rate` Hz. f0 [frames] is the nominal pitch in
 * Hz, below rate / 2; 0 is unvoiced, where the nominal phase stands still. Free with wn_partials_free; the source must outlive the partials. If the fundamental is
 * weak or deviates by more than 70 cents, its phase continues at the nominal pitch. If it then has to jump, it does so
 * at the quietest moment between two notes, or where it is unvoiced. A weak partial keeps its last phase difference; one that is never audible
 * has none. Differences are linear within a hop. Non-finite samples count as 0. A source
 * that locks the fundamental only has its own phase differences. With `lock` false the recording is not
 * used: the pitch is nominal and the phase differences are the source's. On failure, or for 0 frames, *out owns nothing
 * and wn_partials_at must not be called. */
wn_status wn_partials_measure(wn_partials *out, const wn_harmonic_source *source, bool lock, const float *pcm,
                              int64_t frames, double rate, const double *f0, wn_error *error);

/* Accepts zeroed partials. */
void wn_partials_free(wn_partials *partials);

/* The phases cycles [1 + n], 0 <= c < 1, at sample t: the fundamental, then each partial. */
void wn_partials_at(const wn_partials *partials, int64_t t, double *cycles);

#endif
