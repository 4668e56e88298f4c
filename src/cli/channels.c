/* SPDX-License-Identifier: MIT
 * channels.c - sound through a feed-forward model, a stream a channel, split over threads.
 * Copyright (c) 2026 the wavenet authors */
#include "cli/channels.h"

#include <stdlib.h>

#include "cli/teacher.h"
#include "base/thread_pool.h"

/* One stream and a block of what it is given. */
typedef struct lane {
    wn_teacher teacher;
    float *in; /* [block][inputs] */
} lane;

struct wn_channels {
    const wn_model *model;
    int block, inputs, outputs; /* inputs and outputs of a lane */
    int n_lanes;
    lane *lanes; /* [n_lanes] */
    wn_thread_pool *crew;
    int frames;      /* the job */
    const float *in; /* [frames][lanes x inputs] */
    float *out;      /* [frames][lanes x outputs] */
};

int wn_channels_width(const wn_channels *c) { return c->n_lanes * c->outputs; }

const char *wn_channels_cpu(const wn_channels *c) { return wn_plan_get_cpu(c->lanes[0].teacher.plan); }

/* ---- running -------------------------------------------------------------------------------------------------- */

/* Frames from .. from+n-1 of lane `index`: pick its inputs out of the frames, put its outputs among those of the others. */
static void run_block(const wn_channels *c, int index, int from, int n)
{
    lane *l = &c->lanes[index];
    int in_width = c->n_lanes * c->inputs, out_width = c->n_lanes * c->outputs;
    const float *in = c->in + (size_t)from * (size_t)in_width + (size_t)index * (size_t)c->inputs;
    float *out = c->out + (size_t)from * (size_t)out_width + (size_t)index * (size_t)c->outputs;
    for (int t = 0; t < n; t++, in += in_width)
        for (int k = 0; k < c->inputs; k++) l->in[t * c->inputs + k] = wn_model_compress(c->model, in[k]);
    wn_teacher_run(&l->teacher, n, l->in, NULL);
    const float *made = l->teacher.out;
    for (int t = 0; t < n; t++, out += out_width)
        for (int k = 0; k < c->outputs; k++) out[k] = wn_model_expand(c->model, *made++);
}

static void run_lane(void *user, int thread, int index)
{
    (void)thread;
    const wn_channels *c = user;
    for (int done = 0, n; done < c->frames; done += n) {
        n = c->frames - done < c->block ? c->frames - done : c->block;
        run_block(c, index, done, n);
    }
}

void wn_channels_run(wn_channels *c, int frames, const float *in, float *out)
{
    c->frames = frames;
    c->in = in;
    c->out = out;
    wn_thread_pool_run(c->crew, run_lane, c, c->n_lanes);
}

/* ---- making --------------------------------------------------------------------------------------------------- */

static wn_status open_lane(const wn_channels *c, lane *l, const wn_channels_config *config, wn_error *error)
{
    l->in = calloc((size_t)c->block * (size_t)c->inputs, sizeof *l->in);
    if (!l->in) return wn_fail_memory(error, NULL);
    wn_status status = wn_teacher_open(&l->teacher, c->model, config->conditions, config->cpu, WN_PRECISION_F32, c->block,
                                       error);
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
    if (!c->lanes) return wn_fail_memory(error, NULL);
    wn_status status = WN_OK;
    while (c->n_lanes < lanes && !status) status = open_lane(c, &c->lanes[c->n_lanes++], config, error);
    return status ? status : wn_thread_pool_new(&c->crew, config->threads < lanes ? config->threads : lanes, false, error);
}

wn_status wn_channels_new(wn_channels **out, const wn_model *model, const wn_channels_config *config, wn_error *error)
{
    *out = NULL;
    wn_channels *c = calloc(1, sizeof *c);
    if (!c) return wn_fail_memory(error, NULL);
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
}

void wn_channels_free(wn_channels *c)
{
    if (!c) return;
    wn_thread_pool_free(c->crew);
    for (int i = 0; i < c->n_lanes; i++) free_lane(&c->lanes[i]);
    free(c->lanes);
    free(c);
}
