/* SPDX-License-Identifier: MIT
 * voice_group.c - the voices of a generator model, split over threads.
 * Copyright (c) 2026 the wavenet authors */
#include "play/voice_group.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/thread_pool.h"

/* The voices that share a plan: one thread's. */
typedef struct part {
    int first, voices;
    wn_plan *plan;
    wn_generator *generator;
    float *pcm;       /* [CHUNK][voices] */
    int32_t *classes; /* [CHUNK][voices] */
} part;

struct wn_voice_group {
    int voices, n_parts;
    bool helped; /* every part has a second thread */
    double cost[2]; /* seconds a frame that runs without and with the second threads take; 0: not yet known */
    unsigned runs;
    part *parts; /* [n_parts] */
    wn_thread_pool *crew; /* NULL: one part */
    int frames;         /* the job */
    const float *prime; /* [frames] to be fed, or NULL: generate */
};

enum { TRY_AGAIN = 32 }; /* runs */
#define RISE 1.1 /* at most, from run to run: one that finds cold caches, or is interrupted, tells little of the next */

/* ---- work ----------------------------------------------------------------------------------------------------- */

static void work(void *user, int thread, int index)
{
    (void)thread;
    const wn_voice_group *e = user;
    part *p = &e->parts[index % e->n_parts];
    if (index >= e->n_parts)
        wn_generator_run_worker(p->generator);
    else if (e->prime)
        wn_generator_prime(p->generator, e->prime, e->frames);
    else
        wn_generator_run(p->generator, e->frames, p->pcm, p->classes);
}

static void run_way(wn_voice_group *e, int shared)
{
    double started = wn_clock_seconds();
    for (int i = 0; shared && i < e->n_parts; i++) wn_generator_start_parallel(e->parts[i].generator);
    if (e->n_parts > 1 || shared) /* runs come first: whoever helps finds one */
        wn_thread_pool_run(e->crew, work, e, shared ? 2 * e->n_parts : e->n_parts);
    else
        work(e, 0, 0);
    if (e->frames <= 0) return;
    double cost = (wn_clock_seconds() - started) / e->frames, most = RISE * e->cost[shared];
    e->cost[shared] = e->cost[shared] > 0 && cost > most ? most : cost;
}

/* After 2, 4, 8 and 16 runs, since the first find cold caches, and then after every so many. */
static bool is_trial(unsigned done)
{
    return done > 1 && (done % TRY_AGAIN == 0 || (done < TRY_AGAIN && !(done & (done - 1))));
}

/* With second threads or without: how far processors are from each other, and who else wants them, changes all the time. The
 * way that was the slower one is tried again now and then. */
static void run_faster(wn_voice_group *e)
{
    int shared = e->cost[1] <= e->cost[0];
    run_way(e, is_trial(e->runs++) ? !shared : shared);
}

/* All threads at once; returns when all are done. */
static void run_parts(wn_voice_group *e, int frames, const float *prime)
{
    e->frames = frames;
    e->prime = prime;
    if (e->helped)
        run_faster(e);
    else if (e->crew)
        wn_thread_pool_run(e->crew, work, e, e->n_parts);
    else
        work(e, 0, 0);
}

void wn_voice_group_prime(wn_voice_group *ensemble, const float *pcm, int frames) { run_parts(ensemble, frames, pcm); }

void wn_voice_group_run(wn_voice_group *ensemble, int frames, float *pcm, int32_t *classes)
{
    run_parts(ensemble, frames, NULL);
    for (const part *p = ensemble->parts; p < ensemble->parts + ensemble->n_parts; p++)
        for (int t = 0; t < frames; t++) {
            size_t to = (size_t)t * (size_t)ensemble->voices + (size_t)p->first, from = (size_t)t * (size_t)p->voices;
            memcpy(pcm + to, p->pcm + from, (size_t)p->voices * sizeof *pcm);
            if (classes) memcpy(classes + to, p->classes + from, (size_t)p->voices * sizeof *classes);
        }
}

int wn_voice_group_get_voices(const wn_voice_group *ensemble) { return ensemble->voices; }

