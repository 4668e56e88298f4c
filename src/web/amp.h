/* SPDX-License-Identifier: MIT
 * amp.h - sound through a capture and a cabinet, in the browser.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_WEB_AMP_H
#define WN_WEB_AMP_H

#include "web/web.h"

typedef struct wn_web_amp wn_web_amp;

/* An amp for sound of `rate` Hz. It takes ownership of `model` (NULL: none), also on failure. `taps` [n] are the impulse
 * response of a cabinet at the model's rate, or at that of the sound without a model; n = 0: none. NULL on failure. */
wn_web_amp *wn_web_amp_new(wn_model *model, const float *taps, int n, double rate) WN_WEB_EXPORT(amp_new);

/* NULL is allowed. */
void wn_web_amp_free(wn_web_amp *amp) WN_WEB_EXPORT(amp_free);

/* Frames from the input to the output. */
int wn_web_amp_latency(const wn_web_amp *amp) WN_WEB_EXPORT(amp_latency);

/* Gains in dB, and whether the output comes to the normal loudness, where the file states its own. Every change fades. */
void wn_web_amp_set(wn_web_amp *amp, double in_db, double out_db, bool bypassed, bool normalizes)
    WN_WEB_EXPORT(amp_set);

/* Where wn_web_amp_run reads [WN_WEB_BLOCK], and where it writes. */
float *wn_web_amp_in(wn_web_amp *amp) WN_WEB_EXPORT(amp_in);
float *wn_web_amp_out(wn_web_amp *amp) WN_WEB_EXPORT(amp_out);

/* Run `frames` <= WN_WEB_BLOCK frames. */
void wn_web_amp_run(wn_web_amp *amp, int frames) WN_WEB_EXPORT(amp_run);

/* The largest magnitude of the input or the output since the last call. */
double wn_web_amp_take_peak(wn_web_amp *amp, bool output) WN_WEB_EXPORT(amp_take_peak);

#endif
