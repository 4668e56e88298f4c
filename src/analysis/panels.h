/* SPDX-License-Identifier: MIT
 * panels.h - the parts of a plot, each drawn between two heights of a canvas.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_ANALYSIS_PANELS_H
#define WN_ANALYSIS_PANELS_H

#include "analysis/canvas.h"
#include "analysis/tree.h"

/* The tree: output on the line `top`, input on the line `bottom`. */
void wn_panel_tree(const wn_canvas *c, const wn_tree *tree, double top, double bottom);

/* The colours of the dilations, right-aligned above the tree. */
void wn_panel_legend(const wn_canvas *c, const wn_tree *tree, double y);

/* Which positions reach the output; how many ways lead there; how much of a change arrives. */
void wn_panel_coverage(const wn_canvas *c, double top, double bottom);
void wn_panel_paths(const wn_canvas *c, double top, double bottom);
void wn_panel_energy(const wn_canvas *c, double top, double bottom);

/* Grid lines from `top` to `bottom`, and below them the scales in samples and, if the rate is known, milliseconds. */
void wn_panel_grid(const wn_canvas *c, double top, double bottom);
void wn_panel_axis(const wn_canvas *c, double y);

#endif
