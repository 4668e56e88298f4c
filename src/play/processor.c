/* SPDX-License-Identifier: MIT
 * processor.c - sound through a model or a chain of models: channels, conditions, sample rate, latency.
 * Copyright (c) 2026 the wavenet authors
 *
 * A model that is several in series becomes as many stages. A long impulse response is computed in two parts: a direct
 * convolution with its first taps, in a stream, and the late part in partitions.
 * The sound's channels are dealt to lanes, as many to each as the first model takes. A lane is the whole chain with streams of
 * its own. Lanes share the plans, and may run on several threads. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/denormals.h"
#include "base/error.h"
#include "base/thread_pool.h"
#include "dsp/long_convolution.h"
#include "dsp/realtime_resampler.h"
#include "engine/conditioned_stream.h"
#include "model/clone.h"
#include "model/model.h"

enum { DEFAULT_FRAMES = 1024, MAX_FRAMES = 65536, MAX_CHANNELS = 1024, MAX_MODELS = 64, MAX_STAGES = 4096 };

/* One model of the chain. */
typedef struct stage {
    const wn_model *model;
    wn_model *head; /* of a long impulse response: `model` with its first taps alone; owned. NULL: it is direct */
    float *taps;    /* [n_taps] of that, the one of the newest sample first */
    int n_taps;
    wn_plan *plan;
    int inputs, outputs;      /* channels */
    bool compresses, expands; /* between PCM and values of the network */
} stage;

/* Between the sound's rate and the models'. */
typedef struct lane_converter {
    wn_realtime_resampler **to_model;  /* [inputs] */
    wn_realtime_resampler **to_caller; /* [outputs] */
    float *channel;                    /* [block] one channel */
    float *converted;                  /* [block] */
    float *back;                       /* [outputs][back_frames] */
    int waiting;                       /* frames in `back` that are not due yet */
} lane_converter;

typedef struct lane {
    wn_conditioned_stream *streams; /* [n_stages] */
    wn_long_convolution **late;     /* [n_stages] NULL for stages that are direct */
    float *signal[2];               /* [block][widest]: input and output of a stage, by turns */
    int32_t *classes;               /* [block], models of classes only */
    float previous;                 /* the sample of sound before, see wn_model_emphasize */
    lane_converter converter;
} lane;

struct wn_processor {
    int n_models, n_stages, n_lanes;
    int *first_stage;       /* [n_models] */
    stage *stages;          /* [n_stages] */
    lane *lanes;            /* [n_lanes] */
    wn_thread_pool *pool;   /* NULL: the caller's thread alone */
    bool converts, encodes; /* the sample rate; PCM to classes */
    bool has_late_parts;
    int inputs, outputs;     /* channels of one lane */
    int max_frames, block;   /* of a part: at the sound's rate, at the models' */
    int back_frames;         /* room for a part that comes back, and for what waits */
    double rate, model_rate; /* Hz, where it converts */
    double latency;          /* seconds */
    int frames;              /* the run in hand: */
    const float *in;         /* [frames][lanes x inputs], or NULL: */
    const int32_t *given;    /* [frames][lanes] classes */
    float *out;              /* [frames][lanes x outputs] */
};

/* ---- checking ------------------------------------------------------------------------------------------------------ */

static bool is_effect(const wn_model_info *info)
{
    return info->output == WN_OUTPUT_PCM && info->n_classes == 0 && !info->autoregressive;
}

static wn_status check_processor_config(const wn_processor_config *c, int n, wn_error *error)
{
    if (n < 1 || n > MAX_MODELS)
        return wn_fail(error, WN_ERROR_ARGUMENT, NULL, "a chain of %d models, expected 1 to %d", n, MAX_MODELS);
    if (c->max_frames < 0 || c->max_frames > MAX_FRAMES)
        return wn_fail(error, WN_ERROR_ARGUMENT, NULL, "blocks of %d frames, expected 1 to %d", c->max_frames,
                       MAX_FRAMES);
    if (c->channels < 0 || c->channels > MAX_CHANNELS)
        return wn_fail(error, WN_ERROR_ARGUMENT, NULL, "%d channels, expected 1 to %d", c->channels, MAX_CHANNELS);
    return WN_OK;
}

