/* SPDX-License-Identifier: MIT
 * canvas.h - drawing functions, colours and the time axis that all panels of a plot share.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_ANALYSIS_CANVAS_H
#define WN_ANALYSIS_CANVAS_H

#include <cairo.h>
#include <stdint.h>

#include "analysis/plot_content.h"

typedef struct wn_color {
    double r, g, b, a;
} wn_color;

extern const wn_color wn_color_text, wn_color_faint, wn_color_line, wn_color_grid, wn_color_accent, wn_color_area;

/* A colour of a perceptually even, colour-blind-safe sequence from violet (share 0) to yellow-green (share 1). */
wn_color wn_color_sequence(double share, double alpha);

typedef struct wn_canvas {
    cairo_t *cr;
    const wn_plot *plot;
    double width, height;
    double left, right;    /* edges of the panels, in points */
    double low, high;      /* input positions at the panels' edges, half a position beyond the outermost ones */
    double linear_samples; /* time is linear up to about this many samples before `high`, then logarithmic; 0: linear */
    bool in_series; /* the network's receptive field is that of its layers in series: no connection skips a layer */
} wn_canvas;

/* The x coordinate of input position `position` (0 = the time of output 0; fractions allowed). */
double wn_canvas_x(const wn_canvas *c, double position);

/* The input position at coordinate `x`. */
double wn_canvas_position(const wn_canvas *c, double x);

void wn_canvas_set_color(const wn_canvas *c, wn_color color);
void wn_canvas_line(const wn_canvas *c, double x0, double y0, double x1, double y1, double width, wn_color color);
void wn_canvas_rectangle(const wn_canvas *c, double x, double y, double width, double height, wn_color color);

/* Text with its baseline at y; align 0 = starts at x, 0.5 = centred, 1 = ends at x. Returns its width. */
double wn_canvas_text(const wn_canvas *c, double x, double y, double align, double size, wn_color color,
                      const char *format, ...) __attribute__((format(printf, 7, 8)));
void wn_canvas_set_bold(const wn_canvas *c, bool bold);

#endif
