/* SPDX-License-Identifier: MIT
 * thread.c - threads that must be in time.
 * Copyright (c) 2026 the wavenet authors */
#include "base/thread.h"

enum { PRIORITY = 20 };

static int start_urgent(pthread_t *thread, void *(*work)(void *), void *user)
{
    pthread_attr_t attributes;
    struct sched_param priority = {.sched_priority = PRIORITY};
    if (pthread_attr_init(&attributes)) return -1;
    pthread_attr_setinheritsched(&attributes, PTHREAD_EXPLICIT_SCHED);
    pthread_attr_setschedpolicy(&attributes, SCHED_FIFO);
    pthread_attr_setschedparam(&attributes, &priority);
    int wrong = pthread_create(thread, &attributes, work, user);
    pthread_attr_destroy(&attributes);
    return wrong;
}

int wn_thread_start(pthread_t *thread, void *(*work)(void *), void *user, bool realtime_priority)
{
    if (realtime_priority && start_urgent(thread, work, user) == 0) return 0;
    return pthread_create(thread, NULL, work, user);
}
