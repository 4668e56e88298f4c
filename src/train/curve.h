/* SPDX-License-Identifier: MIT
 * curve.h - the course of the loss in at most two hundred points, however long training runs.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_TRAIN_CURVE_H
#define WN_TRAIN_CURVE_H

#include <stdint.h>

enum { WN_CURVE_POINTS = 200 };

/* The mean loss of every `interval` steps; when the room is full, neighbours are joined and the interval doubles. */
typedef struct wn_curve {
    int64_t interval;
    int32_t n, valid_n;
    double sum; /* of the steps since the last point */
    int64_t counted;
    double points[WN_CURVE_POINTS];
    double valid[WN_CURVE_POINTS]; /* validations */
    int64_t valid_step[WN_CURVE_POINTS];
} wn_curve;

void wn_curve_add(wn_curve *curve, double loss);
void wn_curve_add_valid(wn_curve *curve, int64_t step, double loss);

#endif
