/* SPDX-License-Identifier: MIT
 * act.h - activations over planar views, forward and backward.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_TRAIN_ACT_H
#define WN_TRAIN_ACT_H

#include "model/model.h"
#include "train/planar.h"

/* An activation with the place of its trainable slopes (PRELU). */
typedef struct wn_tact {
    wn_act_kind kind;
    wn_real p[WN_ACT_PARAMETERS];
    int n_slopes;
    size_t slopes; /* offset in the parameters */
} wn_tact;

/* y = act(x). y may be x. */
void wn_tact_forward(const wn_tact *act, const wn_real *theta, int channels, int frames, wn_planar_view x,
                     wn_planar_view y);

/* dx = dy * act'(x), dx may be dy; slopes' gradient is added to grad. */
void wn_tact_backward(const wn_tact *act, const wn_real *theta, wn_real *grad, int channels, int frames,
                      wn_planar_view x, wn_planar_view dy, wn_planar_view dx);

/* Whether the slope follows from the value: of tanh and sigmoid. */
bool wn_tact_has_slope(const wn_tact *act);

/* dx = dy * act'(x) of the values y = act(x), where wn_tact_has_slope; dx may be dy. */
void wn_tact_backward_values(const wn_tact *act, int channels, int frames, wn_planar_view y, wn_planar_view dy,
                             wn_planar_view dx);

/* One half of a gated row: du = dz * other * act'(x) of the values y = act(x), where wn_tact_has_slope. */
void wn_tact_backward_half(const wn_tact *act, int frames, const wn_real *y, const wn_real *other, const wn_real *dz,
                           wn_real *du);

#endif
