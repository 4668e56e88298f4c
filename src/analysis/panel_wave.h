/* SPDX-License-Identifier: MIT
 * panel_wave.h - panels over time that plots of sounds share: frame, waveform, axis in seconds.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_ANALYSIS_PANEL_WAVE_H
#define WN_ANALYSIS_PANEL_WAVE_H

#include "analysis/canvas.h"

/* All panels reach from c->left to c->right. A frame with a name above it. */
void wn_panel_frame(const wn_canvas *c, double top, double height, const char *name);

/* The largest magnitude of pcm [samples], at least 1e-6. */
float wn_panel_peak(const float *pcm, int64_t samples);

/* One vertical line per point of the page, from the least to the largest sample; `peak` is at the top. */
void wn_panel_wave(const wn_canvas *c, double top, double height, const float *pcm, int64_t samples, float peak,
                   const char *name);

/* Marks below y at 1, 2 or 5 times a power of 10 seconds, at most 14 of them, for a panel of `seconds` from `start` on. */
void wn_panel_seconds(const wn_canvas *c, double y, double start, double seconds);

#endif
