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

/* Weights and bias of a layer as they are given; NULL: not given. */
typedef struct wn_reference_given {
    const double *weights, *bias;
    int64_t n_weights, n_bias;
} wn_reference_given;

/* What a layer reads: the output of another, or of a larger one its middle. */
typedef struct wn_reference_source {
    int layer;         /* index; -1: the input of the network */
    int64_t offset[2]; /* first row and column read; not 0 in a sum of branches that differ in size */
} wn_reference_source;

typedef struct wn_reference_layer {
    wn_spec spec; /* with the padding of the actual input; WN_SPEC_CLOSE: a sum of branches */
    int number;   /* from 1; sums have numbers of their own */
    int n_sources;
    wn_reference_source *sources; /* [n_sources] one, or those that a sum adds */
    int outputs;                  /* filters, or outputs of a dense layer */
    bool flip;                    /* the kernel is turned by 180 degrees: true convolution */
    wn_shape in, out;
    int64_t n_weights, n_bias;
    double
        *weights; /* conv [out][in / groups][rows][columns], tconv [in][out / groups][rows][columns], dense [out][in] */
    double *bias; /* [out channels] */
    double *y;    /* output [out] */
    int64_t *route; /* [out] of a pool: index of the input chosen; of an activation with kinks: which piece it is on */
    double *dy, *dx, *dweights, *dbias; /* gradients of the loss; dx [in]: of this layer's share in it */
} wn_reference_layer;

#endif
