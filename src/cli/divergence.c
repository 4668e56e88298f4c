/* SPDX-License-Identifier: MIT
 * divergence.c - a model whose output is no sound ends the command with a line.
 * Copyright (c) 2026 the wavenet authors */
#include "cli/divergence.h"

#include <math.h>
#include <stdio.h>

#include "base/error.h"

int64_t wn_find_divergence(const float *x, int64_t n, double limit)
{
    for (int64_t i = 0; i < n; i++)
        if (!isfinite(x[i]) || fabs((double)x[i]) > limit) return i;
    return -1;
}

wn_status wn_fail_divergence(wn_error *error, const char *path, double value, int64_t frame, double rate)
{
    char when[48];
    if (rate > 0)
        snprintf(when, sizeof when, "%.3f s", (double)frame / rate);
    else
        snprintf(when, sizeof when, "%lld samples", (long long)frame);
    if (!isfinite(value))
        return wn_fail(error, WN_ERROR_FORMAT, path, "the model's output is not finite after %s; nothing was written",
                       when);
    return wn_fail(error, WN_ERROR_FORMAT, path,
                   "the model's output explodes: %.0f dB beyond full scale after %s; nothing was written",
                   20 * log10(fabs(value)), when);
}
