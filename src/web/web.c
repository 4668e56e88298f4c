/* SPDX-License-Identifier: MIT
 * web.c - errors, models and kernels of the page's module.
 * Copyright (c) 2026 the wavenet authors */
#include "web/web.h"

#include <stdio.h>

#include "kernels/kernels.h"
#include "play/capture_level.h"

static wn_error failure; /* an instance of the module has one thread */

wn_error *wn_web_failure(void) { return &failure; }

const char *wn_web_error(void)
{
    static char line[sizeof failure.where + sizeof failure.message + 4];
    snprintf(line, sizeof line, "%s%s%s", failure.where, *failure.where ? ": " : "", failure.message);
    return line;
}

wn_model *wn_web_model_load(const void *data, size_t size, const char *name)
{
    wn_model *model;
    return wn_model_load_memory(&model, data, size, name, &failure) ? NULL : model;
}

void wn_web_model_free(wn_model *model) { wn_model_free(model); }

double wn_web_model_rate(const wn_model *model)
{
    double rate = wn_model_get_info(model).sample_rate;
    return rate > 0 ? rate : WN_CAPTURE_RATE;
}

bool wn_web_model_generates(const wn_model *model) { return wn_model_get_info(model).autoregressive; }

const char *wn_web_model_describe(const wn_model *model)
{
    static char line[512];
    wn_model_info info = wn_model_get_info(model);
    double rate = wn_web_model_rate(model);
    snprintf(line, sizeof line, "%s%s%.15g kHz, %lld weights, receptive field %lld samples (%.3g ms)%s%s", info.name,
             *info.name ? ": " : "", rate / 1000, (long long)info.parameters, (long long)info.receptive_field,
             1000 * (double)info.receptive_field / rate, *info.note ? "; " : "", info.note);
    return line;
}

const char *wn_web_kernels(void) { return wn_kernels_get(WN_CPU_AUTO)->name; }

bool wn_web_fuses(void)
{
    enum { LANES = 4 };
    float x[LANES], scale_shift[2 * LANES], y[LANES];
    for (int i = 0; i < LANES; i++) {
        x[i] = scale_shift[i] = 1 + 0x1p-12f;
        scale_shift[LANES + i] = -(1 + 0x1p-11f); /* the square, rounded to a float */
    }
    wn_kernels_get(WN_CPU_AUTO)->film(1, LANES, x, LANES, scale_shift, 2 * LANES, 1, y, LANES);
    return y[0] == 0x1p-24f;
}
