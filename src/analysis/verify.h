/* SPDX-License-Identifier: MIT
 * verify.h - the ring-buffer engine against long-kernel convolution in the frequency domain.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_ANALYSIS_VERIFY_H
#define WN_ANALYSIS_VERIFY_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/plan.h"

/* Errors are 10 log10(sum e^2 / sum y^2) in dB: e = engine - reference, y = reference. Float32 sums of some hundred
 * products land near -140 dB; one tap in the wrong place lands above -40. No error at all counts as WN_VERIFY_EXACT. */
#define WN_VERIFY_LAYER_DB (-110.0)
#define WN_VERIFY_WHOLE_DB (-100.0)
#define WN_VERIFY_EXACT (-400.0)

/* One convolution of the plan. */
typedef struct wn_verify_row {
    char name[WN_OP_NAME]; /* "stacks.0.layers.3.conv" */
    int in, out, kernel, dilation, groups;
    int ring_frames; /* 0: it never looks back */
    int64_t frames;  /* of random signal compared */
    double error_db;
    bool ok;
} wn_verify_row;

typedef struct wn_verify {
    int n_rows;
    wn_verify_row *rows;
    int worst;            /* row of the largest error */
    const char *cpu;      /* kernel set, static */
    int64_t whole_kernel; /* length of the linearised stack's impulse response */
    int64_t whole_frames;
    double whole_db;
    bool layers_ok, whole_ok;
} wn_verify;

typedef struct wn_verify_config {
    wn_cpu cpu;
    const char *only;      /* name of the one convolution to check, without the whole stack; NULL = everything */
    const wn_plan_hooks *hooks; /* edits of the plan whose layers are checked; tests only. It keeps values in any case */
    void (*progress)(void *user, int done, int total); /* may be NULL */
    void *user;
} wn_verify_config;

/* Every convolution of the model's plan, fed random rows in blocks of varying length, against its expanded kernel and
 * double-precision FFTs over all channel pairs; then the linearised model, streamed, against its own impulse response.
 * WN_OK says that the comparison was made, not that it passed. */
wn_status wn_verify_run(wn_verify *out, const wn_model *model, const wn_verify_config *config, wn_error *error);

void wn_verify_free(wn_verify *verify);

#endif
