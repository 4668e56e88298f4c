/* SPDX-License-Identifier: MIT
 * features.h - controls over time -> raw feature rows at frame rate and harmonic source per sample.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_ENGINE_FEATURES_H
#define WN_ENGINE_FEATURES_H

#include "model/model.h"

/* The state of one voice's controls: values, times since note-on and note-off, pitch phase. Generation and training share
 * it, so a model gets the same features in both. One thread at a time. */
typedef struct wn_features wn_features;

/* Controls at their defaults, gates that are on by default on from sample 0, phase 0. NULL if memory fails. The model must
 * outlive it. */
wn_features *wn_features_new(const wn_model *model);
void wn_features_free(wn_features *features);

/* Back to sample 0: times and phase reset, control values kept. */
void wn_features_reset(wn_features *features);

/* Set a control from the next sample on; clamped to its range, NaN = its default. A control that some feature calls its
 * gate goes on when it reaches 0.5 from below. Real-time safe. */
void wn_features_set(wn_features *features, int control, double value);

/* The pitch from the next sample on, in cycles per sample; 0 is unvoiced: the harmonic source is silent and its phase stands
 * still. For a source that does not read controls. Real-time safe. */
void wn_features_set_step(wn_features *features, double step);

/* The raw feature row [condition.feature_channels] of the present sample. Real-time safe. */
void wn_features_row(const wn_features *features, float *row);

/* The harmonic source's channels [2n] of the present sample at the accumulated phase; then phase and times advance by one
 * sample. `harmonics` may be NULL. Real-time safe. */
void wn_features_tick(wn_features *features, float *harmonics);

/* As wn_features_tick, but at measured phases: cycles [1 + n], the fundamental, from which the next tick continues, then
 * every harmonic. NaN: the accumulated phase, or its multiple plus the phase offset. */
void wn_features_tick_at(wn_features *features, const double *cycles, float *harmonics);

/* Nominal pitch of the present sample in Hz; 0 where unvoiced, and without a harmonic source. */
double wn_features_pitch(const wn_features *features);

#endif
