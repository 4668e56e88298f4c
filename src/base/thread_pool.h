/* SPDX-License-Identifier: MIT
 * thread_pool.h - thread pool that runs the items of a job.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_BASE_THREAD_POOL_H
#define WN_BASE_THREAD_POOL_H

#include <stdbool.h>

#include "wavenet/wavenet.h"

/* One thread at a time may call the functions. */
typedef struct wn_thread_pool wn_thread_pool;

/* Run item `item` on thread `thread` (0 .. threads - 1; 0 is the caller). Any thread may get any item, so results must
 * not depend on `thread`. */
typedef void wn_thread_pool_job(void *user, int thread, int item);

/* Make a pool of `threads` >= 1 threads, including the caller. `realtime_priority` is for the other threads, as in
 * wn_thread_start; the caller's priority stays unchanged. If some threads cannot be started, the pool has fewer. */
wn_status wn_thread_pool_new(wn_thread_pool **out, int threads, bool realtime_priority, wn_error *error);

/* NULL is allowed. */
void wn_thread_pool_free(wn_thread_pool *pool);

/* Number of threads, including the caller. */
int wn_thread_pool_get_threads(const wn_thread_pool *pool);

/* Run items 0 .. items - 1 on all threads, including the caller's. Returns when all are done. */
void wn_thread_pool_run(wn_thread_pool *pool, wn_thread_pool_job *job, void *user, int items);

#endif
