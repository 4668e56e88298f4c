/* SPDX-License-Identifier: MIT
 * phase.h - phases of the partials of a recording, so that a network's harmonic source can follow them in training.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_ANALYSIS_PHASE_H
#define WN_ANALYSIS_PHASE_H

#include "model/model.h"

/* The phase of the fundamental at every sample, and for each partial h its phase minus h times the fundamental's. That
 * difference varies because strings and bars are not exactly harmonic, and each partial of a
 * bowed string fluctuates independently. */
typedef struct wn_partials {
    int n;                /* partials */
    const int *harmonics; /* [n] harmonic numbers, owned by the harmonic source */
    int64_t frames, hop, n_anchors;
    double *fundamental; /* [frames] cycles, 0 <= phase < 1: the recording is in phase with sin(2 pi phase) */
    float *difference;   /* [n_anchors][n] phase differences in cycles, every `hop` samples; linear between */
} wn_partials;

/* Measure the partials that a harmonic source names in pcm [frames] at `rate` Hz. f0 [frames] is the nominal pitch in
 * Hz, below rate / 2; 0 is unvoiced, where the nominal phase stands still. Free with wn_partials_free; the source must outlive
 * the partials.
 *
 * An anchor every 5 ms is good if the partial is loud enough there and within 70 cents of the nominal pitch. Between two
 * good anchors the offset from the nominal phase is linear. If one tone cannot explain the change, the offset is constant
 * and jumps at the quietest anchor between them. It is constant before the first good anchor and after the last; a partial
 * without any has the offset 0. Non-finite samples count as 0.
 *
 * With WN_LOCK_FUNDAMENTAL the fundamental alone is measured, and the phase differences are the `phase_offsets` of the
 * source. With `measure` false the recording is not used: the pitch is nominal, and the differences are those of the
 * source. On failure, or for 0 frames, *out owns nothing and wn_partials_at must not be called. */
wn_status wn_partials_measure(wn_partials *out, const wn_harmonic_source *source, bool measure, const float *pcm,
                              int64_t frames, double rate, const double *f0, wn_error *error);

/* Accepts zeroed partials. */
void wn_partials_free(wn_partials *partials);

/* The phases cycles [1 + n], 0 <= c < 1, at sample t: the fundamental, then each partial. */
void wn_partials_at(const wn_partials *partials, int64_t t, double *cycles);

#endif
