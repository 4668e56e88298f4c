/* SPDX-License-Identifier: MIT
 * loss_history.c - the course of the loss in a fixed number of points.
 * Copyright (c) 2026 the wavenet authors */
#include "train/loss_history.h"

static void halve(wn_loss_history *c)
{
    c->n /= 2;
    for (int i = 0; i < c->n; i++) c->points[i] = (c->points[2 * i] + c->points[2 * i + 1]) / 2;
    c->interval *= 2;
}

void wn_loss_history_add(wn_loss_history *c, double loss)
{
    if (!c->interval) c->interval = 1;
    c->sum += loss;
    if (++c->counted < c->interval) return;
    if (c->n == WN_LOSS_HISTORY_POINTS) { /* a point of the old interval begins one of the new */
        halve(c);
        return;
    }
    c->points[c->n++] = c->sum / (double)c->counted;
    c->sum = 0;
    c->counted = 0;
}

void wn_loss_history_add_valid(wn_loss_history *c, int64_t step, double loss)
{
    if (c->valid_n == WN_LOSS_HISTORY_POINTS) { /* keep every second */
        c->valid_n /= 2;
        for (int i = 0; i < c->valid_n; i++) {
            c->valid[i] = c->valid[2 * i + 1];
            c->valid_step[i] = c->valid_step[2 * i + 1];
        }
    }
    c->valid[c->valid_n] = loss;
    c->valid_step[c->valid_n++] = step;
}
