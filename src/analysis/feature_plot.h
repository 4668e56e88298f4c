/* SPDX-License-Identifier: MIT
 * feature_plot.h - plot of a sound and its features: waveform, mel bands, pitch.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_ANALYSIS_FEATURE_PLOT_H
#define WN_ANALYSIS_FEATURE_PLOT_H

#include "wavenet/wavenet.h"

typedef struct wn_feature_plot {
    const char *title;
    const wn_analysis_config *config;
    int64_t samples, n_rows;
    const float *pcm;  /* [samples] */
    const float *rows; /* [n_rows][channels] as wn_analysis makes them */
} wn_feature_plot;

/* Write the plot to `path`, a .png or .svg file, which appears only when it is complete. */
wn_status wn_feature_plot_write(const char *path, const wn_feature_plot *plot, wn_error *error);

#endif
