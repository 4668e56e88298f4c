/* SPDX-License-Identifier: MIT
 * emphasis.c - pre-emphasis and gain: between a recording and the signal that a network works on.
 * Copyright (c) 2026 the wavenet authors */
#include <math.h>

#include "model/model.h"

static bool has_emphasis(const wn_encoding *e) { return e->pre_emphasis != 0 || e->gain != 1; }

float wn_model_emphasize(const wn_model *model, float *previous, float x)
{
    const wn_encoding *e = &model->input;
    if (!has_emphasis(e)) return x;
    x = isfinite(x) ? fminf(fmaxf(x, -1), 1) : 0;
    double y = e->gain * ((double)x - e->pre_emphasis * (double)*previous);
    *previous = x;
    return (float)y;
}

float wn_model_deemphasize(const wn_model *model, float *previous, float y)
{
    const wn_encoding *e = &model->input;
    if (!has_emphasis(e)) return y;
    float x = (float)((double)y / e->gain + e->pre_emphasis * (double)*previous);
    *previous = x; /* unclamped, so that the filter stays linear; |x| <= 1 / (gain * (1 - pre_emphasis)) */
    return fminf(fmaxf(x, -1), 1);
}
