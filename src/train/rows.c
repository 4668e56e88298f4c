/* SPDX-License-Identifier: MIT
 * rows.c - filling, summing and moving rows of activations.
 * Copyright (c) 2026 the wavenet authors */
#include <string.h>

#include "train/rows.h"

WN_WIDE static void fill(int n, wn_real value, wn_real *y)
{
    for (int t = 0; t < n; t++) y[t] = value;
}

void wn_rows_fill(int channels, int frames, const wn_real *value, wn_rows y)
{
    for (int c = 0; c < channels; c++) fill(frames, value ? value[c] : 0, y.x + c * y.stride);
}

void wn_rows_hold(int channels, int frames, int hop, const wn_real *value, wn_rows held, wn_rows y)
{
    for (int c = 0; c < channels; c++) {
        wn_real start = value ? value[c] : 0;
        for (int f = 0; f * hop < frames; f++)
            fill(hop, start + held.x[c * held.stride + f], y.x + c * y.stride + f * hop);
    }
}

/* Sixteen running sums joined in a fixed order: the same bits at every vector width. */
WN_WIDE static wn_real total(int n, const wn_real *x)
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

void wn_rows_sum(int channels, int frames, wn_rows x, wn_real *sum)
{
    for (int c = 0; c < channels; c++) sum[c] += total(frames, x.x + c * x.stride);
}

void wn_rows_unhold(int channels, int frames, int hop, wn_rows x, wn_rows y)
{
    for (int c = 0; c < channels; c++)
        for (int f = 0; f * hop < frames; f++) y.x[c * y.stride + f] = total(hop, x.x + c * x.stride + f * hop);
}

void wn_rows_copy(int channels, int frames, wn_rows x, wn_rows y)
{
    for (int c = 0; c < channels; c++) memcpy(y.x + c * y.stride, x.x + c * x.stride, (size_t)frames * sizeof *y.x);
}

WN_WIDE static void shift(int n, wn_real value, const wn_real *x, wn_real *y)
{
    for (int t = 0; t < n; t++) y[t] = x[t] + value;
}

void wn_rows_shift(int channels, int frames, const wn_real *value, wn_rows x, wn_rows y)
{
    for (int c = 0; c < channels; c++) shift(frames, value[c], x.x + c * x.stride, y.x + c * y.stride);
}

WN_WIDE static void add(int n, wn_real scale, const wn_real *x, wn_real *y)
{
    for (int t = 0; t < n; t++) y[t] += scale * x[t];
}

void wn_rows_add(int channels, int frames, wn_real scale, wn_rows x, wn_rows y)
{
    for (int c = 0; c < channels; c++) add(frames, scale, x.x + c * x.stride, y.x + c * y.stride);
}

WN_WIDE static void multiply(int n, wn_real scale, wn_real *x)
{
    for (int t = 0; t < n; t++) x[t] *= scale;
}

void wn_rows_scale(int channels, int frames, wn_real scale, wn_rows x)
{
    if (scale == 1) return;
    for (int c = 0; c < channels; c++) multiply(frames, scale, x.x + c * x.stride);
}
