/* SPDX-License-Identifier: MIT
 * planar.h - elementwise functions on planar activations [channels][frames]: the frames of a channel are contiguous.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_TRAIN_PLANAR_H
#define WN_TRAIN_PLANAR_H

#include "train/real.h"

/* The compiler vectorises these loops once per vector width. No loop changes the order of a sum with the width, so
 * results do not depend on it. Sanitizers cannot instrument the resolvers that choose among the clones. */
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(__SANITIZE_ADDRESS__) && \
    !defined(__SANITIZE_THREAD__) && !defined(WN_NO_CLONES)
#define WN_WIDE __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define WN_WIDE
#endif

/* A view of channels x [channels][frames], `stride` reals apart. It owns nothing. */
typedef struct wn_planar_view {
    wn_real *x;
    ptrdiff_t stride;
} wn_planar_view;

/* The same view from channel `channel` on. */
static inline wn_planar_view wn_planar_view_from(wn_planar_view p, int channel)
{
    return (wn_planar_view){p.x + channel * p.stride, p.stride};
}

/* y[c][t] = value[c], or 0 if value is NULL. */
void wn_planar_view_fill(int channels, int frames, const wn_real *value, wn_planar_view y);

/* y[c][t] = (value ? value[c] : 0) + held[c][t / hop]. frames is a multiple of hop. */
void wn_planar_view_repeat(int channels, int frames, int hop, const wn_real *value, wn_planar_view held,
                           wn_planar_view y);

/* y[c][f] = sum of x[c][t] over t = f * hop .. f * hop + hop - 1: the adjoint of wn_planar_view_repeat. */
void wn_planar_sum_hops(int channels, int frames, int hop, wn_planar_view x, wn_planar_view y);

/* sum[c] += sum over t of x[c][t]. */
void wn_planar_view_sum(int channels, int frames, wn_planar_view x, wn_real *sum);

/* y = x. */
void wn_planar_view_copy(int channels, int frames, wn_planar_view x, wn_planar_view y);

/* y[c][t] = x[c][t] + value[c]. */
void wn_planar_add_bias(int channels, int frames, const wn_real *value, wn_planar_view x, wn_planar_view y);

/* y += scale * x. */
void wn_planar_view_add(int channels, int frames, wn_real scale, wn_planar_view x, wn_planar_view y);

/* x *= scale. */
void wn_planar_view_scale(int channels, int frames, wn_real scale, wn_planar_view x);

#endif
