/* SPDX-License-Identifier: MIT
 * thread_pool.c - a few threads that share a list of jobs.
 * Copyright (c) 2026 the wavenet authors */
#include "base/thread_pool.h"

#include <stdlib.h>

#include "base/denormals.h"
#include "base/error.h"
#include "base/thread.h"

struct worker {
    pthread_t thread;
    wn_thread_pool *crew;
    int index;
};

struct wn_thread_pool {
    pthread_mutex_t lock;
    pthread_cond_t work, done;
    int n_workers; /* besides the caller */
    struct worker *workers;
    wn_thread_pool_job *job;
    void *user;
    int items, next, busy; /* jobs of this round, the next one, and those in hand */
    bool leave;
};

/* Take jobs until none is left. Called, and returns, with the lock held. */
static void work(wn_thread_pool *c, int thread)
{
    while (c->next < c->items) {
        int item = c->next++;
        c->busy++;
        pthread_mutex_unlock(&c->lock);
        c->job(c->user, thread, item);
        pthread_mutex_lock(&c->lock);
        c->busy--;
    }
    if (!c->busy) pthread_cond_signal(&c->done);
}

static void *run_worker(void *user)
{
    struct worker *w = user;
    wn_thread_pool *c = w->crew;
    wn_denormals_flush(); /* gradients that fade away must not cost a hundred times more */
    pthread_mutex_lock(&c->lock);
    while (!c->leave) {
        work(c, w->index);
        if (!c->leave) pthread_cond_wait(&c->work, &c->lock);
    }
    pthread_mutex_unlock(&c->lock);
    return NULL;
}

wn_status wn_thread_pool_new(wn_thread_pool **out, int threads, bool realtime_priority, wn_error *error)
{
    *out = NULL;
    wn_thread_pool *c = calloc(1, sizeof *c);
    struct worker *workers = calloc((size_t)threads, sizeof *workers);
    if (!c || !workers) {
        free(c);
        free(workers);
        return wn_fail_memory(error, NULL);
    }
    pthread_mutex_init(&c->lock, NULL);
    pthread_cond_init(&c->work, NULL);
    pthread_cond_init(&c->done, NULL);
    c->workers = workers;
    for (int i = 1; i < threads; i++) {
        workers[c->n_workers] = (struct worker){.crew = c, .index = i};
        if (wn_thread_start(&workers[c->n_workers].thread, run_worker, &workers[c->n_workers], realtime_priority)) break;
        c->n_workers++;
    }
    *out = c;
    return WN_OK; /* fewer threads than asked for give the same numbers, later */
}

int wn_thread_pool_get_threads(const wn_thread_pool *crew) { return 1 + crew->n_workers; }

void wn_thread_pool_free(wn_thread_pool *c)
{
    if (!c) return;
    pthread_mutex_lock(&c->lock);
    c->leave = true;
    pthread_cond_broadcast(&c->work);
    pthread_mutex_unlock(&c->lock);
    for (int i = 0; i < c->n_workers; i++) pthread_join(c->workers[i].thread, NULL);
    pthread_cond_destroy(&c->work);
    pthread_cond_destroy(&c->done);
    pthread_mutex_destroy(&c->lock);
    free(c->workers);
    free(c);
}

void wn_thread_pool_run(wn_thread_pool *c, wn_thread_pool_job *job, void *user, int items)
{
    uint64_t before = wn_denormals_flush();
    pthread_mutex_lock(&c->lock);
    c->job = job;
    c->user = user;
    c->next = 0;
    c->items = items;
    pthread_cond_broadcast(&c->work);
    work(c, 0);
    while (c->busy) pthread_cond_wait(&c->done, &c->lock);
    c->items = 0;
    pthread_mutex_unlock(&c->lock);
    wn_denormals_restore(before);
}
