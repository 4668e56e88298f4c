/* SPDX-License-Identifier: MIT
 * features.h - controls over time -> raw feature rows at frame rate and harmonic excitation per sample.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_ENGINE_FEATURES_H
#define WN_ENGINE_FEATURES_H

#include "model/model.h"

/* The state of one voice's controls: values, gate ages, pitch phase. Generation and training share it, so that a model
 * hears the same features in both. One thread at a time. */
typedef struct wn_features wn_features;

/* Controls at their defaults, gates that are on by default on from sample 0, phase 0. NULL if memory fails. The model must
 * outlive it. */
wn_features *wn_features_new(const wn_model *model);
void wn_features_free(wn_features *features);

/* Back to sample 0: ages and phase forgotten, control values kept. */
void wn_features_reset(wn_features *features);

/* Set a control from the next sample on; clamped to its range, NaN = its default. A control that some AGE feature calls
 * its gate goes on when it reaches 0.5 from below. Real-time safe. */
void wn_features_set(wn_features *features, int control, double value);

/* The raw feature row [condition.feature_channels] of the present sample. Real-time safe. */
void wn_features_row(const wn_features *features, float *row);

/* The excitation [2 * excitation.n] of the present sample at accumulated phase, then one sample onward: phase and ages
 * advance. `excitation` may be NULL. Real-time safe. */
void wn_features_tick(wn_features *features, float *excitation);

/* As wn_features_tick, but at measured phases: cycles [1 + excitation.n], the fundamental, from which the next tick goes
 * on, then every harmonic. NaN: the accumulated phase, or its multiple and lead. */
void wn_features_tick_at(wn_features *features, const double *cycles, float *excitation);

/* Nominal pitch of the present sample in Hz, from the excitation's key and bend controls; 0 without excitation. */
double wn_features_pitch(const wn_features *features);

#endif
