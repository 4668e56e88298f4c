/* SPDX-License-Identifier: MIT
 * running.h - run a drawn signal through a stream, cut into blocks and surrounded by other voices as asked.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_TESTS_RUNNING_H
#define WN_TESTS_RUNNING_H

#include "drawn.h"
#include "engine/plan.h"

typedef struct running {
    wn_cpu cpu;
    wn_precision precision;
    int max_frames;    /* of the plan */
    int block;         /* frames handed over at a time; 0 = all at once; < 0 = 1 .. -block at random */
    int voices, voice; /* ours among how many; 0 = 1 */
    bool after_reset;  /* another signal first, then a reset */
    bool bad_others;   /* the other voices meet NaN and Inf */
    const wn_plan_hooks *hooks;
} running;

/* Output of our voice, [frames][output_channels]; the caller frees it. *bad (may be NULL): bad samples counted. */
float *running_output(const wn_model *model, const drawn_signal *signal, const running *how, int64_t *bad);

/* false, and says why: what runs by default has no FMA, and gives the bits of the reference within a bound only. A test of
 * bits then ends with WN_TEST_SKIPPED. */
enum { WN_TEST_SKIPPED = 77 };
bool running_is_exact(void);

#endif
