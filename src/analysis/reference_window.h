/* SPDX-License-Identifier: MIT
 * reference_window.h - which input, weight and output meet in a product of a layer: the one place that knows the indices.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_ANALYSIS_REFERENCE_WINDOW_H
#define WN_ANALYSIS_REFERENCE_WINDOW_H

#include "analysis/reference_layer.h"

/* One product: output[out] += weight[weight] * input[in]. In a pool there is no weight (-1). */
typedef void wn_reference_product(void *user, int64_t weight, int64_t in, int64_t out);

/* Call f for every product of a convolution, transposed convolution or dense layer, or for every input of each window of
 * a pool. Products with the zeros of a padding do not exist. */
void wn_reference_visit(const wn_reference_layer *layer, wn_reference_product *f, void *user);

/* The axis of rows (0) or columns (1); that of a signal's one row changes nothing. */
wn_spec_axis wn_reference_axis(const wn_spec *spec, int a);

#endif
