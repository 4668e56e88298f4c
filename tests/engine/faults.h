/* SPDX-License-Identifier: MIT
 * faults.h - faults planted in a plan between its operations and the executors, to see that they are found.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_TESTS_FAULTS_H
#define WN_TESTS_FAULTS_H

#include "engine/plan.h"

typedef enum fault_kind {
    FAULT_NONE,
    FAULT_LATE,    /* the oldest tap is read one frame too late */
    FAULT_EARLY,   /* one frame too early */
    FAULT_WRAP,    /* reads before the ring's start land one frame off */
    FAULT_SPACING, /* taps are one frame closer to each other than they should be */
    FAULT_SHORT,   /* the ring wraps four frames early */
    FAULT_TAP,     /* the oldest tap is left out */
    FAULT_COUNT
} fault_kind;

typedef struct fault {
    fault_kind kind;
    int op;       /* one that looks back */
    wn_conv conv; /* FAULT_TAP: what stands in for the model's, until fault_free */
} fault;

/* Hooks that plant `fault`, which must outlive them. */
wn_plan_hooks fault_hooks(fault *fault);
void fault_free(fault *fault);

#endif
