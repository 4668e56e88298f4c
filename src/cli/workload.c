/* SPDX-License-Identifier: MIT
 * workload.c - something to time: generation, or blocks through the network.
 * Copyright (c) 2026 the wavenet authors */
#include "cli/workload.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

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

double wn_side_by_side(int n, void (*fn)(void *user, int index), void *user)
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

/* ---- conditions ----------------------------------------------------------------------------------------------- */

/* Features, speaker or global vector out of thin air, so that every model can be timed: the cost does not depend on the
 * values. */
static wn_status make_conditions(wn_conditions *c, const wn_model_info *info, int64_t frames, wn_error *error)
{
    memset(c, 0, sizeof *c);
    c->speaker = info->n_speakers ? 0 : -1;
    if (!info->feature_channels) return WN_OK;
    int64_t rows = frames / info->feature_hop + info->feature_context + 2;
    c->cond.count = rows * info->feature_channels;
    c->cond.shape[0] = rows;
    c->cond.shape[1] = info->feature_channels;
    c->cond.floats = calloc((size_t)c->cond.count, sizeof *c->cond.floats);
    return c->cond.floats ? WN_OK : wn_fail(error, WN_ERROR_MEMORY, NULL, "out of memory");
}

static void free_conditions(wn_conditions *c)
{
    free(c->cond.floats);
    c->cond.floats = NULL;
}

/* ---- generation ----------------------------------------------------------------------------------------------- */

static void generate(wn_ensemble *ensemble, int64_t frames, float *pcm, int32_t *classes)
{
    for (int64_t t = 0; t < frames; t += WN_ENSEMBLE_CHUNK) {
        int64_t left = frames - t;
        wn_ensemble_run(ensemble, left < WN_ENSEMBLE_CHUNK ? (int)left : WN_ENSEMBLE_CHUNK, pcm, classes);
    }
}

static wn_status time_generation(double *seconds, const char **cpu, const wn_workload *w,
                                 const wn_conditions *conditions, int64_t frames, wn_error *error)
{
    size_t n = (size_t)w->voices * WN_ENSEMBLE_CHUNK;
    wn_ensemble_config config = {.cpu = w->cpu,
                                 .precision = w->precision,
                                 .voices = w->voices,
                                 .threads = w->threads,
                                 .sampling = wn_sampling_default(w->model)};
    wn_ensemble *ensemble = NULL;
    float *pcm = malloc(n * sizeof *pcm);
    int32_t *classes = malloc(n * sizeof *classes);
    wn_status status = pcm && classes ? wn_ensemble_new(&ensemble, w->model, &config, error)
                                      : wn_fail(error, WN_ERROR_MEMORY, NULL, "out of memory");
    if (!status) status = wn_conditions_apply_all(conditions, ensemble, error);
    if (!status) {
        *cpu = wn_plan_cpu(wn_ensemble_plan(ensemble));
        double started = wn_seconds();
        generate(ensemble, frames, pcm, classes);
        *seconds = wn_seconds() - started;
    }
    wn_ensemble_free(ensemble);
    free(pcm);
    free(classes);
    return status;
}

/* ---- blocks --------------------------------------------------------------------------------------------------- */

typedef struct blocks {
    wn_teacher *teachers; /* [threads] */
    int64_t frames;
    int block;
    float *pcm;       /* [block][input channels] noise */
    int32_t *classes; /* [block], or NULL: a PCM model */
} blocks;

static void run_blocks(void *user, int index)
{
    blocks *b = user;
    for (int64_t t = 0; t < b->frames; t += b->block)
        wn_teacher_run(&b->teachers[index], b->block, b->classes ? NULL : b->pcm, b->classes);
}

static wn_status make_input(blocks *b, const wn_model_info *info, wn_error *error)
{
    uint32_t noise = 1;
    size_t n = (size_t)b->block * (size_t)info->input_channels; /* one channel where there are classes */
    b->pcm = calloc(n, sizeof *b->pcm);
    b->classes = info->n_classes ? calloc(n, sizeof *b->classes) : NULL;
    if (!b->pcm || (info->n_classes && !b->classes)) return wn_fail(error, WN_ERROR_MEMORY, NULL, "out of memory");
    for (size_t i = 0; i < n; i++) {
        noise = noise * 1664525u + 1013904223u;
        b->pcm[i] = (float)(noise >> 8) / 16777216.0f - 0.5f;
        if (b->classes) b->classes[i] = (int32_t)(noise >> 8) % info->n_classes;
    }
    return WN_OK;
}

static wn_status time_blocks(double *seconds, const char **cpu, const wn_workload *w, const wn_conditions *conditions,
                             int64_t frames, wn_error *error)
{
    blocks b = {.frames = frames, .block = w->block};
    wn_model_info info = wn_model_get_info(w->model);
    b.teachers = calloc((size_t)w->threads, sizeof *b.teachers);
    wn_status status =
        b.teachers ? make_input(&b, &info, error) : wn_fail(error, WN_ERROR_MEMORY, NULL, "out of memory");
    for (int i = 0; i < w->threads && !status; i++)
        status = wn_teacher_open(&b.teachers[i], w->model, conditions, w->cpu, w->precision, w->block, error);
    if (!status) {
        *cpu = wn_plan_cpu(b.teachers[0].plan);
        *seconds = wn_side_by_side(w->threads, run_blocks, &b);
        if (*seconds <= 0) status = wn_fail(error, WN_ERROR_MEMORY, "--threads", "a thread could not be started");
    }
    for (int i = 0; b.teachers && i < w->threads; i++) wn_teacher_free(&b.teachers[i]);
    free(b.teachers);
    free(b.pcm);
    free(b.classes);
    return status;
}

wn_status wn_workload_time(double *seconds, const char **cpu, const wn_workload *workload, int64_t frames,
                           wn_error *error)
{
    wn_conditions conditions;
    wn_model_info info = wn_model_get_info(workload->model);
    wn_status status = make_conditions(&conditions, &info, frames + workload->block, error);
    if (!status && workload->block)
        status = time_blocks(seconds, cpu, workload, &conditions, frames, error);
    else if (!status)
        status = time_generation(seconds, cpu, workload, &conditions, frames, error);
    free_conditions(&conditions);
    return status;
}
