/* SPDX-License-Identifier: MIT
 * loss_history.h - history of the training loss in at most 200 points, for runs of any length.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_TRAIN_LOSS_HISTORY_H
#define WN_TRAIN_LOSS_HISTORY_H

#include <stdint.h>

enum { WN_MAX_LOSS_POINTS = 200 };

/* Mean losses of `interval` steps each. When it is full, neighbouring points are averaged and the interval doubles. A
 * zeroed history is empty. */
typedef struct wn_loss_history {
    int64_t interval; /* steps per point */
    int32_t n, valid_n;
    double sum;                             /* of the losses since the last point */
    int64_t counted;                        /* number of those losses */
    double points[WN_MAX_LOSS_POINTS];      /* [n] */
    double valid[WN_MAX_LOSS_POINTS];       /* [valid_n] validation losses */
    int64_t valid_step[WN_MAX_LOSS_POINTS]; /* [valid_n] their steps */
} wn_loss_history;

/* Add the loss of a step. */
void wn_loss_history_add(wn_loss_history *history, double loss);

/* Add a validation loss. When full, every second validation is dropped. */
void wn_loss_history_add_valid(wn_loss_history *history, int64_t step, double loss);

#endif
