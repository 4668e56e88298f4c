/* SPDX-License-Identifier: MIT
 * gate.c - the two ways a layer multiplies its halves, forward and backward, over rows.
 * Copyright (c) 2026 the wavenet authors */
#include "train/gate.h"

enum { TILE = 256 }; /* frames at a time where scratch is needed */

int wn_tact_in_place(const wn_tact *act, const wn_tact *gate)
{
    return wn_tact_has_slope(act) && wn_tact_has_slope(gate);
}

WN_WIDE static void product(int n, const wn_real *a, const wn_real *b, wn_real *z)
{
    for (int t = 0; t < n; t++) z[t] = a[t] * b[t];
}

/* z = a act + (1 - a) u; dz goes to act (in da) and to a (in dg). */
WN_WIDE static void blend(int n, const wn_real *u, const wn_real *act, const wn_real *a, wn_real *z)
{
    for (int t = 0; t < n; t++) z[t] = u[t] + a[t] * (act[t] - u[t]);
}

WN_WIDE static void add_unblended(int n, const wn_real *dz, const wn_real *a, wn_real *du)
{
    for (int t = 0; t < n; t++) du[t] += dz[t] * (1 - a[t]);
}

WN_WIDE static void blend_gate(int n, const wn_real *dz, const wn_real *u, const wn_real *act, wn_real *dg)
{
    for (int t = 0; t < n; t++) dg[t] = dz[t] * (act[t] - u[t]);
}

/* One channel's activation with its own slope: PRELU's slopes are found by channel. */
static wn_tact of_channel(const wn_tact *act, int channel)
{
    wn_tact one = *act;
    if (act->n_slopes > 1) one.slopes += (size_t)channel, one.n_slopes = 1;
    return one;
}

void wn_gated_forward(const wn_tact *act, const wn_tact *gate, const wn_real *theta, int channels, int frames,
                      wn_planar_view u, wn_planar_view z)
{
    wn_planar_view v = wn_planar_view_from(u, channels);
    if (wn_tact_in_place(act, gate)) {
        wn_tact_forward(act, theta, channels, frames, u, u);
        wn_tact_forward(gate, theta, channels, frames, v, v);
        for (int c = 0; c < channels; c++) product(frames, u.x + c * u.stride, v.x + c * v.stride, z.x + c * z.stride);
        return;
    }
    wn_real b[TILE];
    wn_tact_forward(act, theta, channels, frames, u, z);
    for (int c = 0; c < channels; c++) {
        wn_tact one = of_channel(gate, c);
        for (int t = 0; t < frames; t += TILE) {
            int n = frames - t < TILE ? frames - t : TILE;
            wn_real *zt = z.x + c * z.stride + t;
            wn_tact_forward(&one, theta, 1, n, (wn_planar_view){v.x + c * v.stride + t, 0}, (wn_planar_view){b, 0});
            product(n, zt, b, zt);
        }
    }
}

static void gated_in_place_backward(const wn_tact *act, const wn_tact *gate, int channels, int frames, wn_planar_view u,
                                    wn_planar_view dz, wn_planar_view du)
{
    wn_planar_view v = wn_planar_view_from(u, channels), dv = wn_planar_view_from(du, channels);
    for (int c = 0; c < channels; c++) {
        const wn_real *a = u.x + c * u.stride, *b = v.x + c * v.stride, *d = dz.x + c * dz.stride;
        wn_tact_backward_half(act, frames, a, b, d, du.x + c * du.stride);
        wn_tact_backward_half(gate, frames, b, a, d, dv.x + c * dv.stride);
    }
}

/* A tile of one channel. */
static void gated_tile_backward(const wn_tact *act, const wn_tact *gate, const wn_real *theta, wn_real *grad, int n,
                                wn_real *u, wn_real *v, const wn_real *dz, wn_real *du, wn_real *dv)
{
    wn_real a[TILE], b[TILE];
    wn_tact_forward(act, theta, 1, n, (wn_planar_view){u, 0}, (wn_planar_view){a, 0});
    wn_tact_forward(gate, theta, 1, n, (wn_planar_view){v, 0}, (wn_planar_view){b, 0});
    product(n, dz, a, a);
    product(n, dz, b, b);
    wn_tact_backward(act, theta, grad, 1, n, (wn_planar_view){u, 0}, (wn_planar_view){b, 0}, (wn_planar_view){du, 0});
    wn_tact_backward(gate, theta, grad, 1, n, (wn_planar_view){v, 0}, (wn_planar_view){a, 0}, (wn_planar_view){dv, 0});
}

