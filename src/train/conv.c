/* SPDX-License-Identifier: MIT
 * conv.c - causal convolution of planar activations: one matrix product per tap and group.
 * Copyright (c) 2026 the wavenet authors */
#include "train/conv.h"

/* Shape of a group with weights [out][kernel][in]. */
struct group {
    int in, out;   /* channels of one group */
    ptrdiff_t row; /* reals between the weights of successive outputs */
};

static struct group conv_group(const wn_tconv *c)
{
    struct group g = {c->in / c->groups, c->out / c->groups, 0};
    g.row = (ptrdiff_t)g.in * c->kernel;
    return g;
}

/* Offset of the weight matrix [out][in] of tap k of group i. */
static ptrdiff_t tap_offset(const struct group *g, int i, int k)
{
    return (ptrdiff_t)i * g->out * g->row + (ptrdiff_t)k * g->in;
}

void wn_tconv_forward(const wn_math *math, const wn_tconv *c, const wn_real *parameters, int frames, wn_planar_view x,
                      int beta, wn_planar_view y)
{
    struct group g = conv_group(c);
    for (int i = 0; i < c->groups; i++) {
        for (int k = 0; k < c->kernel; k++) {
            int delay = (c->kernel - 1 - k) * c->dilation;
            wn_matrix w = wn_plain(parameters + c->weight + tap_offset(&g, i, k), g.row);
            wn_matrix in = wn_plain(x.x + i * g.in * x.stride - delay, x.stride);
            wn_gemm(math, g.out, frames, g.in, w, in, beta || k > 0, y.x + i * g.out * y.stride, y.stride);
        }
    }
}

void wn_tconv_weights(const wn_math *math, const wn_tconv *c, wn_real *grad, int frames, wn_planar_view x,
                      wn_planar_view dy)
{
    struct group g = conv_group(c);
    for (int i = 0; i < c->groups; i++) {
        for (int k = 0; k < c->kernel; k++) {
            int delay = (c->kernel - 1 - k) * c->dilation;
            wn_matrix d = wn_plain(dy.x + i * g.out * dy.stride, dy.stride);
            wn_matrix in = wn_transposed(x.x + i * g.in * x.stride - delay, x.stride);
            wn_gemm(math, g.out, g.in, frames, d, in, 1, grad + c->weight + tap_offset(&g, i, k), g.row);
        }
    }
}

void wn_tconv_input(const wn_math *math, const wn_tconv *c, const wn_real *parameters, int channels, int frames,
                    wn_planar_view dy, int beta, wn_planar_view dx)
{
    struct group g = conv_group(c);
    int in_channels = c->groups > 1 || channels > g.in ? g.in : channels;
    /* The newest tap comes first: it reaches every frame, so beta = 0 overwrites all of dx. */
    for (int i = 0; i < c->groups; i++) {
        for (int k = c->kernel - 1; k >= 0; k--) {
            int delay = (c->kernel - 1 - k) * c->dilation;
            if (delay >= frames) break;
            wn_matrix w = wn_transposed(parameters + c->weight + tap_offset(&g, i, k), g.row);
            wn_matrix d = wn_plain(dy.x + i * g.out * dy.stride + delay, dy.stride);
            wn_gemm(math, in_channels, frames - delay, g.out, w, d, beta || delay > 0, dx.x + i * g.in * dx.stride,
                    dx.stride);
        }
    }
}