/* The output of each model is the input of the next, at one rate. *rate: theirs, 0 where none names one. */
static wn_status check_chain(const wn_model *const *models, int n, double *rate, wn_error *error)
{
    *rate = 0;
    for (int i = 0; i < n; i++) {
        wn_model_info info = wn_model_get_info(models[i]);
        if (n > 1 && !is_effect(&info))
            return wn_fail(error, WN_ERROR_UNSUPPORTED, info.name, "model %d of a chain does not turn sound into sound",
                           i + 1);
        if (i > 0 && wn_model_get_info(models[i - 1]).output_channels != info.input_channels)
            return wn_fail(error, WN_ERROR_UNSUPPORTED, info.name,
                           "model %d of a chain takes %d channels, the one before gives %d", i + 1, info.input_channels,
                           wn_model_get_info(models[i - 1]).output_channels);
        if (info.sample_rate > 0 && *rate > 0 && info.sample_rate != *rate)
            return wn_fail(error, WN_ERROR_UNSUPPORTED, info.name,
                           "model %d of a chain runs at %g Hz, those before at %g Hz", i + 1, info.sample_rate, *rate);
        if (info.sample_rate > 0) *rate = info.sample_rate;
    }
    return WN_OK;
}

/* ---- making -------------------------------------------------------------------------------------------------------- */

/* The stages of a model: one, or those of its links. At most MAX_STAGES + 1. */
static int count_stages(const wn_model *m)
{
    int n = m->n_chain ? 0 : 1;
    for (int i = 0; i < m->n_chain && n <= MAX_STAGES; i++) n += count_stages(m->chain[i]);
    return n;
}

static void list_stages(stage **next, const wn_model *m)
{
    if (!m->n_chain) (*next)++->model = m;
    for (int i = 0; i < m->n_chain; i++) list_stages(next, m->chain[i]);
}

/* Whether the model is one long convolution of one channel. */
static bool is_long_response(const wn_model *m)
{
    const wn_stack *s = m->stacks;
    return wn_long_convolution_is_available() && m->n_stacks == 1 && s->plain_output && !s->n_layers && !s->head.out &&
           s->skip_out_scale == 1 && !m->n_head && m->head_scale == 1 && !m->condition.nested &&
           m->input.n_classes == 0 && s->rechannel.in == 1 && s->rechannel.out == 1 && s->rechannel.dilation == 1 &&
           s->rechannel.kernel >= WN_LONG_CONVOLUTION_MIN;
}

/* The description ends with the newest tap. */
static wn_status split_response(stage *s, wn_error *error)
{
    s->head = wn_model_clone(s->model);
    s->n_taps = s->model->stacks->rechannel.kernel;
    s->taps = calloc((size_t)s->n_taps, sizeof *s->taps);
    if (!s->head || !s->taps) return wn_fail_memory(error, NULL);
    wn_conv *conv = &s->head->stacks->rechannel;
    for (int k = 0; k < s->n_taps; k++) s->taps[k] = conv->weight[s->n_taps - 1 - k];
    conv->weight += s->n_taps - WN_LONG_CONVOLUTION_HEAD;
    conv->kernel = WN_LONG_CONVOLUTION_HEAD;
    return WN_OK;
}

static wn_status make_stage(wn_processor *p, stage *s, const wn_processor_config *config, wn_error *error)
{
    wn_plan_config plan = {.max_frames = p->block, .voices = 1, .cpu = config->cpu, .precision = config->precision};
    wn_model_info info = wn_model_get_info(s->model);
    s->inputs = info.input_channels;
    s->outputs = info.output_channels;
    s->compresses = !config->network_values && info.n_classes == 0 &&
                    (s->model->input.mu > 0.0 || info.pre_emphasis != 0.0 || info.gain != 1.0);
    s->expands = s->compresses && info.output == WN_OUTPUT_PCM;
    wn_status status = WN_OK;
    if (!config->network_values && is_long_response(s->model)) status = split_response(s, error);
    p->has_late_parts = p->has_late_parts || s->head;
    return status ? status : wn_plan_new(&s->plan, s->head ? s->head : s->model, &plan, error);
}

