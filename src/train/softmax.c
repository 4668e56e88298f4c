/* SPDX-License-Identifier: MIT
 * softmax.c - cross-entropy of classes over rows of logits.
 * Copyright (c) 2026 the wavenet authors
 *
 * The likelihood of wn_model_nll in the arithmetic of training: float, frames side by side, fn_exp. Scores sum in double with
 * the exp of the C library. One formula for both would change the bits of one, or slow training down. */
#include "train/softmax.h"

#include <math.h>

#include "train/scalar.h"

enum { TILE = 64 }; /* frames: 256 classes of them stay in the caches */

WN_WIDE static void raise_to(int n, const wn_real *y, wn_real *top)
{
    for (int t = 0; t < n; t++) top[t] = y[t] > top[t] ? y[t] : top[t];
}

/* y = exp(y - top), summed. */
WN_WIDE static void exponentials(int n, const wn_real *top, wn_real *y, wn_real *sum)
{
    for (int t = 0; t < n; t++) {
        wn_real e = fn_exp(y[t] - top[t]);
        y[t] = e;
        sum[t] += e;
    }
}

WN_WIDE static void probabilities(int n, const wn_real *y, const wn_real *factor, wn_real *dy)
{
    for (int t = 0; t < n; t++) dy[t] = y[t] * factor[t];
}

static double tile_loss(int classes, int n, wn_planar_view y, const int *target, wn_real scale, wn_planar_view dy)
{
    wn_real top[TILE], sum[TILE] = {0}, factor[TILE];
    double nats = 0;
    for (int t = 0; t < n; t++) top[t] = y.x[t];
    for (int c = 1; c < classes; c++) raise_to(n, y.x + c * y.stride, top);
    for (int t = 0; t < n; t++) nats += (double)top[t] - (double)y.x[target[t] * y.stride + t];
    for (int c = 0; c < classes; c++) exponentials(n, top, y.x + c * y.stride, sum);
    for (int t = 0; t < n; t++) nats += log((double)sum[t]);
    if (!dy.x) return nats;
    for (int t = 0; t < n; t++) factor[t] = scale / sum[t];
    for (int c = 0; c < classes; c++) probabilities(n, y.x + c * y.stride, factor, dy.x + c * dy.stride);
    for (int t = 0; t < n; t++) dy.x[target[t] * dy.stride + t] -= scale;
    return nats;
}

double wn_softmax_loss(int classes, int frames, wn_planar_view y, const int *target, wn_real scale, wn_planar_view dy)
{
    double nats = 0;
    for (int t = 0; t < frames; t += TILE) {
        int n = frames - t < TILE ? frames - t : TILE;
        wn_planar_view tile = {y.x + t, y.stride}, gradient = {dy.x ? dy.x + t : NULL, dy.stride};
        nats += tile_loss(classes, n, tile, target + t, scale, gradient);
    }
    return nats;
}
