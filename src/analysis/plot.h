/* SPDX-License-Identifier: MIT
 * plot.h - a receptive field as a picture: the tree of dilations, and below it coverage, paths and measured energy.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_ANALYSIS_PLOT_H
#define WN_ANALYSIS_PLOT_H

#include "analysis/field.h"
#include "analysis/measure.h"

typedef struct wn_plot {
    const wn_field *field;
    const wn_influence *influence; /* measured on the running model, or NULL */
    const char *title;
    double rate; /* Hz; 0 = unknown: no axis in milliseconds */
} wn_plot;

/* Whether `path` ends in .png or .svg. */
wn_status wn_plot_check_name(const char *path, wn_error *error);

/* Draw to `path`, atomically. */
wn_status wn_plot_write(const char *path, const wn_plot *plot, wn_error *error);

#endif
