/* SPDX-License-Identifier: MIT
 * act.c - activations and gates, forward and backward, over rows.
 * Copyright (c) 2026 the wavenet authors */
#include "train/rows.h"
#include "train/scalar.h"

/* The rational approximation of amp-capture files: odd, n(s)/d(s) for s = |x|. */
static const wn_real A = (wn_real)2.45550750702956, B = (wn_real)0.893229853513558, C = (wn_real)0.821226666969744,
                     D = (wn_real)2.44506634652299, E = (wn_real)0.814642734961073;

static inline wn_real fast_top(wn_real s) { return s * (A + s * (A + s * (B + s * C))); }

static inline wn_real fast_bottom(wn_real s) { return D + (D + s * s) * (s + E * s * s); }

static inline wn_real fast_value(wn_real x)
{
    wn_real s = x < 0 ? -x : x, y = fast_top(s) / fast_bottom(s);
    return x < 0 ? -y : y;
}

static inline wn_real fast_slope(wn_real x)
{
    wn_real s = x < 0 ? -x : x, n = fast_top(s), d = fast_bottom(s);
    wn_real dn = A + s * (2 * A + s * (3 * B + s * 4 * C));
    wn_real dd = 2 * s * (s + E * s * s) + (D + s * s) * (1 + 2 * E * s);
    return (dn * d - n * dd) / (d * d);
}

/* p as in wn_act; PRELU has its channel's slope in p[0]. */
static inline wn_real value_of(wn_act_kind kind, const wn_real *p, wn_real x)
{
    switch (kind) {
    case WN_ACT_ONE: return 1;
    case WN_ACT_TANH: return wn_rtanh(x);
    case WN_ACT_SIGMOID: return wn_rsigmoid(x);
    case WN_ACT_RELU: return x > 0 ? x : 0;
    case WN_ACT_LEAKY_RELU:
    case WN_ACT_PRELU: return x > 0 ? x : p[0] * x;
    case WN_ACT_SILU: return x * wn_rsigmoid(x);
    case WN_ACT_HARD_TANH: return x < -1 ? -1 : x > 1 ? 1 : x;
    case WN_ACT_LEAKY_HARD_TANH: return x < p[0] ? (x - p[0]) * p[2] + p[0] : x > p[1] ? (x - p[1]) * p[3] + p[1] : x;
    case WN_ACT_HARD_SWISH: return x <= -3 ? 0 : x >= 3 ? x : x * (x + 3) * ((wn_real)1 / 6);
    case WN_ACT_SOFTSIGN: return x / (1 + (x < 0 ? -x : x));
    case WN_ACT_FAST_TANH: return fast_value(x);
    default: return x;
    }
}

static inline wn_real slope_of(wn_act_kind kind, const wn_real *p, wn_real x)
{
    switch (kind) {
    case WN_ACT_ONE: return 0;
    case WN_ACT_TANH: {
        wn_real y = wn_rtanh(x);
        return 1 - y * y;
    }
    case WN_ACT_SIGMOID: {
        wn_real y = wn_rsigmoid(x);
        return y * (1 - y);
    }
    case WN_ACT_RELU: return x > 0 ? 1 : 0;
    case WN_ACT_LEAKY_RELU:
    case WN_ACT_PRELU: return x > 0 ? 1 : p[0];
    case WN_ACT_SILU: {
        wn_real y = wn_rsigmoid(x);
        return y + x * y * (1 - y);
    }
    case WN_ACT_HARD_TANH: return x < -1 || x > 1 ? 0 : 1;
    case WN_ACT_LEAKY_HARD_TANH: return x < p[0] ? p[2] : x > p[1] ? p[3] : 1;
    case WN_ACT_HARD_SWISH: return x <= -3 ? 0 : x >= 3 ? 1 : (2 * x + 3) * ((wn_real)1 / 6);
    case WN_ACT_SOFTSIGN: {
        wn_real d = 1 + (x < 0 ? -x : x);
        return 1 / (d * d);
    }
    case WN_ACT_FAST_TANH: return fast_slope(x);
    default: return 1;
    }
}