static wn_status make_stages(wn_processor *p, const wn_model *const *models, const wn_processor_config *config,
                             wn_error *error)
{
    stage *next = p->stages;
    for (int i = 0; i < p->n_models; i++) {
        p->first_stage[i] = (int)(next - p->stages);
        list_stages(&next, models[i]);
    }
    wn_status status = WN_OK;
    for (int i = 0; i < p->n_stages && !status; i++) status = make_stage(p, &p->stages[i], config, error);
    return status;
}

static wn_status make_resamplers(wn_realtime_resampler ***out, int n, double from, double to, wn_error *error)
{
    wn_realtime_resampler **all = *out = calloc((size_t)n, sizeof *all);
    if (!all) return wn_fail_memory(error, NULL);
    wn_status status = WN_OK;
    for (int k = 0; k < n && !status; k++) status = wn_realtime_resampler_new(&all[k], from, to, error);
    return status;
}

/* Each converter rounds up: behind both there are never fewer frames than went in, and at most one sample of the models' rate
 * and one more. */
static wn_status make_converter(lane_converter *c, wn_processor *p, wn_error *error)
{
    wn_status status = make_resamplers(&c->to_model, p->inputs, p->rate, p->model_rate, error);
    if (!status) status = make_resamplers(&c->to_caller, p->outputs, p->model_rate, p->rate, error);
    if (status) return status;
    p->back_frames = wn_realtime_resampler_get_capacity(c->to_caller[0], p->block + 1) + 1;
    p->latency = wn_realtime_resampler_get_delay(c->to_model[0]) + wn_realtime_resampler_get_delay(c->to_caller[0]);
    int longest = p->block > p->max_frames ? p->block : p->max_frames;
    c->channel = calloc((size_t)longest, sizeof *c->channel);
    c->converted = calloc((size_t)p->block, sizeof *c->converted);
    c->back = calloc((size_t)p->back_frames * (size_t)p->outputs, sizeof *c->back);
    return c->channel && c->converted && c->back ? WN_OK : wn_fail_memory(error, NULL);
}

static int widest_signal(const wn_processor *p)
{
    int widest = p->inputs;
    for (int i = 0; i < p->n_stages; i++)
        if (p->stages[i].outputs > widest) widest = p->stages[i].outputs;
    return widest;
}

static wn_status make_lane(lane *l, const wn_processor *p, wn_error *error)
{
    size_t block = (size_t)p->block, widest = (size_t)widest_signal(p);
    l->streams = calloc((unsigned)p->n_stages, sizeof *l->streams);
    l->late = calloc((unsigned)p->n_stages, sizeof *l->late);
    l->classes = calloc(block, sizeof *l->classes);
    for (int i = 0; i < 2; i++) l->signal[i] = calloc(block * widest, sizeof(float));
    if (!l->streams || !l->late || !l->classes || !l->signal[0] || !l->signal[1]) return wn_fail_memory(error, NULL);
    wn_status status = WN_OK;
    for (int i = 0; i < p->n_stages && !status; i++) {
        const stage *s = &p->stages[i];
        status = wn_conditioned_stream_open(&l->streams[i], s->plan, s->head ? s->head : s->model, p->block, error);
        if (!status && s->head) status = wn_long_convolution_new(&l->late[i], s->taps, s->n_taps, error);
    }
    return status;
}

