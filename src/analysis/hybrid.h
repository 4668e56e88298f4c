/* SPDX-License-Identifier: MIT
 * hybrid.h - hybrid dilation: the smallest change of dilations that leaves no holes in a receptive field.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_ANALYSIS_HYBRID_H
#define WN_ANALYSIS_HYBRID_H

#include "analysis/field.h"

/* Write to layers [n], which are in series, the dilations that close all holes with the smallest sum of changes, and among
 * those that keep the receptive field at least as long, if any do. The order of the layers' dilations stays. `field` is
 * that of the layers. *changed: number of layers with another dilation. WN_ERROR_UNSUPPORTED, with the reason, where no
 * dilations can close them or the list has branches or transposed layers. */
wn_status wn_hybrid_suggest(wn_spec *layers, int n, const wn_field *field, int *changed, const char *where,
                            wn_error *error);

#endif
