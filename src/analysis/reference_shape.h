/* SPDX-License-Identifier: MIT
 * reference_shape.h - output shape and parameters of a layer that is computed exactly, or the reason why it does not fit.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_ANALYSIS_REFERENCE_SHAPE_H
#define WN_ANALYSIS_REFERENCE_SHAPE_H

#include "analysis/reference_layer.h"
#include "wavenet/wavenet.h"

/* Set `out`, the numbers of parameters and the padding of a layer from its `in`, `spec` and `number`. Filters that the
 * list does not state follow from the number of weights. Errors name the layer, the size it has and the size it needs, and
 * call the list `where`. WN_ERROR_UNSUPPORTED for what is too large for plain loops. */
wn_status wn_reference_shape(wn_reference_layer *layer, const wn_reference_given *given, const char *where,
                             wn_error *error);

/* Set `in`, `out` and the sources' offsets of a sum. `shapes` [n_sources] are its branches' outputs; of those that differ
 * in size the middle is added. */
wn_status wn_reference_shape_sum(wn_reference_layer *layer, const wn_shape *shapes, const char *where, wn_error *error);

/* Whether the layer multiplies weights. */
bool wn_reference_has_weights(const wn_reference_layer *layer);

/* Multiplications of one forward pass through the layer. */
double wn_reference_layer_products(const wn_reference_layer *layer);

#endif
