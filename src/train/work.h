/* SPDX-License-Identifier: MIT
 * work.h - the activations and scratch of one thread.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_TRAIN_WORK_H
#define WN_TRAIN_WORK_H

#include "train/stage.h"

/* The member dx is the gradient of the loss with respect to x. */
typedef struct wn_twork {
    const wn_tnet *net;
    wn_arena *arena;
    wn_math math;
    int max_frames;
    wn_planar_view *signals;                    /* [n_signals] first frame after the history */
    int *classes;                               /* [in_reach + max_frames] */
    wn_planar_view **u, **z;                    /* [n_stacks][n_layers] before and after the activation */
    wn_planar_view *out;                        /* [n_stacks] output of each stack */
    wn_planar_view *head;                       /* [n_head] input of each head layer, before its activation */
    wn_planar_view y, dy;                       /* network output */
    wn_planar_view local, dlocal;               /* sample-rate condition [local_channels][frames] */
    wn_planar_view held, dheld;                 /* frame-rate condition [held_channels][frames / hop] */
    wn_planar_view held_product, dheld_product; /* its product for all layers [held_rows][frames / hop] */
    wn_planar_view dh, ds, du, dz, temp, dout;  /* scratch of the backward pass */
    wn_tstep *steps;                            /* [n_stages + 1] of the condition pipeline */
} wn_twork;

/* Allocate everything for chunks of at most `max_frames` frames. `net` and `kernels` must outlive it. */
wn_status wn_twork_new(wn_twork **out, const wn_tnet *net, int max_frames, const wn_kernels *kernels, wn_error *error);

/* NULL is allowed. */
void wn_twork_free(wn_twork *work);

#endif
