/* SPDX-License-Identifier: MIT
 * plot.h - plot of a receptive field: the tree of dilations and, below it, coverage, paths and measured energy.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_ANALYSIS_PLOT_H
#define WN_ANALYSIS_PLOT_H

#include "analysis/plot_content.h"

/* WN_ERROR_ARGUMENT unless `path` ends in .png or .svg. */
wn_status wn_plot_check_name(const char *path, wn_error *error);

/* Write the plot to `path`, which appears only when it is complete. WN_ERROR_UNSUPPORTED if the layers have branches. */
wn_status wn_plot_write(const char *path, const wn_plot *plot, wn_error *error);

#endif
