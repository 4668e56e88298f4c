/* SPDX-License-Identifier: MIT
 * comparison_plot.h - plot of a recording beside what a model made: waveforms, the loudest moment, spectra with the error's.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_ANALYSIS_COMPARISON_PLOT_H
#define WN_ANALYSIS_COMPARISON_PLOT_H

#include "wavenet/wavenet.h"

typedef struct wn_comparison_plot {
    const char *title, *note;       /* the heading, and the line below it */
    double rate;                    /* Hz */
    int64_t frames;                 /* at least 1 */
    const float *recording, *model; /* [frames] */
} wn_comparison_plot;

/* Write the plot to `path`, a .png or .svg file, which appears only when it is complete. */
wn_status wn_comparison_plot_write(const char *path, const wn_comparison_plot *plot, wn_error *error);

#endif
