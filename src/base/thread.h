/* SPDX-License-Identifier: MIT
 * thread.h - starts threads, with a real-time priority if requested.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_BASE_THREAD_H
#define WN_BASE_THREAD_H

#include <pthread.h>
#include <stdbool.h>

/* Start a thread that runs main(user). With `realtime_priority` it gets a real-time priority below that of sound
 * servers if the system allows it, else the default. Returns 0 or an error number. */
int wn_thread_start(pthread_t *thread, void *(*main)(void *), void *user, bool realtime_priority);

#endif
