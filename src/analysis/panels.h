/* SPDX-License-Identifier: MIT
 * panels.h - the panels of coverage, paths and energy, the grid and the time axis.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_ANALYSIS_PANELS_H
#define WN_ANALYSIS_PANELS_H

#include "analysis/canvas.h"

/* Panels between the heights `top` and `bottom`: which positions reach the output, through how many paths, and how much
 * energy a change at each position has in the output. */
void wn_panel_coverage(const wn_canvas *c, double top, double bottom);
void wn_panel_paths(const wn_canvas *c, double top, double bottom);
void wn_panel_energy(const wn_canvas *c, double top, double bottom);

/* Grid lines from `top` to `bottom`, and the axis from `y` down in samples and, if the rate is known, in
 * milliseconds. */
void wn_panel_grid(const wn_canvas *c, double top, double bottom);
void wn_panel_axis(const wn_canvas *c, double y);

#endif