/* Channels, and frames of a part on both sides of the converters. */
static wn_status set_sizes(wn_processor *p, const wn_model *const *models, const wn_processor_config *c, double rate,
                           wn_error *error)
{
    wn_model_info first = wn_model_get_info(models[0]);
    int channels = c->channels ? c->channels : first.input_channels;
    p->inputs = first.input_channels;
    p->outputs = wn_model_get_info(models[p->n_models - 1]).output_channels;
    p->encodes = first.n_classes > 0;
    p->max_frames = p->block = c->max_frames ? c->max_frames : DEFAULT_FRAMES;
    if (channels % p->inputs)
        return wn_fail(error, WN_ERROR_ARGUMENT, first.name, "%d channels; the model takes %d", channels, p->inputs);
    p->n_lanes = channels / p->inputs;
    p->converts = c->rate > 0 && rate > 0 && c->rate != rate;
    if (!p->converts) return WN_OK;
    if (!is_effect(&first) || c->network_values)
        return wn_fail(error, WN_ERROR_UNSUPPORTED, first.name, "only sound can be converted from %g to %g Hz", c->rate,
                       rate);
    p->rate = c->rate;
    p->model_rate = rate;
    p->block = (int)ceil(p->max_frames * rate / c->rate) + 1;
    return WN_OK;
}

static wn_status make_lanes(wn_processor *p, int threads, wn_error *error)
{
    wn_status status = WN_OK;
    for (int i = 0; i < p->n_lanes && !status; i++) {
        status = make_lane(&p->lanes[i], p, error);
        if (!status && p->converts) status = make_converter(&p->lanes[i].converter, p, error);
    }
    if (threads > p->n_lanes) threads = p->n_lanes;
    return status || threads < 2 ? status : wn_thread_pool_new(&p->pool, threads, false, error);
}

static wn_status make_processor(wn_processor *p, const wn_model *const *models, const wn_processor_config *config,
                                wn_error *error)
{
    double rate;
    wn_status status = check_chain(models, p->n_models, &rate, error);
    if (rate == 0) rate = config->default_rate;
    if (!status) status = set_sizes(p, models, config, rate, error);
    if (status) return status;
    for (int i = 0; i < p->n_models && p->n_stages <= MAX_STAGES; i++) p->n_stages += count_stages(models[i]);
    if (p->n_stages > MAX_STAGES)
        return wn_fail(error, WN_ERROR_UNSUPPORTED, NULL, "a chain of more than %d models", (int)MAX_STAGES);
    p->first_stage = calloc((size_t)p->n_models, sizeof *p->first_stage);
    p->stages = calloc((size_t)p->n_stages, sizeof *p->stages);
    p->lanes = calloc((size_t)p->n_lanes, sizeof *p->lanes);
    if (!p->first_stage || !p->stages || !p->lanes) return wn_fail_memory(error, NULL);
    status = make_stages(p, models, config, error);
    return status ? status : make_lanes(p, config->threads, error);
}

wn_status wn_processor_new(wn_processor **out, const wn_model *const *models, int n, const wn_processor_config *config,
                           wn_error *error)
{
    static const wn_processor_config defaults;
    *out = NULL;
    if (!config) config = &defaults;
    wn_status status = check_processor_config(config, n, error);
    if (status) return status;
    wn_processor *p = calloc(1, sizeof *p);
    if (!p) return wn_fail_memory(error, NULL);
    p->n_models = n;
    status = make_processor(p, models, config, error);
    if (status)
        wn_processor_free(p);
    else
        *out = p;
    return status;
}

/* ---- freeing ------------------------------------------------------------------------------------------------------- */

static void free_resamplers(wn_realtime_resampler **all, int n)
{
    for (int k = 0; all && k < n; k++) wn_realtime_resampler_free(all[k]);
    free(all);
}

static void free_lane(const wn_processor *p, lane *l)
{
    for (int i = 0; l->streams && i < p->n_stages; i++) wn_conditioned_stream_close(&l->streams[i]);
    for (int i = 0; l->late && i < p->n_stages; i++) wn_long_convolution_free(l->late[i]);
    free_resamplers(l->converter.to_model, p->inputs);
    free_resamplers(l->converter.to_caller, p->outputs);
    free(l->converter.channel);
    free(l->converter.converted);
    free(l->converter.back);
    free(l->streams);
    free(l->late);
    free(l->classes);
    free(l->signal[0]);
    free(l->signal[1]);
}