const wn_plan *wn_voice_group_get_plan(const wn_voice_group *ensemble) { return ensemble->parts[0].plan; }

wn_conditioner *wn_voice_group_get_conditioner(wn_voice_group *ensemble, int voice)
{
    const part *p = ensemble->parts;
    while (voice >= p->first + p->voices) p++;
    return wn_generator_get_conditioner(p->generator, voice - p->first);
}

int wn_voice_group_threads_per_voice(int voices, int threads) { return threads >= 2 * voices ? 2 : 1; }

/* ---- making --------------------------------------------------------------------------------------------------- */

static wn_status open_part(part *p, const wn_model *model, const wn_voice_group_config *config, wn_error *error)
{
    wn_plan_config plan = {.max_frames = 1,
                           .voices = p->voices,
                           .cpu = config->cpu,
                           .precision = config->precision,
                           .threads = wn_voice_group_threads_per_voice(config->voices, config->threads)};
    size_t n = (size_t)p->voices * WN_VOICE_GROUP_CHUNK;
    p->pcm = calloc(n, sizeof *p->pcm);
    p->classes = calloc(n, sizeof *p->classes);
    if (!p->pcm || !p->classes) return wn_fail_memory(error, NULL);
    wn_generator_config generator = {.sampling = &config->sampling,
                                     .first_voice = p->first,
                                     .noise = config->noise,
                                     .noise_frames = config->noise_frames,
                                     .cut_feedback = config->cut_feedback};
    wn_status status = wn_plan_new(&p->plan, model, &plan, error);
    if (!status) status = wn_generator_new(&p->generator, p->plan, &generator, error);
    return status;
}

/* Two threads of one voice wait for each other busily: on one processor, and in a hurry, they would wait for ever. */
static bool has_processors(int n) { return sysconf(_SC_NPROCESSORS_ONLN) >= n; }

static wn_status open_parts(wn_voice_group *e, const wn_model *model, const wn_voice_group_config *config, wn_error *error)
{
    wn_status status = WN_OK;
    for (int i = 0; i < e->n_parts && !status; i++) {
        part *p = &e->parts[i];
        p->first = (int)((int64_t)e->voices * i / e->n_parts);
        p->voices = (int)((int64_t)e->voices * (i + 1) / e->n_parts) - p->first;
        status = open_part(p, model, config, error);
    }
    if (!status) e->helped = wn_plan_get_threads(e->parts[0].plan) > 1 && has_processors(2);
    int threads = e->helped ? 2 * e->n_parts : e->n_parts;
    if (status || threads == 1) return status;
    status = wn_thread_pool_new(&e->crew, threads, config->realtime_priority, error);
    if (!status && e->helped && wn_thread_pool_get_threads(e->crew) < threads) /* it would be as slow as one */
        return wn_fail(error, WN_ERROR_MEMORY, "threads", "only %d of %d could be started", wn_thread_pool_get_threads(e->crew), threads);
    return status;
}

wn_status wn_voice_group_new(wn_voice_group **out, const wn_model *model, const wn_voice_group_config *config, wn_error *error)
{
    *out = NULL;
    wn_voice_group *e = calloc(1, sizeof *e);
    if (!e) return wn_fail_memory(error, NULL);
    e->voices = config->voices;
    e->n_parts = config->threads < config->voices ? config->threads : config->voices;
    e->parts = calloc((size_t)e->n_parts, sizeof *e->parts);
    wn_status status =
        e->parts ? open_parts(e, model, config, error) : wn_fail_memory(error, NULL);
    if (status)
        wn_voice_group_free(e);
    else
        *out = e;
    return status;
}

static void free_part(part *p)
{
    wn_generator_free(p->generator);
    wn_plan_free(p->plan);
    free(p->pcm);
    free(p->classes);
}

void wn_voice_group_free(wn_voice_group *ensemble)
{
    if (!ensemble) return;
    wn_thread_pool_free(ensemble->crew);
    for (int i = 0; ensemble->parts && i < ensemble->n_parts; i++) free_part(&ensemble->parts[i]);
    free(ensemble->parts);
    free(ensemble);
}
