/* SPDX-License-Identifier: MIT
 * plot_content.h - what a plot of a receptive field shows.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_ANALYSIS_PLOT_CONTENT_H
#define WN_ANALYSIS_PLOT_CONTENT_H

#include "analysis/field.h"
#include "analysis/measure.h"

typedef struct wn_plot {
    const wn_field *field;
    const wn_influence *influence; /* measured on the running model, or NULL */
    const char *title;
    double rate; /* Hz; 0: unknown, without an axis in milliseconds */
} wn_plot;

#endif
