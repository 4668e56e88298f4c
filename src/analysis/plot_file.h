/* SPDX-License-Identifier: MIT
 * plot_file.h - PNG and SVG files that a function draws.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_ANALYSIS_PLOT_FILE_H
#define WN_ANALYSIS_PLOT_FILE_H

#include <cairo.h>

#include "wavenet/wavenet.h"

/* Draws the page; `user` is the caller's. Failures are those of cairo_status. */
typedef void wn_plot_draw(cairo_t *cr, const void *user);

/* Draw a page of width x height points to `path`, a .png or .svg file, which appears only when it is complete. */
wn_status wn_plot_file_write(const char *path, int width, double height, wn_plot_draw *draw, const void *user,
                             wn_error *error);

#endif
