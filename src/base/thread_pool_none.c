/* SPDX-License-Identifier: MIT
 * thread_pool_none.c - thread_pool.h for a system without threads, such as WebAssembly in a browser: the caller runs every item.
 * Copyright (c) 2026 the wavenet authors */
#include "base/thread_pool.h"

#include <stdlib.h>

#include "base/error.h"

struct wn_thread_pool {
    int threads;
};

wn_status wn_thread_pool_new(wn_thread_pool **out, int threads, bool realtime_priority, wn_error *error)
{
    (void)threads, (void)realtime_priority;
    *out = calloc(1, sizeof **out);
    if (!*out) return wn_fail_memory(error, NULL);
    (*out)->threads = 1;
    return WN_OK;
}

void wn_thread_pool_free(wn_thread_pool *pool) { free(pool); }

int wn_thread_pool_get_threads(const wn_thread_pool *pool) { return pool->threads; }

void wn_thread_pool_run(wn_thread_pool *pool, wn_thread_pool_job *job, void *user, int items)
{
    (void)pool;
    for (int i = 0; i < items; i++) job(user, 0, i);
}
