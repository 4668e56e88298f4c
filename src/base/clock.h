/* SPDX-License-Identifier: MIT
 * clock.h - the monotonic clock that times events, latency probes and devices.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_BASE_CLOCK_H
#define WN_BASE_CLOCK_H

#include <time.h>

/* Seconds of CLOCK_MONOTONIC. Real-time safe: it reads the kernel's shared page (vDSO), without a system call. */
static inline double wn_clock_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

#endif
