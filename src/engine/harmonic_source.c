/* SPDX-License-Identifier: MIT
 * harmonic_source.c - pitch to cycles, cycles to channels.
 * Copyright (c) 2026 the wavenet authors */
#include "engine/harmonic_source.h"

#include <math.h>

#include "base/exact_math.h"

double wn_harmonic_source_step(const wn_harmonic_source *source, double key, double bend, double sample_rate)
{
    if (source->n == 0 || sample_rate <= 0) return 0;
    double semitones = key - 69;
    if (source->bend >= 0) semitones += bend / 100;
    double step = 440 * wn_exp(semitones * (0.6931471805599453 / 12)) / sample_rate;
    return fmin(step, 1e6); /* silent long before; with an infinite step the phase would become NaN */
}

double wn_harmonic_source_row_step(const wn_harmonic_source *source, const float *row, double sample_rate)
{
    if (source->voicing >= 0 && !(row[source->voicing] >= 0.5f)) return 0;
    double octaves = fmin(fmax((double)row[source->pitch], -64), 64);
    return fmin(source->reference * wn_exp(octaves * 0.6931471805599453) / sample_rate, 1e6);
}

double wn_harmonic_source_phase(const wn_harmonic_source *source, int i, double fundamental)
{
    return source->harmonics[i] * fundamental + (source->phase_offsets ? source->phase_offsets[i] : 0);
}

void wn_harmonic_source_at(const wn_harmonic_source *source, int i, double cycles, double step, double *sine,
                           double *cosine)
{
    *sine = *cosine = 0;
    if (step > 0 && source->harmonics[i] * step < source->limit) wn_sincos(cycles, sine, cosine);
}
