/* SPDX-License-Identifier: MIT
 * ensemble.c - the voices of one rendering, split over threads.
 * Copyright (c) 2026 the wavenet authors */
#include "cli/ensemble.h"

#include <stdlib.h>
#include <string.h>

#include "train/crew.h"

/* The voices that share a plan: one thread's. */
typedef struct part {
    struct wn_ensemble *ensemble;
    int first, voices;
    wn_plan *plan;
    wn_generator *generator;
    size_t event;     /* next one of the track */
    size_t played;    /* next one of the score, of any voice */
    int64_t frame;    /* next one to be made */
    float *pcm;       /* [CHUNK][voices] */
    int32_t *classes; /* [CHUNK][voices] */
} part;

struct wn_ensemble {
    const wn_conditions *conditions;
    const wn_score *score; /* or NULL */
    int voices, n_parts;
    part *parts; /* [n_parts] */
    wn_crew *crew;
    int frames;         /* the job */
    const float *prime; /* [frames] to be fed, or NULL: generate */
};

/* ---- work ----------------------------------------------------------------------------------------------------- */

static int64_t next_of_score(const part *p)
{
    const wn_score *score = p->ensemble->score;
    return score && p->played < score->n_events ? score->events[p->played].frame : INT64_MAX;
}

/* Frames until the next event of track or score, at most `frames`. */
static int stretch(const part *p, int frames)
{
    int64_t track = wn_conditions_next_event(p->ensemble->conditions, p->event), score = next_of_score(p);
    int64_t left = (track < score ? track : score) - p->frame;
    return left < frames ? (int)left : frames;
}

/* What the score has for this part's voices now. */
static void play_score(part *p)
{
    for (; next_of_score(p) <= p->frame; p->played++) {
        const wn_voice_change *c = &p->ensemble->score->events[p->played].change;
        int v = c->voice - p->first;
        if (v < 0 || v >= p->voices) continue;
        wn_conditioner_control(wn_generator_conditioner(p->generator, v), c->control, c->value);
    }
}

static void set_controls(part *p)
{
    size_t event = p->event;
    for (int v = 0; v < p->voices; v++) {
        event = p->event;
        wn_conditions_events(p->ensemble->conditions, &event, p->frame, wn_generator_conditioner(p->generator, v));
    }
    p->event = event;
    play_score(p);
}

/* Part `index` of the job: prime or generate, cut where controls change. */
static void work(void *user, int thread, int index)
{
    (void)thread;
    const wn_ensemble *e = user;
    part *p = &e->parts[index];
    for (int done = 0; done < e->frames;) {
        set_controls(p);
        int n = stretch(p, e->frames - done);
        size_t at = (size_t)done * (size_t)p->voices;
        if (e->prime)
            wn_generator_prime(p->generator, e->prime + done, n);
        else
            wn_generator_run(p->generator, n, p->pcm + at, p->classes + at);
        p->frame += n;
        done += n;
    }
}

/* All threads at once; returns when all are done. */
static void run_parts(wn_ensemble *e, int frames, const float *prime)
{
    e->frames = frames;
    e->prime = prime;
    wn_crew_run(e->crew, work, e, e->n_parts);
}

void wn_ensemble_prime(wn_ensemble *ensemble, const float *pcm, int frames) { run_parts(ensemble, frames, pcm); }

void wn_ensemble_run(wn_ensemble *ensemble, int frames, float *pcm, int32_t *classes)
{
    run_parts(ensemble, frames, NULL);
    for (const part *p = ensemble->parts; p < ensemble->parts + ensemble->n_parts; p++)
        for (int t = 0; t < frames; t++) {
            size_t to = (size_t)t * (size_t)ensemble->voices + (size_t)p->first, from = (size_t)t * (size_t)p->voices;
            memcpy(pcm + to, p->pcm + from, (size_t)p->voices * sizeof *pcm);
            memcpy(classes + to, p->classes + from, (size_t)p->voices * sizeof *classes);
        }
}

const char *wn_ensemble_cpu(const wn_ensemble *ensemble) { return wn_plan_cpu(ensemble->parts[0].plan); }

/* ---- making --------------------------------------------------------------------------------------------------- */

static wn_status open_part(part *p, const wn_model *model, const wn_ensemble_config *config, wn_error *error)
{
    wn_plan_config plan = {.max_frames = 1, .voices = p->voices, .cpu = config->cpu};
    size_t n = (size_t)p->voices * WN_ENSEMBLE_CHUNK;
    p->pcm = calloc(n, sizeof *p->pcm);
    p->classes = calloc(n, sizeof *p->classes);
    if (!p->pcm || !p->classes) return wn_fail(error, WN_ERROR_MEMORY, NULL, "out of memory");
    wn_status status = wn_plan_new(&p->plan, model, &plan, error);
    if (!status) status = wn_generator_new(&p->generator, p->plan, &config->sampling, p->first, error);
    for (int v = 0; v < p->voices && !status; v++)
        status = wn_conditions_apply(config->conditions, wn_generator_conditioner(p->generator, v), error);
    if (!status && config->cut_feedback) wn_generator_feedback(p->generator, 0);
    if (!status && config->draws) wn_generator_draws(p->generator, config->draws, config->n_draws);
    return status;
}

static wn_status open_parts(wn_ensemble *e, const wn_model *model, const wn_ensemble_config *config, wn_error *error)
{
    wn_status status = WN_OK;
    for (int i = 0; i < e->n_parts && !status; i++) {
        part *p = &e->parts[i];
        p->ensemble = e;
        p->first = (int)((int64_t)e->voices * i / e->n_parts);
        p->voices = (int)((int64_t)e->voices * (i + 1) / e->n_parts) - p->first;
        status = open_part(p, model, config, error);
    }
    return status ? status : wn_crew_new(&e->crew, e->n_parts, error);
}

wn_status wn_ensemble_new(wn_ensemble **out, const wn_model *model, const wn_ensemble_config *config, wn_error *error)
{
    *out = NULL;
    wn_ensemble *e = calloc(1, sizeof *e);
    if (!e) return wn_fail(error, WN_ERROR_MEMORY, NULL, "out of memory");
    e->conditions = config->conditions;
    e->score = config->score;
    e->voices = config->voices;
    e->n_parts = config->threads < config->voices ? config->threads : config->voices;
    e->parts = calloc((size_t)e->n_parts, sizeof *e->parts);
    wn_status status =
        e->parts ? open_parts(e, model, config, error) : wn_fail(error, WN_ERROR_MEMORY, NULL, "out of memory");
    if (status)
        wn_ensemble_free(e);
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

void wn_ensemble_free(wn_ensemble *ensemble)
{
    if (!ensemble) return;
    wn_crew_free(ensemble->crew);
    for (int i = 0; ensemble->parts && i < ensemble->n_parts; i++) free_part(&ensemble->parts[i]);
    free(ensemble->parts);
    free(ensemble);
}
