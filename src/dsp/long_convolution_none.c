/* SPDX-License-Identifier: MIT
 * long_convolution_none.c - long_convolution.h in a build without kissfft: convolutions of any length are direct.
 * Copyright (c) 2026 the wavenet authors */
#include <stddef.h>

#include "base/error.h"
#include "dsp/long_convolution.h"

bool wn_long_convolution_is_available(void) { return false; }

/* The functions below are never called; they complete the interface for the linker. */

wn_status wn_long_convolution_new(wn_long_convolution **out, const float *taps, int n, wn_error *error)
{
    (void)taps, (void)n;
    *out = NULL;
    return wn_fail(error, WN_ERROR_UNSUPPORTED, NULL, "this build has no kissfft (meson setup -Dfeatures=enabled)");
}

void wn_long_convolution_free(wn_long_convolution *convolution) { (void)convolution; }

float wn_long_convolution_fill(wn_long_convolution *convolution, float value)
{
    (void)convolution, (void)value;
    return 0;
}

void wn_long_convolution_add(wn_long_convolution *convolution, int frames, const float *x, float *y)
{
    (void)convolution, (void)frames, (void)x, (void)y;
}
