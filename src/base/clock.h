/* SPDX-License-Identifier: MIT
 * clock.h - the clock that events, marks and devices share.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_BASE_CLOCK_H
#define WN_BASE_CLOCK_H

#include <time.h>

/* Seconds of CLOCK_MONOTONIC, asked of the kernel's shared page, not of the kernel. */
static inline double wn_clock_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

#endif
