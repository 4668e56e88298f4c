/* SPDX-License-Identifier: MIT
 * panel_tree.h - the panel with the tree of dilations, and its legend.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_ANALYSIS_PANEL_TREE_H
#define WN_ANALYSIS_PANEL_TREE_H

#include "analysis/canvas.h"
#include "analysis/tree.h"

/* The tree, with the output at height `top` and the input at height `bottom`. */
void wn_panel_tree(const wn_canvas *c, const wn_tree *tree, double top, double bottom);

/* The colours of the dilations, right-aligned at height `y`. Nothing if all layers have the same dilation. */
void wn_panel_legend(const wn_canvas *c, const wn_tree *tree, double y);

#endif
