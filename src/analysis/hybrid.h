/* SPDX-License-Identifier: MIT
 * hybrid.h - hybrid dilation: the smallest change of dilations that leaves no holes in a receptive field.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_ANALYSIS_HYBRID_H
#define WN_ANALYSIS_HYBRID_H

#include "analysis/field.h"

/* Write to layers [n], which are in series, the dilations that close all holes with the smallest change: the fewest layers
 * with another dilation; of those the smallest sum of |new - old|; of those the longest receptive field, up to the present
 * one. `field` is that of the layers. *changed: number of layers with another dilation; *sum: that of the changes.
 * WN_ERROR_UNSUPPORTED, with the reason, where no dilations can close them, the list has branches or transposed layers, or
 * the search is too long. */
wn_status wn_hybrid_suggest(wn_spec *layers, int n, const wn_field *field, int *changed, int *sum, const char *where,
                            wn_error *error);

#endif
