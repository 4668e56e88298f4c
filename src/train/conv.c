/* SPDX-License-Identifier: MIT
 * conv.c - a causal convolution over rows: one matrix product a tap and group.
 * Copyright (c) 2026 the wavenet authors */
#include "train/conv.h"

/* One group: `in` input and `out` output channels, weights [out][kernel][in]. */
struct group {
    int in, out;
    ptrdiff_t row; /* reals from one output's weights to the next */
};

static struct group group_of(const wn_tconv *c)
{
    struct group g = {c->in / c->groups, c->out / c->groups, 0};
    g.row = (ptrdiff_t)g.in * c->kernel;
    return g;
}

/* Weight matrix [out][in] of tap k of group i. */
static ptrdiff_t tap_at(const struct group *g, int i, int k)
{
    return (ptrdiff_t)i * g->out * g->row + (ptrdiff_t)k * g->in;
}

void wn_tconv_forward(const wn_math *math, const wn_tconv *c, const wn_real *theta, int frames, wn_rows x, int beta,
                      wn_rows y)
{
    struct group g = group_of(c);
    for (int i = 0; i < c->groups; i++) {
        for (int k = 0; k < c->kernel; k++) {
            int delay = (c->kernel - 1 - k) * c->dilation;
            wn_matrix w = wn_plain(theta + c->weight + tap_at(&g, i, k), g.row);
            wn_matrix in = wn_plain(x.x + i * g.in * x.stride - delay, x.stride);
            wn_gemm(math, g.out, frames, g.in, w, in, beta || k > 0, y.x + i * g.out * y.stride, y.stride);
        }
    }
}

void wn_tconv_weights(const wn_math *math, const wn_tconv *c, wn_real *grad, int frames, wn_rows x, wn_rows dy)
{
    struct group g = group_of(c);
    for (int i = 0; i < c->groups; i++) {
        for (int k = 0; k < c->kernel; k++) {
            int delay = (c->kernel - 1 - k) * c->dilation;
            wn_matrix d = wn_plain(dy.x + i * g.out * dy.stride, dy.stride);
            wn_matrix in = wn_transposed(x.x + i * g.in * x.stride - delay, x.stride);
            wn_gemm(math, g.out, g.in, frames, d, in, 1, grad + c->weight + tap_at(&g, i, k), g.row);
        }
    }
}

void wn_tconv_input(const wn_math *math, const wn_tconv *c, const wn_real *theta, int rows, int frames, wn_rows dy,
                    int beta, wn_rows dx)
{
    struct group g = group_of(c);
    int wanted = c->groups > 1 || rows > g.in ? g.in : rows;
    /* The newest tap first: it reaches every frame, so that beta can overwrite. */
    for (int i = 0; i < c->groups; i++) {
        for (int k = c->kernel - 1; k >= 0; k--) {
            int delay = (c->kernel - 1 - k) * c->dilation;
            if (delay >= frames) break;
            wn_matrix w = wn_transposed(theta + c->weight + tap_at(&g, i, k), g.row);
            wn_matrix d = wn_plain(dy.x + i * g.out * dy.stride + delay, dy.stride);
            wn_gemm(math, wanted, frames - delay, g.out, w, d, beta || delay > 0, dx.x + i * g.in * dx.stride,
                    dx.stride);
        }
    }
}
