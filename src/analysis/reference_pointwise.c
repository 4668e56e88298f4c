/* SPDX-License-Identifier: MIT
 * reference_pointwise.c - activations and softmax in double, with the C library's functions.
 * Copyright (c) 2026 the wavenet authors */
#include "analysis/reference_pointwise.h"

#include <math.h>

#define NUMBER_DOUBLE
#include "kinds/number.h"

VEC_FN double fn_tanh(double x) { return tanh(x); }
VEC_FN double fn_sigmoid(double x) { return 1 / (1 + exp(-x)); }

#include "kinds/activation_math.h"

void wn_reference_act_defaults(wn_act_kind kind, double *p)
{
    const wn_act_row *row = wn_act_row_of(kind);
    for (int i = 0; i < WN_ACT_PARAMETERS; i++) p[i] = row->parameter[i].fallback;
}

double wn_reference_act(wn_act_kind kind, const double *p, double x)
{
    switch (kind) {
#define ACT_CASE(ID, name, ...) \
    case WN_ACT_##ID: return act_##name(x, p);
        WN_ACTIVATIONS(ACT_CASE)
#undef ACT_CASE
    default: return x;
    }
}

double wn_reference_slope(wn_act_kind kind, const double *p, double x, double y)
{
    switch (kind) {
#define SLOPE_CASE(ID, name, ...) \
    case WN_ACT_##ID: return slope_##name(x, y, p);
        WN_ACTIVATIONS(SLOPE_CASE)
#undef SLOPE_CASE
    default: return 1;
    }
}

bool wn_reference_act_has_kinks(wn_act_kind kind)
{
    double p[WN_ACT_PARAMETERS], kinks[WN_ACT_MAX_KINKS];
    wn_reference_act_defaults(kind, p);
    return wn_act_kinks(kind, p, kinks) > 0;
}

int64_t wn_reference_piece(wn_act_kind kind, const double *p, double x)
{
    double kinks[WN_ACT_MAX_KINKS];
    int n = wn_act_kinks(kind, p, kinks), piece = 0;
    while (piece < n && x > kinks[piece]) piece++;
    return piece;
}

void wn_reference_softmax(const wn_shape *shape, const double *x, double *y)
{
    int64_t positions = shape->size[0] * shape->size[1];
    for (int64_t t = 0; t < positions; t++) {
        double highest = -INFINITY, sum = 0;
        for (int64_t c = 0; c < shape->channels; c++) highest = fmax(highest, x[c * positions + t]);
        for (int64_t c = 0; c < shape->channels; c++) sum += y[c * positions + t] = exp(x[c * positions + t] - highest);
        for (int64_t c = 0; c < shape->channels; c++) y[c * positions + t] /= sum;
    }
}

void wn_reference_softmax_backward(const wn_shape *shape, const double *y, const double *dy, double *dx)
{
    int64_t positions = shape->size[0] * shape->size[1];
    for (int64_t t = 0; t < positions; t++) {
        double mean = 0;
        for (int64_t c = 0; c < shape->channels; c++) mean += y[c * positions + t] * dy[c * positions + t];
        for (int64_t c = 0; c < shape->channels; c++)
            dx[c * positions + t] = y[c * positions + t] * (dy[c * positions + t] - mean);
    }
}
