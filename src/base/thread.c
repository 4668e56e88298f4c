/* SPDX-License-Identifier: MIT
 * thread.c - starts threads, with a real-time priority if requested.
 * Copyright (c) 2026 the wavenet authors */
#include "base/thread.h"

enum { REALTIME_PRIORITY = 20 }; /* of SCHED_FIFO, below that of sound servers */

static int start_realtime(pthread_t *thread, void *(*main)(void *), void *user)
{
    pthread_attr_t attributes;
    struct sched_param priority = {.sched_priority = REALTIME_PRIORITY};
    if (pthread_attr_init(&attributes)) return -1;
    pthread_attr_setinheritsched(&attributes, PTHREAD_EXPLICIT_SCHED);
    pthread_attr_setschedpolicy(&attributes, SCHED_FIFO);
    pthread_attr_setschedparam(&attributes, &priority);
    int result = pthread_create(thread, &attributes, main, user);
    pthread_attr_destroy(&attributes);
    return result;
}

int wn_thread_start(pthread_t *thread, void *(*main)(void *), void *user, bool realtime_priority)
{
    if (realtime_priority && start_realtime(thread, main, user) == 0) return 0;
    return pthread_create(thread, NULL, main, user);
}
