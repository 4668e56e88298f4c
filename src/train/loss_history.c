/* SPDX-License-Identifier: MIT
 * loss_history.c - history of the training loss in a bounded number of points.
 * Copyright (c) 2026 the wavenet authors */
#include "train/loss_history.h"

static void history_halve(wn_loss_history *history)
{
    history->n /= 2;
    for (int i = 0; i < history->n; i++) history->points[i] = (history->points[2 * i] + history->points[2 * i + 1]) / 2;
    history->interval *= 2;
}

void wn_loss_history_add(wn_loss_history *history, double loss)
{
    if (!history->interval) history->interval = 1;
    history->sum += loss;
    if (++history->counted < history->interval) return;
    if (history->n == WN_MAX_LOSS_POINTS) { /* the sum of one old interval starts a new one */
        history_halve(history);
        return;
    }
    history->points[history->n++] = history->sum / (double)history->counted;
    history->sum = 0;
    history->counted = 0;
}

void wn_loss_history_add_valid(wn_loss_history *history, int64_t step, double loss)
{
    if (history->valid_n == WN_MAX_LOSS_POINTS) { /* full: keep every second validation */
        history->valid_n /= 2;
        for (int i = 0; i < history->valid_n; i++) {
            history->valid[i] = history->valid[2 * i + 1];
            history->valid_step[i] = history->valid_step[2 * i + 1];
        }
    }
    history->valid[history->valid_n] = loss;
    history->valid_step[history->valid_n++] = step;
}
