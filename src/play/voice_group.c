/* SPDX-License-Identifier: MIT
 * voice_group.c - the voices of a generator model, distributed over threads.
 * Copyright (c) 2026 the wavenet authors */
#include "play/voice_group.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/thread_pool.h"

/* The voices of one thread, which share a plan. */
typedef struct part {
    int first, voices;
    wn_plan *plan;
    wn_generator *generator;
    float *pcm;       /* [WN_VOICE_GROUP_CHUNK][voices] */
    int32_t *classes; /* [WN_VOICE_GROUP_CHUNK][voices] */
} part;

struct wn_voice_group {
    int voices, n_parts;
    bool has_workers;            /* every part has a worker thread that shares the work of each frame */
    double frame_seconds[2];     /* measured seconds per frame, without and with workers; 0: not yet known */
    unsigned runs;               /* runs so far */
    part *parts;                 /* [n_parts] */
    wn_thread_pool *thread_pool; /* NULL: one part without a worker */
    int frames;                  /* of the current run */
    const float *prime;          /* [frames] to prime with, or NULL: generate */
};

enum { TRIAL_INTERVAL = 32 }; /* runs between trials of the slower schedule */
enum { TIMED_CHUNK = 16 };    /* frames */
#define SECONDS_TIMED 0.1     /* seconds of sound that are timed */
#define MAX_SECONDS_TIMED 0.3 /* seconds that this may take */
#define MAX_RISE 1.1 /* of a time from run to run: cold caches or an interruption say little about the next run */

/* ---- running --------------------------------------------------------------------------------------------------- */

/* Thread pool job: the first n_parts indices are the parts, the next n_parts their workers. */

static void part_run(void *user, int thread, int index)
{
    (void)thread;
    const wn_voice_group *g = user;
    part *p = &g->parts[index % g->n_parts];
    if (index >= g->n_parts)
        wn_generator_run_worker(p->generator);
    else if (g->prime)
        wn_generator_prime(p->generator, g->prime, g->frames);
    else
        wn_generator_run(p->generator, g->frames, p->pcm, p->classes);
}

/* Run all parts, with workers or without, and keep the measured time per frame. */
static void group_run_timed(wn_voice_group *g, bool with_workers)
{
    double started = wn_clock_seconds();
    for (int i = 0; with_workers && i < g->n_parts; i++) wn_generator_start_parallel(g->parts[i].generator);
    if (g->n_parts > 1 || with_workers) /* parts have the lower indices, so each starts before its worker */
        wn_thread_pool_run(g->thread_pool, part_run, g, with_workers ? 2 * g->n_parts : g->n_parts);
    else
        part_run(g, 0, 0);
    if (g->frames <= 0) return;
    double measured = (wn_clock_seconds() - started) / g->frames, *kept = &g->frame_seconds[with_workers];
    double limit = MAX_RISE * *kept;
    *kept = *kept > 0 && measured > limit ? limit : measured;
}

/* Trials come after 2, 4, 8 and 16 runs, because the first runs have cold caches, and then once per TRIAL_INTERVAL. */
static bool is_trial_run(unsigned done)
{
    return done > 1 && (done % TRIAL_INTERVAL == 0 || (done < TRIAL_INTERVAL && !(done & (done - 1))));
}

/* Run with workers or without, whichever was faster. Which one is faster depends on which cores the threads run on and
 * on other load, and changes over time; so trials measure the slower schedule again. */
static void group_run_fastest(wn_voice_group *g)
{
    bool with_workers = g->frame_seconds[1] <= g->frame_seconds[0];
    group_run_timed(g, is_trial_run(g->runs++) ? !with_workers : with_workers);
}

/* Run all parts, each on its thread; returns when all are done. prime [frames], or NULL: generate. */
static void group_run(wn_voice_group *g, int frames, const float *prime)
{
    g->frames = frames;
    g->prime = prime;
    if (g->has_workers)
        group_run_fastest(g);
    else if (g->thread_pool)
        wn_thread_pool_run(g->thread_pool, part_run, g, g->n_parts);
    else
        part_run(g, 0, 0);
}

void wn_voice_group_prime(wn_voice_group *group, const float *pcm, int frames) { group_run(group, frames, pcm); }

void wn_voice_group_run(wn_voice_group *group, int frames, float *pcm, int32_t *classes)
{
    group_run(group, frames, NULL);
    for (const part *p = group->parts; p < group->parts + group->n_parts; p++)
        for (int t = 0; t < frames; t++) {
            size_t to = (size_t)t * (size_t)group->voices + (size_t)p->first, from = (size_t)t * (size_t)p->voices;
            memcpy(pcm + to, p->pcm + from, (size_t)p->voices * sizeof *pcm);
            if (classes) memcpy(classes + to, p->classes + from, (size_t)p->voices * sizeof *classes);
        }
}

