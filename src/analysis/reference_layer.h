/* SPDX-License-Identifier: MIT
 * reference_layer.h - one layer of a small network that is computed exactly: its shapes, weights, outputs and gradients.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_ANALYSIS_REFERENCE_LAYER_H
#define WN_ANALYSIS_REFERENCE_LAYER_H

#include "analysis/spec.h"

/* Values [channels][size[0]][size[1]]: rows and columns. A signal in time has rank 1, one row, and time in the columns. */
typedef struct wn_shape {
    int rank; /* 1 or 2 */
    int64_t channels, size[2];
} wn_shape;

static inline int64_t wn_shape_count(const wn_shape *shape)
{
    return shape->channels * shape->size[0] * shape->size[1];
}

typedef struct wn_reference_layer {
    wn_spec spec; /* with the padding of the actual input */
    int number;   /* from 1 */
    int outputs;  /* filters, or outputs of a dense layer */
    bool flip;    /* the kernel is turned by 180 degrees: true convolution */
    wn_shape in, out;
    int64_t n_weights, n_bias;
    double
        *weights; /* conv [out][in / groups][rows][columns], tconv [in][out / groups][rows][columns], dense [out][in] */
    double *bias; /* [out channels] */
    double *y;    /* output [out] */
    int64_t *route; /* [out] of a pool: index of the input chosen; of an activation with kinks: which piece it is on */
    double *dy, *dweights, *dbias; /* gradients of the loss */
} wn_reference_layer;

#endif
