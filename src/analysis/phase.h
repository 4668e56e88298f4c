/* SPDX-License-Identifier: MIT
 * phase.h - where in its cycle a recorded note is, sample by sample, so that a net can be trained in step with it.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_ANALYSIS_PHASE_H
#define WN_ANALYSIS_PHASE_H

#include "model/model.h"

/* Measure the phase of the fundamental of pcm [frames] at `rate` Hz, given its nominal pitch f0 [frames] in Hz.
 * phase [frames], in cycles, 0 <= phase < 1: sin(2 pi phase) is in step with the recording's fundamental. Where the
 * fundamental is weak, absent, or off by more than 70 cents, the phase runs on at the nominal pitch; a jump, where one
 * is needed, falls on the quietest moment between two notes. Non-finite samples count as 0. */
wn_status wn_phase_measure(double *phase, const float *pcm, int64_t frames, double rate, const double *f0,
                           wn_error *error);

#endif