void wn_processor_free(wn_processor *p)
{
    if (!p) return;
    wn_thread_pool_free(p->pool);
    for (int i = 0; p->lanes && i < p->n_lanes; i++) free_lane(p, &p->lanes[i]);
    for (int i = 0; p->stages && i < p->n_stages; i++) {
        wn_plan_free(p->stages[i].plan);
        wn_model_free(p->stages[i].head);
        free(p->stages[i].taps);
    }
    free(p->first_stage);
    free(p->lanes);
    free(p->stages);
    free(p);
}

/* ---- the chain: values of the models' rate -------------------------------------------------------------------------- */

/* Frames of the lane through every model: from `x` [frames][inputs], or from classes, into `y` [frames][outputs] or, if that
 * is NULL, a buffer of the lane's. Returns where the output is. */
static const float *run_chain(const wn_processor *p, lane *l, int frames, const float *x, const int32_t *classes,
                              float *y)
{
    for (int i = 0; i < p->n_stages; i++) {
        const stage *s = &p->stages[i];
        float *next = y && i + 1 == p->n_stages ? y : l->signal[x == l->signal[0]];
        if (s->compresses) {
            float *compressed = l->signal[next == l->signal[0]];
            for (size_t k = 0; k < (size_t)frames * (size_t)s->inputs; k++)
                compressed[k] = wn_model_compress(s->model, wn_model_emphasize(s->model, &l->previous, x[k]));
            x = compressed;
        }
        wn_conditioned_stream_run(&l->streams[i], frames, classes ? NULL : x, classes, next);
        if (l->late[i]) wn_long_convolution_add(l->late[i], frames, x, next);
        for (size_t k = 0; s->expands && k < (size_t)frames * (size_t)s->outputs; k++)
            next[k] = wn_model_expand(s->model, next[k]);
        x = next;
    }
    return x;
}

/* ---- a part of a run, one lane ------------------------------------------------------------------------------------- */

static int lane_index(const wn_processor *p, const lane *l) { return (int)(l - p->lanes); }

/* Where the lane's first channel is in frame `from` of the run's frames of `channels` channels per lane. */
static size_t lane_offset(const wn_processor *p, const lane *l, int from, int channels)
{
    return ((size_t)from * (size_t)p->n_lanes + (size_t)lane_index(p, l)) * (size_t)channels;
}

/* One channel of a lane, out of frames of `stride` values. NaN and Inf would stay in a converter's filter, and become 0. */
static void take_channel(float *channel, const float *from, size_t stride, int frames)
{
    for (int t = 0; t < frames; t++, from += stride) channel[t] = isfinite(*from) ? *from : 0;
}

/* The sound at the models' rate, into `x` [return value][inputs]. */
static int convert_to_model(const wn_processor *p, lane *l, const float *in, int frames, float *x)
{
    lane_converter *c = &l->converter;
    int made = 0;
    for (int k = 0; k < p->inputs; k++) {
        take_channel(c->channel, in + k, (size_t)p->n_lanes * (size_t)p->inputs, frames);
        made = wn_realtime_resampler_run(c->to_model[k], c->channel, frames, c->converted);
        for (int t = 0; t < made; t++) x[(size_t)t * (size_t)p->inputs + (size_t)k] = c->converted[t];
    }
    return made;
}

/* y [made][outputs] at the sound's rate: `frames` frames are due, and what came too early by part of a sample waits. */
static void convert_to_caller(const wn_processor *p, lane *l, const float *y, int made, float *out, int frames)
{
    lane_converter *c = &l->converter;
    int there = 0;
    for (int k = 0; k < p->outputs; k++) {
        float *back = c->back + (size_t)k * (size_t)p->back_frames, *to = out + k;
        take_channel(c->channel, y + k, (size_t)p->outputs, made);
        there = c->waiting + wn_realtime_resampler_run(c->to_caller[k], c->channel, made, back + c->waiting);
        for (int t = 0; t < frames; t++, to += p->n_lanes * p->outputs) *to = back[t];
        memmove(back, back + frames, (size_t)(there - frames) * sizeof *back);
    }
    c->waiting = there - frames;
}

