/* SPDX-License-Identifier: MIT
 * thread.h - threads that must be in time.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_BASE_THREAD_H
#define WN_BASE_THREAD_H

#include <pthread.h>
#include <stdbool.h>

/* Start a thread; an realtime_priority one with a real-time priority, below that of sound servers, where the system allows it, else as
 * any other. 0, or what is wrong. */
int wn_thread_start(pthread_t *thread, void *(*work)(void *), void *user, bool realtime_priority);

#endif
