/* SPDX-License-Identifier: MIT
 * loss_history.h - the course of the loss in at most two hundred points, however long training runs.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_TRAIN_LOSS_HISTORY_H
#define WN_TRAIN_LOSS_HISTORY_H

#include <stdint.h>

enum { WN_LOSS_HISTORY_POINTS = 200 };

/* The mean loss of every `interval` steps; when the room is full, neighbours are joined and the interval doubles. */
typedef struct wn_loss_history {
    int64_t interval;
    int32_t n, valid_n;
    double sum; /* of the steps since the last point */
    int64_t counted;
    double points[WN_LOSS_HISTORY_POINTS];
    double valid[WN_LOSS_HISTORY_POINTS]; /* validations */
    int64_t valid_step[WN_LOSS_HISTORY_POINTS];
} wn_loss_history;

void wn_loss_history_add(wn_loss_history *curve, double loss);
void wn_loss_history_add_valid(wn_loss_history *curve, int64_t step, double loss);

#endif
