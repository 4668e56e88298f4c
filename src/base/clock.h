/* SPDX-License-Identifier: MIT
 * clock.h - the monotonic clock that times events and devices, and processor time.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_BASE_CLOCK_H
#define WN_BASE_CLOCK_H

#include <time.h>

static inline double wn_clock_read(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* Seconds of CLOCK_MONOTONIC. It is read from a page that the kernel shares, without a system call. */
static inline double wn_clock_seconds(void) { return wn_clock_read(CLOCK_MONOTONIC); }

/* Seconds of processor time that this thread, or the whole process, has used. A system call. */
static inline double wn_clock_thread_seconds(void) { return wn_clock_read(CLOCK_THREAD_CPUTIME_ID); }
static inline double wn_clock_process_seconds(void) { return wn_clock_read(CLOCK_PROCESS_CPUTIME_ID); }

/* Let other threads run for so many seconds; less if a signal comes. A system call. */
static inline void wn_clock_sleep(double seconds)
{
    struct timespec time = {.tv_sec = (time_t)seconds};
    time.tv_nsec = (long)((seconds - (double)time.tv_sec) * 1e9);
    nanosleep(&time, NULL);
}

#endif
