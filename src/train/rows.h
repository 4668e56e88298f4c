/* SPDX-License-Identifier: MIT
 * rows.h - elementwise work on activations stored [channel][time]: time is contiguous, rows are `stride` apart.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_TRAIN_ROWS_H
#define WN_TRAIN_ROWS_H

#include "model/model.h"
#include "train/real.h"

/* The compiler vectorises these loops once for each width; no loop changes the order of a sum with the width, so that
 * the numbers do not depend on it. Sanitizers cannot instrument the resolvers that choose among clones. */
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(__SANITIZE_ADDRESS__) &&               \
    !defined(__SANITIZE_THREAD__) && !defined(WN_NO_CLONES)
#define WN_WIDE __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define WN_WIDE
#endif

/* A view of rows. */
typedef struct wn_rows {
    wn_real *x; /* [channels][frames] */
    ptrdiff_t stride;
} wn_rows;

static inline wn_rows wn_rows_from(wn_rows r, int channel) { return (wn_rows){r.x + channel * r.stride, r.stride}; }

/* y[c][t] = value[c], or 0 where value is NULL. */
void wn_rows_fill(int channels, int frames, const wn_real *value, wn_rows y);

/* y[c][t] = (value ? value[c] : 0) + held[c][t / hop]; frames is a multiple of hop. */
void wn_rows_hold(int channels, int frames, int hop, const wn_real *value, wn_rows held, wn_rows y);

/* sum[c] += sum over t of x[c][t]. */
void wn_rows_sum(int channels, int frames, wn_rows x, wn_real *sum);

/* y[c][f] = sum of x[c][t] over the hop of f. */
void wn_rows_unhold(int channels, int frames, int hop, wn_rows x, wn_rows y);

/* y = x; y[c] = x[c] + value[c]; y += scale * x; x *= scale. */
void wn_rows_copy(int channels, int frames, wn_rows x, wn_rows y);
void wn_rows_shift(int channels, int frames, const wn_real *value, wn_rows x, wn_rows y);
void wn_rows_add(int channels, int frames, wn_real scale, wn_rows x, wn_rows y);
void wn_rows_scale(int channels, int frames, wn_real scale, wn_rows x);

/* An activation with the place of its trainable slopes (PRELU). */
typedef struct wn_tact {
    wn_act_kind kind;
    wn_real p[4];
    int n_slopes;
    size_t slopes; /* offset in the parameters */
} wn_tact;

/* y = act(x). y may be x. */
void wn_tact_forward(const wn_tact *act, const wn_real *theta, int channels, int frames, wn_rows x, wn_rows y);

/* dx = dy * act'(x), dx may be dy; slopes' gradient is added to grad. */
void wn_tact_backward(const wn_tact *act, const wn_real *theta, wn_real *grad, int channels, int frames, wn_rows x,
                      wn_rows dy, wn_rows dx);

/* True of tanh and sigmoid, whose values tell their slopes. */
bool wn_tact_has_slope(const wn_tact *act);

/* dx = dy * act'(x) of the values y = act(x), where wn_tact_has_slope; dx may be dy. */
void wn_tact_backward_values(const wn_tact *act, int channels, int frames, wn_rows y, wn_rows dy, wn_rows dx);

/* True where gated rows keep act(u), gate(u) in place of u: the derivatives of tanh and sigmoid need no more. */
int wn_tact_in_place(const wn_tact *act, const wn_tact *gate);

/* z = act(u[0:n]) * gate(u[n:2n]); u becomes (act, gate) where wn_tact_in_place. */
void wn_gated_forward(const wn_tact *act, const wn_tact *gate, const wn_real *theta, int channels, int frames,
                      wn_rows u, wn_rows z);

/* du from dz; u as the forward left it. du must not be u. */
void wn_gated_backward(const wn_tact *act, const wn_tact *gate, const wn_real *theta, wn_real *grad, int channels,
                       int frames, wn_rows u, wn_rows dz, wn_rows du);

/* z = a act(u[0:n]) + (1 - a) u[0:n], a = gate(u[n:2n]). */
void wn_blended_forward(const wn_tact *act, const wn_tact *gate, const wn_real *theta, int channels, int frames,
                        wn_rows u, wn_rows z);
void wn_blended_backward(const wn_tact *act, const wn_tact *gate, const wn_real *theta, wn_real *grad, int channels,
                         int frames, wn_rows u, wn_rows dz, wn_rows du);

/* Softmax cross-entropy of `classes` rows of logits: returns the summed nats of target[t]; dy (may be NULL) =
 * scale * (softmax - onehot). Overwrites y with scratch. */
double wn_softmax_loss(int classes, int frames, wn_rows y, const int *target, wn_real scale, wn_rows dy);

#endif
