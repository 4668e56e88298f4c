/* SPDX-License-Identifier: MIT
 * conv.h - causal convolution of planar activations, as matrix products over a chunk of time.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_TRAIN_CONV_H
#define WN_TRAIN_CONV_H

#include "train/gemm.h"
#include "train/planar.h"

/* A convolution. Its weights are stored as [out][kernel][in / groups], so each tap is a matrix. out == 0: absent. */
typedef struct wn_tconv {
    int in, out, kernel, dilation, groups;
    int has_bias;
    size_t weight, bias; /* offsets in the parameters */
} wn_tconv;

/* Number of past frames that it reads. */
static inline int wn_tconv_reach(const wn_tconv *c) { return c->out ? (c->kernel - 1) * c->dilation : 0; }

/* Its bias [out], or NULL. */
static inline const wn_real *wn_tconv_bias(const wn_tconv *c, const wn_real *parameters)
{
    return c->has_bias ? parameters + c->bias : NULL;
}

/* y = beta y + conv(x), without the bias; beta 0 or 1. wn_tconv_reach frames of history precede the first frame of
 * x. */
void wn_tconv_forward(const wn_math *math, const wn_tconv *c, const wn_real *parameters, int frames, wn_planar_view x,
                      int beta, wn_planar_view y);

/* grad += gradient of the weights. The caller adds the gradient of the bias, because it often has that sum already. */
void wn_tconv_weights(const wn_math *math, const wn_tconv *c, wn_real *grad, int frames, wn_planar_view x,
                      wn_planar_view dy);

/* dx = beta dx + gradient of the input, for its first `channels` channels (all of them if there are groups); beta 0 or
 * 1. The gradient of frames before the chunk is dropped. */
void wn_tconv_input(const wn_math *math, const wn_tconv *c, const wn_real *parameters, int channels, int frames,
                    wn_planar_view dy, int beta, wn_planar_view dx);

#endif
