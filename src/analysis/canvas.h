/* SPDX-License-Identifier: MIT
 * canvas.h - paper, ink and the time axis that all panels of a plot share.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_ANALYSIS_CANVAS_H
#define WN_ANALYSIS_CANVAS_H

#include <cairo.h>
#include <stdint.h>

#include "analysis/plot.h"

typedef struct wn_ink {
    double r, g, b, a;
} wn_ink;

extern const wn_ink wn_ink_text, wn_ink_faint, wn_ink_line, wn_ink_grid, wn_ink_accent, wn_ink_area;

/* One of a perceptually even, colour-blind-safe sequence from violet to yellow-green; `share` 0..1. */
wn_ink wn_ink_sequence(double share, double alpha);

typedef struct wn_canvas {
    cairo_t *cr;
    const wn_plot *plot;
    double width, height;
    double left, right; /* of the panels */
    double low, high;   /* input positions at the panels' edges, half a position beyond the outermost */
    double fold;        /* time is linear up to about this many samples before `high`, then logarithmic; 0 = linear */
    bool in_series;     /* the network sees what its layers in series would: no connection goes around one */
} wn_canvas;

/* Where input position `position` (0 = the time of output 0; fractions allowed) is. */
double wn_canvas_x(const wn_canvas *c, double position);
/* The position at `x`. */
double wn_canvas_position(const wn_canvas *c, double x);

void wn_canvas_ink(const wn_canvas *c, wn_ink ink);
void wn_canvas_rule(const wn_canvas *c, double x0, double y0, double x1, double y1, double width, wn_ink ink);
void wn_canvas_box(const wn_canvas *c, double x, double y, double width, double height, wn_ink ink);

/* Text with its baseline at y; align 0 = starts at x, 0.5 = centred, 1 = ends at x. Returns its width. */
double wn_canvas_text(const wn_canvas *c, double x, double y, double align, double size, wn_ink ink, const char *format,
                      ...) __attribute__((format(printf, 7, 8)));
void wn_canvas_bold(const wn_canvas *c, int bold);

#endif