double wn_voice_group_measure(wn_voice_group *group, double rate)
{
    double seconds = 0, limit = SECONDS_TIMED * rate;
    int frames = 0;
    group_run(group, TIMED_CHUNK, NULL); /* the caches are cold */
    for (double began = wn_clock_seconds(); frames < limit && seconds < MAX_SECONDS_TIMED;
         seconds = wn_clock_seconds() - began) {
        group_run(group, TIMED_CHUNK, NULL);
        frames += TIMED_CHUNK;
    }
    return frames / rate / seconds;
}

int wn_voice_group_get_voices(const wn_voice_group *group) { return group->voices; }

const wn_plan *wn_voice_group_get_plan(const wn_voice_group *group) { return group->parts[0].plan; }

wn_divergence wn_voice_group_get_divergence(const wn_voice_group *group)
{
    wn_divergence first = {.index = -1};
    for (const part *p = group->parts; p < group->parts + group->n_parts; p++) {
        wn_divergence d = wn_generator_get_divergence(p->generator);
        if (d.index >= 0 && (first.index < 0 || d.index < first.index)) first = d;
    }
    return first;
}

wn_conditioner *wn_voice_group_get_conditioner(wn_voice_group *group, int voice)
{
    const part *p = group->parts;
    while (voice >= p->first + p->voices) p++;
    return wn_generator_get_conditioner(p->generator, voice - p->first);
}

int wn_voice_group_threads_per_voice(int voices, int threads) { return threads >= 2 * voices ? 2 : 1; }

/* ---- construction ---------------------------------------------------------------------------------------------- */

static wn_status part_open(part *p, const wn_model *model, const wn_voice_group_config *config, wn_error *error)
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

/* The two threads of a voice wait for each other in busy loops. With real-time priority on a single processor, the loop
 * of one would keep the other from running for ever. */
static bool has_processors(int n) { return sysconf(_SC_NPROCESSORS_ONLN) >= n; }

static wn_status group_open_parts(wn_voice_group *g, const wn_model *model, const wn_voice_group_config *config,
                                  wn_error *error)
{
    wn_status status = WN_OK;
    for (int i = 0; i < g->n_parts && !status; i++) {
        part *p = &g->parts[i];
        p->first = (int)((int64_t)g->voices * i / g->n_parts);
        p->voices = (int)((int64_t)g->voices * (i + 1) / g->n_parts) - p->first;
        status = part_open(p, model, config, error);
    }
    if (!status) g->has_workers = wn_plan_get_threads(g->parts[0].plan) > 1 && has_processors(2);
    int threads = g->has_workers ? 2 * g->n_parts : g->n_parts;
    if (status || threads == 1) return status;
    status = wn_thread_pool_new(&g->thread_pool, threads, config->realtime_priority, error);
    if (!status && g->has_workers &&
        wn_thread_pool_get_threads(g->thread_pool) < threads) /* workers without a thread save nothing */
        return wn_fail(error, WN_ERROR_MEMORY, "threads", "only %d of %d could be started",
                       wn_thread_pool_get_threads(g->thread_pool), threads);
    return status;
}

wn_status wn_voice_group_new(wn_voice_group **out, const wn_model *model, const wn_voice_group_config *config,
                             wn_error *error)
{
    *out = NULL;
    wn_voice_group *g = calloc(1, sizeof *g);
    if (!g) return wn_fail_memory(error, NULL);
    g->voices = config->voices;
    g->n_parts = config->threads < config->voices ? config->threads : config->voices;
    g->parts = calloc((size_t)g->n_parts, sizeof *g->parts);
    wn_status status = g->parts ? group_open_parts(g, model, config, error) : wn_fail_memory(error, NULL);
    if (status)
        wn_voice_group_free(g);
    else
        *out = g;
    return status;
}

static void part_free(part *p)
{
    wn_generator_free(p->generator);
    wn_plan_free(p->plan);
    free(p->pcm);
    free(p->classes);
}

void wn_voice_group_free(wn_voice_group *group)
{
    if (!group) return;
    wn_thread_pool_free(group->thread_pool);
    for (int i = 0; group->parts && i < group->n_parts; i++) part_free(&group->parts[i]);
    free(group->parts);
    free(group);
}
