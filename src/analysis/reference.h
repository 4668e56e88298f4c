/* SPDX-License-Identifier: MIT
 * reference.h - a small network computed exactly: plain loops in double, forward and backward, to check others against.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_ANALYSIS_REFERENCE_H
#define WN_ANALYSIS_REFERENCE_H

#include "analysis/reference_layer.h"
#include "wavenet/wavenet.h"

typedef enum wn_reference_loss { WN_LOSS_SUM, WN_LOSS_SQUARED, WN_LOSS_CROSS_ENTROPY } wn_reference_loss;

typedef struct wn_reference {
    wn_shape in;
    double *x, *dx; /* [in] input, and the gradient of the loss */
    int n;
    wn_reference_layer *layers; /* [n] each after those it reads */
    wn_reference_loss loss_kind;
    double *target; /* [out] of the squared error */
    int64_t label;  /* class of the cross-entropy */
    double loss;
} wn_reference;

/* Build the layers for an input of shape `in` with the values `x`. `given` [n] holds weights; filters that the list does
 * not state follow from their number, an absent bias is 0. `flip`: true convolution. Errors name the layer, the size it
 * has and the size it needs, and call the list `where`. WN_ERROR_UNSUPPORTED for what is too large for plain loops. */
wn_status wn_reference_new(wn_reference **out, const wn_spec *specs, int n, const wn_shape *in, const double *x,
                           const wn_reference_given *given, bool flip, const char *where, wn_error *error);

/* NULL is allowed. */
void wn_reference_free(wn_reference *reference);

/* Choose the loss: of the sum of all outputs (the default), of half the squared distance from `values` [n], or the
 * cross-entropy of class `label` after a softmax over one position. */
wn_status wn_reference_set_target(wn_reference *reference, const double *values, int64_t n, wn_error *error);
wn_status wn_reference_set_label(wn_reference *reference, int64_t label, wn_error *error);

/* Compute all outputs and the loss. */
void wn_reference_forward(wn_reference *reference);

/* After a forward pass: all gradients. The first maximum of a pool wins a tie; the slope of an activation at a kink is
 * that of the trainer. */
void wn_reference_backward(wn_reference *reference);

/* The output of layer i and its shape; of -1 the input of the network. */
const double *wn_reference_output(const wn_reference *reference, int i);
const wn_shape *wn_reference_output_shape(const wn_reference *reference, int i);

/* The index in the output of a source, which has shape `output`, that meets index i of the layer that reads it, which has
 * input shape `in`. */
int64_t wn_reference_source_place(const wn_shape *output, const wn_reference_source *source, const wn_shape *in,
                                  int64_t i);

/* The input of layer i, [layers[i].in]; of a sum that of its first branch, which may be larger. */
const double *wn_reference_input(const wn_reference *reference, int i);

/* After a forward pass: the sum of the absolute values that the loss is a sum of, to which its roundings are relative. */
double wn_reference_loss_size(const wn_reference *reference);

/* Multiplications of one forward pass. */
double wn_reference_products(const wn_reference *reference);

#endif
