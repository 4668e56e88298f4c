/* SPDX-License-Identifier: MIT
 * verify.h - the ring-buffer engine against long-kernel convolution in the frequency domain.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_ANALYSIS_VERIFY_H
#define WN_ANALYSIS_VERIFY_H

#include "analysis/verify_result.h"
#include "engine/plan.h"

typedef struct wn_verify_config {
    wn_cpu cpu;
    const char *only; /* name of the one convolution to check, without the whole stack; NULL = everything */
    const wn_plan_hooks
        *hooks; /* edits of the plan whose layers are checked; tests only. It keeps values in any case */
    void (*progress)(void *user, int done, int total); /* may be NULL */
    void *user;
} wn_verify_config;

/* Every convolution of the model's plan, fed random rows in blocks of varying length, against its expanded kernel and
 * double-precision FFTs over all channel pairs; then the linearised model, streamed, against its own impulse response.
 * WN_OK says that the comparison was made, not that it passed. */
wn_status wn_verify_run(wn_verify *out, const wn_model *model, const wn_verify_config *config, wn_error *error);

void wn_verify_free(wn_verify *verify);

#endif
