/* SPDX-License-Identifier: MIT
 * conv.h - a causal convolution over rows, as matrix products over a chunk of time.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_TRAIN_CONV_H
#define WN_TRAIN_CONV_H

#include "train/rows.h"

/* A conv and where its weights are. They are stored [out][kernel][in / groups], so that each tap is a matrix. Absent
 * where out == 0. */
typedef struct wn_tconv {
    int in, out, kernel, dilation, groups;
    int has_bias;
    size_t weight, bias; /* offsets in the parameters */
} wn_tconv;

static inline int wn_tconv_reach(const wn_tconv *c) { return c->out ? (c->kernel - 1) * c->dilation : 0; }

static inline const wn_real *wn_tconv_bias(const wn_tconv *c, const wn_real *theta)
{
    return c->has_bias ? theta + c->bias : NULL;
}

/* y (+)= conv(x) without bias; beta 0 overwrites y. x has `reach` frames of history before its first. */
void wn_tconv_forward(const wn_math *math, const wn_tconv *c, const wn_real *theta, int frames, wn_rows x, int beta,
                      wn_rows y);

/* The weights' gradient: grad += dy x. The bias is the caller's, who often has the sum already. */
void wn_tconv_weights(const wn_math *math, const wn_tconv *c, wn_real *grad, int frames, wn_rows x, wn_rows dy);

/* dx (+)= transposed conv of dy, its first `rows` channels (groups 1; else all). What falls before the chunk is
 * dropped. */
void wn_tconv_input(const wn_math *math, const wn_tconv *c, const wn_real *theta, int rows, int frames, wn_rows dy,
                    int beta, wn_rows dx);

#endif