/* n channels of each frame from one place to another; the strides are values from frame to frame. */
static void copy_frames(float *to, size_t to_stride, const float *from, size_t from_stride, int n, int frames)
{
    for (int t = 0; t < frames; t++, to += to_stride, from += from_stride)
        for (int k = 0; k < n; k++) to[k] = from[k];
}

/* Classes of the lane: those given, or those that its one channel of sound encodes to. */
static const int32_t *take_classes(const wn_processor *p, lane *l, int from, int frames)
{
    const int32_t *given = p->given ? p->given + lane_offset(p, l, from, 1) : NULL;
    const float *pcm = p->in ? p->in + lane_offset(p, l, from, 1) : NULL;
    if (given && p->n_lanes == 1) return given;
    const wn_model *m = p->stages[0].model;
    for (int t = 0; t < frames; t++)
        l->classes[t] = given ? given[t * p->n_lanes]
                              : wn_model_encode(m, wn_model_emphasize(m, &l->previous, pcm[t * p->n_lanes]));
    return l->classes;
}

/* One lane is the whole sound: nothing has to be picked out of the frames. */
static void run_only_lane(const wn_processor *p, lane *l, int from, int frames)
{
    const int32_t *classes = p->encodes ? take_classes(p, l, from, frames) : NULL;
    const float *x = p->encodes ? NULL : p->in + lane_offset(p, l, from, p->inputs);
    run_chain(p, l, frames, x, classes, p->out + lane_offset(p, l, from, p->outputs));
}

static void run_one_of_lanes(const wn_processor *p, lane *l, int from, int frames)
{
    size_t in_stride = (size_t)p->n_lanes * (size_t)p->inputs, out_stride = (size_t)p->n_lanes * (size_t)p->outputs;
    const int32_t *classes = p->encodes ? take_classes(p, l, from, frames) : NULL;
    float *x = p->encodes ? NULL : l->signal[0];
    if (x) copy_frames(x, (size_t)p->inputs, p->in + lane_offset(p, l, from, p->inputs), in_stride, p->inputs, frames);
    const float *y = run_chain(p, l, frames, x, classes, NULL);
    copy_frames(p->out + lane_offset(p, l, from, p->outputs), out_stride, y, (size_t)p->outputs, p->outputs, frames);
}

static void run_converted_lane(const wn_processor *p, lane *l, int from, int frames)
{
    int made = convert_to_model(p, l, p->in + lane_offset(p, l, from, p->inputs), frames, l->signal[0]);
    const float *y = made ? run_chain(p, l, made, l->signal[0], NULL, NULL) : l->signal[0];
    convert_to_caller(p, l, y, made, p->out + lane_offset(p, l, from, p->outputs), frames);
}

/* ---- running ------------------------------------------------------------------------------------------------------- */

static void run_lane(const wn_processor *p, lane *l)
{
    for (int done = 0, n; done < p->frames; done += n) {
        n = p->frames - done < p->max_frames ? p->frames - done : p->max_frames;
        if (p->converts)
            run_converted_lane(p, l, done, n);
        else if (p->n_lanes == 1)
            run_only_lane(p, l, done, n);
        else
            run_one_of_lanes(p, l, done, n);
    }
}

static void run_lane_job(void *user, int thread, int index)
{
    (void)thread;
    const wn_processor *p = user;
    run_lane(p, &p->lanes[index]);
}

static void run_lanes(wn_processor *p)
{
    if (p->pool) {
        wn_thread_pool_run(p->pool, run_lane_job, p, p->n_lanes);
        return;
    }
    bool flushes = p->converts || p->has_late_parts; /* streams do so themselves */
    uint64_t before = flushes ? wn_denormals_flush() : 0;
    for (int i = 0; i < p->n_lanes; i++) run_lane(p, &p->lanes[i]);
    if (flushes) wn_denormals_restore(before);
}

