/* SPDX-License-Identifier: MIT
 * act.c - activations and gates, forward and backward, over rows.
 * Copyright (c) 2026 the wavenet authors */
#include "train/act.h"

#include "train/scalar.h"

/* One loop per activation, so that each is vectorised with its switch resolved. p: see activation_math.h. */
WN_WIDE static void values(wn_act_kind kind, const wn_real *p, int n, const wn_real *x, wn_real *y)
{
    switch (kind) {
#define LOOP(ID, name, ...) \
    case WN_ACT_##ID: \
        for (int t = 0; t < n; t++) y[t] = act_##name(x[t], p); \
        break;
        WN_ACTIVATIONS(LOOP)
#undef LOOP
    case WN_ACT_COUNT: break;
    }
}

WN_WIDE static void slopes(wn_act_kind kind, const wn_real *p, int n, const wn_real *x, const wn_real *dy, wn_real *dx)
{
    switch (kind) {
#define LOOP(ID, name, ...) \
    case WN_ACT_##ID: \
        for (int t = 0; t < n; t++) dx[t] = dy[t] * slope_##name(x[t], act_##name(x[t], p), p); \
        break;
        WN_ACTIVATIONS(LOOP)
#undef LOOP
    case WN_ACT_COUNT: break;
    }
}

/* The same of the values y, times `other` where it is there; of activations whose slope follows from their value. */
WN_WIDE static void slopes_of_values(wn_act_kind kind, int n, const wn_real *y, const wn_real *dy, const wn_real *other,
                                     wn_real *dx)
{
    switch (kind) {
#define LOOP(ID, name, flags, ...) \
    case WN_ACT_##ID: \
        if (!((flags)&WN_ACT_SLOPE_OF_VALUE)) break; \
        if (other) \
            for (int t = 0; t < n; t++) dx[t] = dy[t] * other[t] * slope_##name(y[t], y[t], NULL); \
        else \
            for (int t = 0; t < n; t++) dx[t] = dy[t] * slope_##name(y[t], y[t], NULL); \
        break;
        WN_ACTIVATIONS(LOOP)
#undef LOOP
    case WN_ACT_COUNT: break;
    }
}

static bool is_per_channel(const wn_tact *act) { return wn_act_row_of(act->kind)->flags & WN_ACT_PER_CHANNEL; }

/* The parameters of the activation for one channel. */
static const wn_real *channel_parameters(const wn_tact *act, const wn_real *theta, int channel)
{
    if (!is_per_channel(act)) return act->p;
    return theta + act->slopes + (act->n_slopes > 1 ? channel : 0);
}

static void add_slope_gradient(const wn_tact *act, wn_real *grad, int channel, int n, const wn_real *x,
                               const wn_real *dy)
{
    wn_real sum = 0;
    for (int t = 0; t < n; t++) sum += x[t] > 0 ? 0 : dy[t] * x[t];
    grad[act->slopes + (act->n_slopes > 1 ? (size_t)channel : 0)] += sum;
}

void wn_tact_forward(const wn_tact *act, const wn_real *theta, int channels, int frames, wn_planar_view x,
                     wn_planar_view y)
{
    if (act->kind == WN_ACT_IDENTITY && x.x == y.x) return;
    for (int c = 0; c < channels; c++)
        values(act->kind, channel_parameters(act, theta, c), frames, x.x + c * x.stride, y.x + c * y.stride);
}

void wn_tact_backward(const wn_tact *act, const wn_real *theta, wn_real *grad, int channels, int frames,
                      wn_planar_view x, wn_planar_view dy, wn_planar_view dx)
{
    if (act->kind == WN_ACT_IDENTITY && dy.x == dx.x) return;
    for (int c = 0; c < channels; c++) {
        const wn_real *row = x.x + c * x.stride, *dyrow = dy.x + c * dy.stride;
        if (is_per_channel(act)) add_slope_gradient(act, grad, c, frames, row, dyrow);
        slopes(act->kind, channel_parameters(act, theta, c), frames, row, dyrow, dx.x + c * dx.stride);
    }
}

bool wn_tact_has_slope(const wn_tact *act) { return wn_act_row_of(act->kind)->flags & WN_ACT_SLOPE_OF_VALUE; }

void wn_tact_backward_values(const wn_tact *act, int channels, int frames, wn_planar_view y, wn_planar_view dy,
                             wn_planar_view dx)
{
    for (int c = 0; c < channels; c++)
        slopes_of_values(act->kind, frames, y.x + c * y.stride, dy.x + c * dy.stride, NULL, dx.x + c * dx.stride);
}

void wn_tact_backward_half(const wn_tact *act, int frames, const wn_real *y, const wn_real *other, const wn_real *dz,
                           wn_real *du)
{
    slopes_of_values(act->kind, frames, y, dz, other, du);
}
