/* SPDX-License-Identifier: MIT
 * thread_pool.c - thread pool that runs the items of a job.
 * Copyright (c) 2026 the wavenet authors */
#include "base/thread_pool.h"

#include <stdlib.h>

#include "base/denormals.h"
#include "base/error.h"
#include "base/thread.h"

struct worker {
    pthread_t thread;
    wn_thread_pool *pool;
    int index;
};

struct wn_thread_pool {
    pthread_mutex_t lock;
    pthread_cond_t has_items, done;
    int n_workers;           /* threads besides the caller */
    struct worker *workers;  /* [n_workers] */
    wn_thread_pool_job *job; /* of the current run */
    void *user;
    int items, next, n_running; /* items of the current run, the next one to start, and the number being run */
    bool quit;
};

/* Run items until none is left to start. Called, and returns, with the lock held. */
static void run_items(wn_thread_pool *pool, int thread)
{
    while (pool->next < pool->items) {
        int item = pool->next++;
        pool->n_running++;
        pthread_mutex_unlock(&pool->lock);
        pool->job(pool->user, thread, item);
        pthread_mutex_lock(&pool->lock);
        pool->n_running--;
    }
    if (!pool->n_running) pthread_cond_signal(&pool->done);
}

static void *worker_thread(void *user)
{
    struct worker *w = user;
    wn_thread_pool *pool = w->pool;
    wn_denormals_flush(); /* gradients may decay to denormals, which are up to a hundred times slower */
    pthread_mutex_lock(&pool->lock);
    while (!pool->quit) {
        run_items(pool, w->index);
        if (!pool->quit) pthread_cond_wait(&pool->has_items, &pool->lock);
    }
    pthread_mutex_unlock(&pool->lock);
    return NULL;
}

wn_status wn_thread_pool_new(wn_thread_pool **out, int threads, bool realtime_priority, wn_error *error)
{
    *out = NULL;
    wn_thread_pool *pool = calloc(1, sizeof *pool);
    struct worker *workers = calloc((size_t)threads, sizeof *workers);
    if (!pool || !workers) {
        free(pool);
        free(workers);
        return wn_fail_memory(error, NULL);
    }
    pthread_mutex_init(&pool->lock, NULL);
    pthread_cond_init(&pool->has_items, NULL);
    pthread_cond_init(&pool->done, NULL);
    pool->workers = workers;
    for (int i = 1; i < threads; i++) {
        workers[pool->n_workers] = (struct worker){.pool = pool, .index = i};
        if (wn_thread_start(&workers[pool->n_workers].thread, worker_thread, &workers[pool->n_workers],
                            realtime_priority))
            break;
        pool->n_workers++;
    }
    *out = pool;
    return WN_OK; /* fewer threads than requested give the same results, only later */
}

int wn_thread_pool_get_threads(const wn_thread_pool *pool) { return 1 + pool->n_workers; }

void wn_thread_pool_free(wn_thread_pool *pool)
{
    if (!pool) return;
    pthread_mutex_lock(&pool->lock);
    pool->quit = true;
    pthread_cond_broadcast(&pool->has_items);
    pthread_mutex_unlock(&pool->lock);
    for (int i = 0; i < pool->n_workers; i++) pthread_join(pool->workers[i].thread, NULL);
    pthread_cond_destroy(&pool->has_items);
    pthread_cond_destroy(&pool->done);
    pthread_mutex_destroy(&pool->lock);
    free(pool->workers);
    free(pool);
}

void wn_thread_pool_run(wn_thread_pool *pool, wn_thread_pool_job *job, void *user, int items)
{
    uint64_t before = wn_denormals_flush();
    pthread_mutex_lock(&pool->lock);
    pool->job = job;
    pool->user = user;
    pool->next = 0;
    pool->items = items;
    pthread_cond_broadcast(&pool->has_items);
    run_items(pool, 0);
    while (pool->n_running) pthread_cond_wait(&pool->done, &pool->lock);
    pool->items = 0;
    pthread_mutex_unlock(&pool->lock);
    wn_denormals_restore(before);
}
