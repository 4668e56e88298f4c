/* SPDX-License-Identifier: MIT
 * reference_pointwise.h - activations and softmax in double, with the C library's functions.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_ANALYSIS_REFERENCE_POINTWISE_H
#define WN_ANALYSIS_REFERENCE_POINTWISE_H

#include "analysis/reference_layer.h"

/* Parameters [WN_ACT_PARAMETERS] that the activation has where a file states none. */
void wn_reference_act_defaults(wn_act_kind kind, double *p);

/* Value at x; slope at x where the value is y. */
double wn_reference_act(wn_act_kind kind, const double *p, double x);
double wn_reference_slope(wn_act_kind kind, const double *p, double x, double y);

/* Whether the slope of the activation, with its default parameters, jumps anywhere. */
bool wn_reference_act_has_kinks(wn_act_kind kind);

/* Number of kinks at or below x: the piece of the activation that x is on. */
int64_t wn_reference_piece(wn_act_kind kind, const double *p, double x);

/* Softmax over the channels of every position. */
void wn_reference_softmax(const wn_shape *shape, const double *x, double *y);

/* dx = the gradient of its input, from that of its output. */
void wn_reference_softmax_backward(const wn_shape *shape, const double *y, const double *dy, double *dx);

#endif
