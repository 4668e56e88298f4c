/* SPDX-License-Identifier: MIT
 * gate.h - the two ways a layer multiplies its halves, forward and backward.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_TRAIN_GATE_H
#define WN_TRAIN_GATE_H

#include "train/act.h"

/* True where gated rows keep act(u), gate(u) in place of u: the derivatives of tanh and sigmoid need no more. */
int wn_tact_in_place(const wn_tact *act, const wn_tact *gate);

/* z = act(u[0:n]) * gate(u[n:2n]); u becomes (act, gate) where wn_tact_in_place. */
void wn_gated_forward(const wn_tact *act, const wn_tact *gate, const wn_real *theta, int channels, int frames,
                      wn_planar_view u, wn_planar_view z);

/* du from dz; u as the forward left it. du must not be u. */
void wn_gated_backward(const wn_tact *act, const wn_tact *gate, const wn_real *theta, wn_real *grad, int channels,
                       int frames, wn_planar_view u, wn_planar_view dz, wn_planar_view du);

/* z = a act(u[0:n]) + (1 - a) u[0:n], a = gate(u[n:2n]). */
void wn_blended_forward(const wn_tact *act, const wn_tact *gate, const wn_real *theta, int channels, int frames,
                        wn_planar_view u, wn_planar_view z);
void wn_blended_backward(const wn_tact *act, const wn_tact *gate, const wn_real *theta, wn_real *grad, int channels,
                         int frames, wn_planar_view u, wn_planar_view dz, wn_planar_view du);

#endif