void wn_processor_run(wn_processor *p, int frames, const float *in, float *out)
{
    p->frames = frames;
    p->in = in;
    p->given = NULL;
    p->out = out;
    run_lanes(p);
}

void wn_processor_run_classes(wn_processor *p, int frames, const int32_t *classes, float *out)
{
    p->frames = frames;
    p->in = NULL;
    p->given = classes;
    p->out = out;
    run_lanes(p);
}

/* ---- prewarming ---------------------------------------------------------------------------------------------------- */

/* Silence through the lane's models. Returns the output [outputs] that follows; NULL where one model alone has nobody to pass it
 * on to. */
static const float *prewarm_chain(const wn_processor *p, lane *l)
{
    float *x = l->signal[0];
    l->previous = 0;
    if (p->n_stages == 1 && !p->converts) {
        wn_conditioned_stream_prewarm(&l->streams[0], NULL, NULL);
        if (l->late[0]) wn_long_convolution_fill(l->late[0], 0);
        return NULL;
    }
    memset(x, 0, (size_t)p->inputs * sizeof *x);
    for (int i = 0; i < p->n_stages; i++) {
        const stage *s = &p->stages[i];
        float *y = l->signal[x == l->signal[0]];
        for (int k = 0; s->compresses && k < s->inputs; k++) x[k] = wn_model_compress(s->model, x[k]);
        wn_conditioned_stream_prewarm(&l->streams[i], x, y);
        if (l->late[i]) y[0] += wn_long_convolution_fill(l->late[i], x[0]);
        for (int k = 0; s->expands && k < s->outputs; k++) y[k] = wn_model_expand(s->model, y[k]);
        x = y;
    }
    return x;
}

/* Feed `value` until nothing else is left in the filter, at `rate` Hz: for whole periods, after which the converter stands at
 * the phase it had before. Returns the last value that came out into `out`. */
static float fill_converter(wn_realtime_resampler *r, float value, double rate, float *channel, int longest, float *out)
{
    int period = wn_realtime_resampler_get_period(r), filter = (int)(2 * wn_realtime_resampler_get_delay(r) * rate) + 1;
    float last = value;
    for (int t = 0; t < longest; t++) channel[t] = value;
    for (int left = (filter / period + 1) * period, n; left > 0; left -= n) {
        n = left < longest ? left : longest;
        int made = wn_realtime_resampler_run(r, channel, n, out);
        if (made) last = out[made - 1];
    }
    return last;
}

/* y [outputs]: the models' answer to silence. */
static void prewarm_converter(const wn_processor *p, lane_converter *c, const float *y)
{
    for (int k = 0; k < p->inputs; k++)
        fill_converter(c->to_model[k], 0, p->rate, c->channel, p->max_frames, c->converted);
    for (int k = 0; k < p->outputs; k++) {
        float *back = c->back + (size_t)k * (size_t)p->back_frames;
        float last = fill_converter(c->to_caller[k], y[k], p->model_rate, c->channel, p->block, back + c->waiting);
        for (int t = 0; t < c->waiting; t++) back[t] = last;
    }
}

void wn_processor_prewarm(wn_processor *p)
{
    uint64_t before = wn_denormals_flush();
    for (int i = 0; i < p->n_lanes; i++) {
        const float *y = prewarm_chain(p, &p->lanes[i]);
        if (p->converts) prewarm_converter(p, &p->lanes[i].converter, y);
    }
    wn_denormals_restore(before);
}

/* ---- asking -------------------------------------------------------------------------------------------------------- */

int wn_processor_get_output_channels(const wn_processor *p) { return p->n_lanes * p->outputs; }

double wn_processor_get_latency(const wn_processor *p) { return p->latency; }

const wn_plan *wn_processor_get_plan(const wn_processor *p, int model) { return p->stages[p->first_stage[model]].plan; }

wn_conditioner *wn_processor_get_conditioner(wn_processor *p, int channel, int model)
{
    return p->lanes[channel / p->inputs].streams[p->first_stage[model]].conditioner;
}