/* One loop a kind, so that each is vectorised with its switch resolved. */
#define EACH_KIND(DO)                                                                                                  \
    DO(WN_ACT_ONE)                                                                                                     \
    DO(WN_ACT_TANH) DO(WN_ACT_SIGMOID) DO(WN_ACT_RELU) DO(WN_ACT_LEAKY_RELU) DO(WN_ACT_PRELU) DO(WN_ACT_SILU)          \
        DO(WN_ACT_HARD_TANH) DO(WN_ACT_LEAKY_HARD_TANH) DO(WN_ACT_HARD_SWISH) DO(WN_ACT_SOFTSIGN) DO(WN_ACT_FAST_TANH)

WN_WIDE static void values(wn_act_kind kind, const wn_real *p, int n, const wn_real *x, wn_real *y)
{
    switch (kind) {
#define LOOP(K)                                                                                                        \
    case K:                                                                                                            \
        for (int t = 0; t < n; t++) y[t] = value_of(K, p, x[t]);                                                       \
        break;
        EACH_KIND(LOOP)
#undef LOOP
    default:
        for (int t = 0; t < n; t++) y[t] = x[t];
    }
}

WN_WIDE static void slopes(wn_act_kind kind, const wn_real *p, int n, const wn_real *x, const wn_real *dy, wn_real *dx)
{
    switch (kind) {
#define LOOP(K)                                                                                                        \
    case K:                                                                                                            \
        for (int t = 0; t < n; t++) dx[t] = dy[t] * slope_of(K, p, x[t]);                                              \
        break;
        EACH_KIND(LOOP)
#undef LOOP
    default:
        for (int t = 0; t < n; t++) dx[t] = dy[t];
    }
}

/* The parameters of the activation for one channel. */
static const wn_real *channel_parameters(const wn_tact *act, const wn_real *theta, int channel)
{
    if (act->kind != WN_ACT_PRELU) return act->p;
    return theta + act->slopes + (act->n_slopes > 1 ? channel : 0);
}

static void add_slope_gradient(const wn_tact *act, wn_real *grad, int channel, int n, const wn_real *x,
                               const wn_real *dy)
{
    wn_real sum = 0;
    for (int t = 0; t < n; t++) sum += x[t] > 0 ? 0 : dy[t] * x[t];
    grad[act->slopes + (act->n_slopes > 1 ? (size_t)channel : 0)] += sum;
}

void wn_tact_forward(const wn_tact *act, const wn_real *theta, int channels, int frames, wn_rows x, wn_rows y)
{
    if (act->kind == WN_ACT_IDENTITY && x.x == y.x) return;
    for (int c = 0; c < channels; c++)
        values(act->kind, channel_parameters(act, theta, c), frames, x.x + c * x.stride, y.x + c * y.stride);
}

void wn_tact_backward(const wn_tact *act, const wn_real *theta, wn_real *grad, int channels, int frames, wn_rows x,
                      wn_rows dy, wn_rows dx)
{
    if (act->kind == WN_ACT_IDENTITY && dy.x == dx.x) return;
    for (int c = 0; c < channels; c++) {
        const wn_real *row = x.x + c * x.stride, *dyrow = dy.x + c * dy.stride;
        if (act->kind == WN_ACT_PRELU) add_slope_gradient(act, grad, c, frames, row, dyrow);
        slopes(act->kind, channel_parameters(act, theta, c), frames, row, dyrow, dx.x + c * dx.stride);
    }
}

bool wn_tact_has_slope(const wn_tact *act) { return act->kind == WN_ACT_TANH || act->kind == WN_ACT_SIGMOID; }

WN_WIDE static void tanh_slopes(int n, const wn_real *y, const wn_real *dy, wn_real *dx)
{
    for (int t = 0; t < n; t++) dx[t] = dy[t] * (1 - y[t] * y[t]);
}

WN_WIDE static void sigmoid_slopes(int n, const wn_real *y, const wn_real *dy, wn_real *dx)
{
    for (int t = 0; t < n; t++) dx[t] = dy[t] * (y[t] * (1 - y[t]));
}

void wn_tact_backward_values(const wn_tact *act, int channels, int frames, wn_rows y, wn_rows dy, wn_rows dx)
{
    for (int c = 0; c < channels; c++)
        (act->kind == WN_ACT_TANH ? tanh_slopes : sigmoid_slopes)(frames, y.x + c * y.stride, dy.x + c * dy.stride,
                                                                  dx.x + c * dx.stride);
}
