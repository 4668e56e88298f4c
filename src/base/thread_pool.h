/* SPDX-License-Identifier: MIT
 * thread_pool.h - a few threads that share a list of jobs.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_BASE_THREAD_POOL_H
#define WN_BASE_THREAD_POOL_H

#include <stdbool.h>

#include "wavenet/wavenet.h"

typedef struct wn_thread_pool wn_thread_pool;

/* Do job `item` on thread `thread` (0 .. threads-1). Which thread does what is left to chance: results must not depend
 * on it. */
typedef void wn_thread_pool_job(void *user, int thread, int item);

/* Urgent: as wn_thread_start has it; the caller's own priority is the caller's. */
wn_status wn_thread_pool_new(wn_thread_pool **out, int threads, bool realtime_priority, wn_error *error);
void wn_thread_pool_free(wn_thread_pool *crew);

/* Threads there are, with the caller: fewer than asked for where some could not be started. */
int wn_thread_pool_get_threads(const wn_thread_pool *crew);

/* Do jobs 0 .. items-1, and return when all are done. The caller works too. */
void wn_thread_pool_run(wn_thread_pool *crew, wn_thread_pool_job *job, void *user, int items);

#endif
