/* SPDX-License-Identifier: MIT
 * mel.h - log-mel spectra of a stream of samples.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_DSP_MEL_H
#define WN_DSP_MEL_H

#include "wavenet/wavenet.h"

/* One thread at a time. */
typedef struct wn_mel wn_mel;

/* `config` has passed wn_analysis_fault; it is copied. */
wn_status wn_mel_new(wn_mel **out, const wn_analysis_config *config, wn_error *error);

/* NULL is allowed. */
void wn_mel_free(wn_mel *mel);

/* Samples that must have been pushed before row 0 is complete. */
int wn_mel_get_delay(const wn_mel *mel);

/* Push one finite sample. True if a row was completed: out [bands]. */
WN_REALTIME bool wn_mel_push(wn_mel *mel, float x, float *out);

/* Push one sample beyond the end, as the edge says; the same result. */
WN_REALTIME bool wn_mel_push_edge(wn_mel *mel, float *out);

WN_REALTIME void wn_mel_reset(wn_mel *mel);

#endif
