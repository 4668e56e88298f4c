/* SPDX-License-Identifier: MIT
 * harmonic_source.h - sin and cos of multiples of a pitch phase: the one definition that generation and training share.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_ENGINE_HARMONIC_SOURCE_H
#define WN_ENGINE_HARMONIC_SOURCE_H

#include "model/model.h"

/* Pitch in cycles per sample of a key and a bend (in cents); 0 without harmonics or without a sample rate. */
double wn_harmonic_source_step(const wn_harmonic_source *source, double key, double bend, double sample_rate);

/* The same of a feature row [feature_channels], for a source with a reference: 0 where unvoiced. Real-time safe. */
double wn_harmonic_source_row_step(const wn_harmonic_source *source, const float *row, double sample_rate);

/* Cycles of harmonic i, from those of the fundamental. */
double wn_harmonic_source_phase(const wn_harmonic_source *source, int i, double fundamental);

/* Channels i and n + i at `cycles` of harmonic i: 0 where unvoiced, and where the harmonic is at or above the limit at `step`
 * cycles of the fundamental per sample. Real-time safe. */
void wn_harmonic_source_at(const wn_harmonic_source *source, int i, double cycles, double step, double *sine,
                           double *cosine);

#endif
