/* SPDX-License-Identifier: MIT
 * channels.c - sound through a feed-forward model, a stream a channel, split over threads.
 * Copyright (c) 2026 the wavenet authors */
#include "cli/channels.h"

#include <stdlib.h>

#include "cli/teacher.h"
#include "train/crew.h"

/* One stream and the samples it is given. */
typedef struct lane {
    wn_teacher teacher;
    float *in;  /* [chunk][inputs] */
    float *out; /* [chunk][outputs] */
} lane;

struct wn_channels {
    const wn_model *model;
    int block, inputs, outputs; /* inputs and outputs of a lane */
    int n_lanes;
    lane *lanes; /* [n_lanes] */
    wn_crew *crew;
    int frames; /* the job */
};

int wn_channels_width(const wn_channels *c) { return c->n_lanes * c->outputs; }

const char *wn_channels_cpu(const wn_channels *c) { return wn_plan_cpu(c->lanes[0].teacher.plan); }

/* ---- running -------------------------------------------------------------------------------------------------- */

static void run_lane(void *user, int thread, int index)
{
    (void)thread;
    const wn_channels *c = user;
    lane *l = &c->lanes[index];
    for (int done = 0, n; done < c->frames; done += n) {
        n = c->frames - done < c->block ? c->frames - done : c->block;
        wn_teacher_run(&l->teacher, n, l->in + (size_t)done * (size_t)c->inputs, NULL);
        float *out = l->out + (size_t)done * (size_t)c->outputs;
        for (int i = 0; i < n * c->outputs; i++) out[i] = wn_model_expand(c->model, l->teacher.out[i]);
    }
}

void wn_channels_run(wn_channels *c, int frames, const float *in, float *out)
{
    for (int t = 0; t < frames; t++)
        for (int i = 0; i < c->n_lanes; i++)
            for (int k = 0; k < c->inputs; k++) c->lanes[i].in[t * c->inputs + k] = wn_model_compress(c->model, *in++);
    c->frames = frames;
    wn_crew_run(c->crew, run_lane, c, c->n_lanes);
    for (int t = 0; t < frames; t++)
        for (int i = 0; i < c->n_lanes; i++)
            for (int k = 0; k < c->outputs; k++) *out++ = c->lanes[i].out[t * c->outputs + k];
}

/* ---- making --------------------------------------------------------------------------------------------------- */

static wn_status open_lane(const wn_channels *c, lane *l, const wn_channels_config *config, wn_error *error)
{
    l->in = calloc((size_t)config->chunk * (size_t)c->inputs, sizeof *l->in);
    l->out = calloc((size_t)config->chunk * (size_t)c->outputs, sizeof *l->out);
    if (!l->in || !l->out) return wn_fail(error, WN_ERROR_MEMORY, NULL, "out of memory");
    wn_status status = wn_teacher_open(&l->teacher, c->model, config->conditions, config->cpu, c->block, error);
    if (!status && config->settle) wn_teacher_settle(&l->teacher);
    return status;
}

static wn_status open_lanes(wn_channels *c, const wn_channels_config *config, wn_error *error)
{
    wn_model_info info = wn_model_get_info(c->model);
    c->inputs = info.input_channels;
    c->outputs = info.output_channels;
    int lanes = c->inputs > 1 ? 1 : config->channels;
    c->lanes = calloc((size_t)lanes, sizeof *c->lanes);
    if (!c->lanes) return wn_fail(error, WN_ERROR_MEMORY, NULL, "out of memory");
    wn_status status = WN_OK;
    while (c->n_lanes < lanes && !status) status = open_lane(c, &c->lanes[c->n_lanes++], config, error);
    return status ? status : wn_crew_new(&c->crew, config->threads < lanes ? config->threads : lanes, error);
}

wn_status wn_channels_new(wn_channels **out, const wn_model *model, const wn_channels_config *config, wn_error *error)
{
    *out = NULL;
    wn_channels *c = calloc(1, sizeof *c);
    if (!c) return wn_fail(error, WN_ERROR_MEMORY, NULL, "out of memory");
    c->model = model;
    c->block = config->block;
    wn_status status = open_lanes(c, config, error);
    if (status)
        wn_channels_free(c);
    else
        *out = c;
    return status;
}

static void free_lane(lane *l)
{
    wn_teacher_free(&l->teacher);
    free(l->in);
    free(l->out);
}

void wn_channels_free(wn_channels *c)
{
    if (!c) return;
    wn_crew_free(c->crew);
    for (int i = 0; i < c->n_lanes; i++) free_lane(&c->lanes[i]);
    free(c->lanes);
    free(c);
}
