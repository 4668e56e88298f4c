/* SPDX-License-Identifier: MIT
 * verify_result.h - what verification finds: the error of each convolution, and that of the whole stack.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_ANALYSIS_VERIFY_RESULT_H
#define WN_ANALYSIS_VERIFY_RESULT_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/op.h"

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

#endif