void wn_gated_backward(const wn_tact *act, const wn_tact *gate, const wn_real *theta, wn_real *grad, int channels,
                       int frames, wn_planar_view u, wn_planar_view dz, wn_planar_view du)
{
    if (wn_tact_in_place(act, gate)) {
        gated_in_place_backward(act, gate, channels, frames, u, dz, du);
        return;
    }
    wn_planar_view v = wn_planar_view_from(u, channels), dv = wn_planar_view_from(du, channels);
    for (int c = 0; c < channels; c++) {
        wn_tact one = of_channel(act, c), other = of_channel(gate, c);
        for (int t = 0; t < frames; t += TILE) {
            int n = frames - t < TILE ? frames - t : TILE;
            gated_tile_backward(&one, &other, theta, grad, n, u.x + c * u.stride + t, v.x + c * v.stride + t,
                                dz.x + c * dz.stride + t, du.x + c * du.stride + t, dv.x + c * dv.stride + t);
        }
    }
}

void wn_blended_forward(const wn_tact *act, const wn_tact *gate, const wn_real *theta, int channels, int frames,
                        wn_planar_view u, wn_planar_view z)
{
    wn_planar_view v = wn_planar_view_from(u, channels);
    wn_real a[TILE];
    wn_tact_forward(act, theta, channels, frames, u, z);
    for (int c = 0; c < channels; c++) {
        wn_tact one = of_channel(gate, c);
        for (int t = 0; t < frames; t += TILE) {
            int n = frames - t < TILE ? frames - t : TILE;
            wn_real *zt = z.x + c * z.stride + t;
            wn_tact_forward(&one, theta, 1, n, (wn_planar_view){v.x + c * v.stride + t, 0}, (wn_planar_view){a, 0});
            blend(n, u.x + c * u.stride + t, zt, a, zt);
        }
    }
}

static void blended_tile_backward(const wn_tact *act, const wn_tact *gate, const wn_real *theta, wn_real *grad, int n,
                                  wn_real *u, wn_real *v, const wn_real *dz, wn_real *du, wn_real *dv)
{
    wn_real a[TILE], value[TILE], d[TILE];
    wn_tact_forward(gate, theta, 1, n, (wn_planar_view){v, 0}, (wn_planar_view){a, 0});
    wn_tact_forward(act, theta, 1, n, (wn_planar_view){u, 0}, (wn_planar_view){value, 0});
    blend_gate(n, dz, u, value, d);
    wn_tact_backward(gate, theta, grad, 1, n, (wn_planar_view){v, 0}, (wn_planar_view){d, 0}, (wn_planar_view){dv, 0});
    product(n, dz, a, d);
    wn_tact_backward(act, theta, grad, 1, n, (wn_planar_view){u, 0}, (wn_planar_view){d, 0}, (wn_planar_view){du, 0});
    add_unblended(n, dz, a, du);
}

void wn_blended_backward(const wn_tact *act, const wn_tact *gate, const wn_real *theta, wn_real *grad, int channels,
                         int frames, wn_planar_view u, wn_planar_view dz, wn_planar_view du)
{
    wn_planar_view v = wn_planar_view_from(u, channels), dv = wn_planar_view_from(du, channels);
    for (int c = 0; c < channels; c++) {
        wn_tact one = of_channel(act, c), other = of_channel(gate, c);
        for (int t = 0; t < frames; t += TILE) {
            int n = frames - t < TILE ? frames - t : TILE;
            blended_tile_backward(&one, &other, theta, grad, n, u.x + c * u.stride + t, v.x + c * v.stride + t,
                                  dz.x + c * dz.stride + t, du.x + c * du.stride + t, dv.x + c * dv.stride + t);
        }
    }
}
