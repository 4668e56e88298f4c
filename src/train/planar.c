/* SPDX-License-Identifier: MIT
 * planar.c - elementwise functions on planar activations [channels][frames].
 * Copyright (c) 2026 the wavenet authors */
#include "train/planar.h"

#include <string.h>

WN_WIDE static void channel_fill(int n, wn_real value, wn_real *y)
{
    for (int t = 0; t < n; t++) y[t] = value;
}

void wn_planar_view_fill(int channels, int frames, const wn_real *value, wn_planar_view y)
{
    for (int c = 0; c < channels; c++) channel_fill(frames, value ? value[c] : 0, y.x + c * y.stride);
}

void wn_planar_view_repeat(int channels, int frames, int hop, const wn_real *value, wn_planar_view held,
                           wn_planar_view y)
{
    for (int c = 0; c < channels; c++) {
        wn_real start = value ? value[c] : 0;
        for (int f = 0; f * hop < frames; f++)
            channel_fill(hop, start + held.x[c * held.stride + f], y.x + c * y.stride + f * hop);
    }
}

/* Sixteen partial sums, added in a fixed order, give the same bits at every vector width. */
WN_WIDE static wn_real channel_sum(int n, const wn_real *x)
{
    wn_real lane[16] = {0};
    int t = 0;
    for (; t + 16 <= n; t += 16)
        for (int i = 0; i < 16; i++) lane[i] += x[t + i];
    for (; t < n; t++) lane[t & 15] += x[t];
    for (int half = 8; half; half /= 2)
        for (int i = 0; i < half; i++) lane[i] += lane[i + half];
    return lane[0];
}

void wn_planar_view_sum(int channels, int frames, wn_planar_view x, wn_real *sum)
{
    for (int c = 0; c < channels; c++) sum[c] += channel_sum(frames, x.x + c * x.stride);
}

void wn_planar_sum_hops(int channels, int frames, int hop, wn_planar_view x, wn_planar_view y)
{
    for (int c = 0; c < channels; c++)
        for (int f = 0; f * hop < frames; f++) y.x[c * y.stride + f] = channel_sum(hop, x.x + c * x.stride + f * hop);
}

void wn_planar_view_copy(int channels, int frames, wn_planar_view x, wn_planar_view y)
{
    for (int c = 0; c < channels; c++) memcpy(y.x + c * y.stride, x.x + c * x.stride, (size_t)frames * sizeof *y.x);
}

WN_WIDE static void channel_add_bias(int n, wn_real value, const wn_real *x, wn_real *y)
{
    for (int t = 0; t < n; t++) y[t] = x[t] + value;
}

void wn_planar_add_bias(int channels, int frames, const wn_real *value, wn_planar_view x, wn_planar_view y)
{
    for (int c = 0; c < channels; c++) channel_add_bias(frames, value[c], x.x + c * x.stride, y.x + c * y.stride);
}

WN_WIDE static void channel_add(int n, wn_real scale, const wn_real *x, wn_real *y)
{
    for (int t = 0; t < n; t++) y[t] += scale * x[t];
}

void wn_planar_view_add(int channels, int frames, wn_real scale, wn_planar_view x, wn_planar_view y)
{
    for (int c = 0; c < channels; c++) channel_add(frames, scale, x.x + c * x.stride, y.x + c * y.stride);
}

WN_WIDE static void channel_scale(int n, wn_real scale, wn_real *x)
{
    for (int t = 0; t < n; t++) x[t] *= scale;
}

void wn_planar_view_scale(int channels, int frames, wn_real scale, wn_planar_view x)
{
    if (scale == 1) return;
    for (int c = 0; c < channels; c++) channel_scale(frames, scale, x.x + c * x.stride);
}
