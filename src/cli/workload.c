/* SPDX-License-Identifier: MIT
 * workload.c - something to time: generation, or blocks through the network.
 * Copyright (c) 2026 the wavenet authors */
#include "cli/workload.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "cli/cli.h"
#include "cli/teacher.h"

/* ---- threads -------------------------------------------------------------------------------------------------- */

typedef struct worker {
    pthread_t thread;
    void (*fn)(void *user, int index);
    void *user;
    int index;
} worker;

static void *worker_main(void *arg)
{
    worker *w = arg;
    w->fn(w->user, w->index);
    return NULL;
}

double wn_run_side_by_side(int n, void (*fn)(void *user, int index), void *user)
{
    worker *workers = calloc((size_t)n, sizeof *workers);
    if (!workers) return 0;
    int started = 1;
    double begin = wn_seconds();
    for (int i = 1; i < n; i++, started++) {
        workers[i] = (worker){.fn = fn, .user = user, .index = i};
        if (pthread_create(&workers[i].thread, NULL, worker_main, &workers[i])) break;
    }
    if (started == n) fn(user, 0);
    for (int i = 1; i < started; i++) pthread_join(workers[i].thread, NULL);
    double seconds = wn_seconds() - begin;
    free(workers);
    return started == n ? seconds : 0;
}

double wn_processor_seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* ---- conditions ----------------------------------------------------------------------------------------------- */

/* Features, speaker or global vector out of thin air, so that every model can be timed: the cost does not depend on the
 * values. */
static wn_status make_conditions(wn_conditions *c, const wn_model_info *info, int64_t frames, wn_error *error)
{
    c->speaker = info->n_speakers ? 0 : -1;
    if (!info->feature_channels) return WN_OK;
    int64_t rows = frames / info->feature_hop + info->feature_context + 2;
    c->cond.count = rows * info->feature_channels;
    c->cond.shape[0] = rows;
    c->cond.shape[1] = info->feature_channels;
    c->cond.floats = calloc((size_t)c->cond.count, sizeof *c->cond.floats);
    return c->cond.floats ? WN_OK : wn_fail_memory(error, NULL);
}

/* ---- the work ------------------------------------------------------------------------------------------------- */

struct wn_workload_run {
    wn_workload load;
    wn_conditions conditions;
    wn_voice_group *ensemble; /* generation */
    wn_teacher *teachers;  /* [threads] blocks */
    double *seconds;       /* [threads] blocks: of the run in hand */
    int64_t frames;        /* of the run in hand */
    float *pcm;            /* generation: [CHUNK][voices] drawn; blocks: [block][input channels] noise */
    int32_t *classes;      /* the same as classes; blocks: NULL for PCM models */
};

static void generate(wn_workload_run *w)
{
    for (int64_t t = 0; t < w->frames; t += WN_VOICE_GROUP_CHUNK) {
        int64_t left = w->frames - t;
        wn_voice_group_run(w->ensemble, left < WN_VOICE_GROUP_CHUNK ? (int)left : WN_VOICE_GROUP_CHUNK, w->pcm, w->classes);
    }
}

static void run_blocks(void *user, int index)
{
    wn_workload_run *w = user;
    double started = wn_processor_seconds();
    for (int64_t t = 0; t < w->frames; t += w->load.block)
        wn_teacher_run(&w->teachers[index], w->load.block, w->classes ? NULL : w->pcm, w->classes);
    w->seconds[index] = wn_processor_seconds() - started;
}

/* Streams know nothing of each other: their mean rate counts, not how long a thread took to start. */
static double time_blocks(wn_workload_run *w)
{
    double rates = 0;
    if (wn_run_side_by_side(w->load.threads, run_blocks, w) <= 0) return 0;
    for (int i = 0; i < w->load.threads; i++) rates += 1 / w->seconds[i];
    return w->load.threads / rates;
}

double wn_work_run(wn_workload_run *work, int64_t frames)
{
    work->frames = frames;
    if (work->teachers) return time_blocks(work);
    double (*clock)(void) = work->load.threads > 1 ? wn_seconds : wn_processor_seconds;
    double started = clock();
    generate(work);
    return clock() - started;
}

/* ---- making --------------------------------------------------------------------------------------------------- */

static wn_status open_generation(wn_workload_run *w, wn_error *error)
{
    size_t n = (size_t)w->load.voices * WN_VOICE_GROUP_CHUNK;
    wn_voice_group_config config = {.cpu = w->load.cpu,
                                 .precision = w->load.precision,
                                 .voices = w->load.voices,
                                 .threads = w->load.threads,
                                 .sampling = wn_sampling_default(w->load.model)};
    w->pcm = malloc(n * sizeof *w->pcm);
    w->classes = malloc(n * sizeof *w->classes);
    if (!w->pcm || !w->classes) return wn_fail_memory(error, NULL);
    wn_status status = wn_voice_group_new(&w->ensemble, w->load.model, &config, error);
    return status ? status : wn_conditions_apply_all(&w->conditions, w->ensemble, error);
}

static wn_status make_input(wn_workload_run *w, const wn_model_info *info, wn_error *error)
{
    uint32_t noise = 1;
    size_t n = (size_t)w->load.block * (size_t)info->input_channels; /* one channel where there are classes */
    w->pcm = calloc(n, sizeof *w->pcm);
    w->classes = info->n_classes ? calloc(n, sizeof *w->classes) : NULL;
    if (!w->pcm || (info->n_classes && !w->classes)) return wn_fail_memory(error, NULL);
    for (size_t i = 0; i < n; i++) {
        noise = noise * 1664525u + 1013904223u;
        w->pcm[i] = (float)(noise >> 8) / 16777216.0f - 0.5f;
        if (w->classes) w->classes[i] = (int32_t)(noise >> 8) % info->n_classes;
    }
    return WN_OK;
}

static wn_status open_blocks(wn_workload_run *w, const wn_model_info *info, wn_error *error)
{
    w->teachers = calloc((size_t)w->load.threads, sizeof *w->teachers);
    w->seconds = calloc((size_t)w->load.threads, sizeof *w->seconds);
    wn_status status =
        w->teachers && w->seconds ? make_input(w, info, error) : wn_fail_memory(error, NULL);
    for (int i = 0; i < w->load.threads && !status; i++)
        status = wn_teacher_open(&w->teachers[i], w->load.model, &w->conditions, w->load.cpu, w->load.precision,
                                 w->load.block, error);
    return status;
}

wn_status wn_work_open(wn_workload_run **out, const wn_workload *workload, int64_t frames, wn_error *error)
{
    *out = NULL;
    wn_model_info info = wn_model_get_info(workload->model);
    wn_workload_run *w = calloc(1, sizeof *w);
    if (!w) return wn_fail_memory(error, NULL);
    w->load = *workload;
    wn_status status = make_conditions(&w->conditions, &info, frames + workload->block, error);
    if (!status) status = workload->block ? open_blocks(w, &info, error) : open_generation(w, error);
    if (status)
        wn_work_free(w);
    else
        *out = w;
    return status;
}

void wn_work_free(wn_workload_run *work)
{
    if (!work) return;
    for (int i = 0; work->teachers && i < work->load.threads; i++) wn_teacher_free(&work->teachers[i]);
    wn_voice_group_free(work->ensemble);
    free(work->teachers);
    free(work->seconds);
    free(work->conditions.cond.floats);
    free(work->pcm);
    free(work->classes);
    free(work);
}
