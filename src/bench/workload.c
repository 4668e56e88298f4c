/* SPDX-License-Identifier: MIT
 * workload.c - something to time: generation, or blocks through the network.
 * Copyright (c) 2026 the wavenet authors */
#include "bench/workload.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/error.h"
#include "play/voice_group.h"

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
    double begin = wn_clock_seconds();
    for (int i = 1; i < n; i++, started++) {
        workers[i] = (worker){.fn = fn, .user = user, .index = i};
        if (pthread_create(&workers[i].thread, NULL, worker_main, &workers[i])) break;
    }
    if (started == n) fn(user, 0);
    for (int i = 1; i < started; i++) pthread_join(workers[i].thread, NULL);
    double seconds = wn_clock_seconds() - begin;
    free(workers);
    return started == n ? seconds : 0;
}

/* ---- conditions ----------------------------------------------------------------------------------------------- */

/* Features, speaker or global vector out of thin air, so that every model can be timed: the cost does not depend on the
 * values. */
typedef struct features {
    float *rows; /* [n][feature channels], or NULL */
    int64_t n;
} features;

static wn_status make_features(features *f, const wn_model_info *info, int64_t frames, wn_error *error)
{
    if (!info->feature_channels) return WN_OK;
    f->n = frames / info->feature_hop + info->feature_context + 2;
    f->rows = calloc((size_t)(f->n * info->feature_channels), sizeof *f->rows);
    return f->rows ? WN_OK : wn_fail_memory(error, NULL);
}

static wn_status set_conditions(const features *f, const wn_model_info *info, wn_conditioner *conditioner,
                                wn_error *error)
{
    wn_status status = f->rows ? wn_conditioner_set_features(conditioner, f->rows, f->n, error) : WN_OK;
    return !status && info->n_speakers ? wn_conditioner_set_speaker(conditioner, 0, error) : status;
}

/* ---- the work ------------------------------------------------------------------------------------------------- */

struct wn_workload_run {
    wn_workload load;
    wn_model_info info;
    features features;
    wn_voice_group *group;     /* generation */
    wn_processor **processors; /* [threads] blocks */
    float *out;                /* [threads][block][output channels] blocks */
    double *seconds;           /* [threads] blocks: of the run in hand */
    int64_t frames;            /* of the run in hand */
    float *pcm;                /* generation: [CHUNK][voices] drawn; blocks: [block][input channels] noise */
    int32_t *classes;          /* the same as classes; blocks: NULL for PCM models */
};

static void generate(wn_workload_run *w)
{
    for (int64_t t = 0; t < w->frames; t += WN_VOICE_GROUP_CHUNK) {
        int64_t left = w->frames - t;
        wn_voice_group_run(w->group, left < WN_VOICE_GROUP_CHUNK ? (int)left : WN_VOICE_GROUP_CHUNK, w->pcm,
                           w->classes);
    }
}

static void run_blocks(void *user, int index)
{
    wn_workload_run *w = user;
    float *out = w->out + (size_t)index * (size_t)w->load.block * (size_t)w->info.output_channels;
    double started = wn_clock_thread_seconds();
    for (int64_t t = 0; t < w->frames; t += w->load.block)
        if (w->classes)
            wn_processor_run_classes(w->processors[index], w->load.block, w->classes, out);
        else
            wn_processor_run(w->processors[index], w->load.block, w->pcm, out);
    w->seconds[index] = wn_clock_thread_seconds() - started;
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
    if (work->processors) return time_blocks(work);
    double (*clock)(void) = work->load.threads > 1 ? wn_clock_seconds : wn_clock_thread_seconds;
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
    wn_status status = wn_voice_group_new(&w->group, w->load.model, &config, error);
    for (int v = 0; v < w->load.voices && !status; v++)
        status = set_conditions(&w->features, &w->info, wn_voice_group_get_conditioner(w->group, v), error);
    return status;
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

static wn_status open_processor(wn_workload_run *w, wn_processor **out, wn_error *error)
{
    const wn_model *const models[] = {w->load.model};
    wn_processor_config config = {
        .max_frames = w->load.block, .cpu = w->load.cpu, .precision = w->load.precision, .network_values = true};
    wn_status status = wn_processor_new(out, models, 1, &config, error);
    return status ? status : set_conditions(&w->features, &w->info, wn_processor_get_conditioner(*out, 0, 0), error);
}

static wn_status open_blocks(wn_workload_run *w, wn_error *error)
{
    size_t threads = (size_t)w->load.threads;
    w->processors = calloc(threads, sizeof *w->processors);
    w->seconds = calloc(threads, sizeof *w->seconds);
    w->out = calloc(threads * (size_t)w->load.block * (size_t)w->info.output_channels, sizeof *w->out);
    wn_status status =
        w->processors && w->seconds && w->out ? make_input(w, &w->info, error) : wn_fail_memory(error, NULL);
    for (int i = 0; i < w->load.threads && !status; i++) status = open_processor(w, &w->processors[i], error);
    return status;
}

wn_status wn_work_open(wn_workload_run **out, const wn_workload *workload, int64_t frames, wn_error *error)
{
    *out = NULL;
    wn_workload_run *w = calloc(1, sizeof *w);
    if (!w) return wn_fail_memory(error, NULL);
    w->load = *workload;
    w->info = wn_model_get_info(workload->model);
    wn_status status = make_features(&w->features, &w->info, frames + workload->block, error);
    if (!status) status = workload->block ? open_blocks(w, error) : open_generation(w, error);
    if (status)
        wn_work_free(w);
    else
        *out = w;
    return status;
}

void wn_work_free(wn_workload_run *work)
{
    if (!work) return;
    for (int i = 0; work->processors && i < work->load.threads; i++) wn_processor_free(work->processors[i]);
    wn_voice_group_free(work->group);
    free(work->processors);
    free(work->out);
    free(work->seconds);
    free(work->features.rows);
    free(work->pcm);
    free(work->classes);
    free(work);
}
