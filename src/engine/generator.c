/* SPDX-License-Identifier: MIT
 * generator.c - a stream whose output is sampled and fed back, with a conditioner for each voice.
 * Copyright (c) 2026 the wavenet authors */
#include <stdlib.h>
#include <string.h>

#include "engine/stream.h"

struct wn_generator {
    const wn_plan *plan;
    wn_stream *stream;
    wn_sampler *sampler;
    int first_voice;
    bool cut_feedback;            /* feed the first input for ever */
    uint64_t index;               /* of the next sample; counts primed samples, too */
    wn_conditioner **conditioner; /* [voices] */
    float *local;                 /* [voices][local channels], one voice: [WN_FRAMES_AHEAD][local channels] */
    bool ahead;                   /* conditions are computed some frames ahead: one voice, with local channels */
    int ready, next; /* one voice: frames whose conditions are in `local`, and the next of them to be run */
    int waits;       /* 1: one more follows them there, with another held vector if new_held */
    bool new_held;
    float *held;                /* [held channels] */
    float *temperature_feature; /* value of the temperature channel: [voices], one voice: [WN_FRAMES_AHEAD] */
    float *previous;            /* [voices] the sample of sound before, see wn_model_emphasize */
    float *output;              /* [voices][output_channels] */
    float *pcm;                 /* [voices] the next input */
    int32_t *classes;           /* [voices] the next input */
    const float *noise;         /* [noise_frames][wn_model_get_noise_channels] recorded, the caller's; NULL: none */
    int64_t noise_frames, next_noise;
};

/* The first input: silence's class, or the value the model names. */
static void first_input(wn_generator *g)
{
    const wn_encoding *in = &g->plan->model->input;
    for (int v = 0; v < g->plan->voices; v++) {
        g->pcm[v] = (float)in->first;
        g->classes[v] = wn_model_encode(g->plan->model, 0);
    }
}

static wn_status allocate(wn_generator *g, wn_error *error)
{
    const wn_model *m = g->plan->model;
    size_t voices = (size_t)g->plan->voices;
    g->conditioner = calloc(voices, sizeof(wn_conditioner *));
    g->local = calloc((voices > 1 ? voices : WN_FRAMES_AHEAD) * (size_t)m->condition.local_channels + 1, sizeof(float));
    g->held = calloc((size_t)m->condition.held_channels + 1, sizeof(float));
    g->temperature_feature = calloc(voices > 1 ? voices : WN_FRAMES_AHEAD, sizeof(float));
    g->previous = calloc(voices, sizeof(float));
    g->output = calloc(voices * (size_t)m->output_channels, sizeof(float));
    g->pcm = calloc(voices, sizeof(float));
    g->classes = calloc(voices, sizeof(int32_t));
    if (!g->conditioner || !g->local || !g->held || !g->temperature_feature || !g->previous || !g->output || !g->pcm ||
        !g->classes)
        return wn_fail_memory(error, "generator");
    wn_status status = WN_OK;
    for (size_t v = 0; v < voices && !status; v++) status = wn_conditioner_new(&g->conditioner[v], m, error);
    return status;
}

wn_status wn_generator_new(wn_generator **out, const wn_plan *plan, const wn_generator_config *config, wn_error *error)
{
    static const wn_generator_config defaults = {0};
    *out = NULL;
    if (!config) config = &defaults;
    if (!plan->model->autoregressive)
        return wn_fail(error, WN_ERROR_ARGUMENT, "generator",
                       "the model is not autoregressive: it processes audio, it does not generate");
    if (plan->model->input.channels != 1)
        return wn_fail(error, WN_ERROR_UNSUPPORTED, "generator", "the model feeds back %d channels, expected 1",
                       plan->model->input.channels);
    wn_generator *g = calloc(1, sizeof *g);
    if (!g) return wn_fail_memory(error, "generator");
    g->plan = plan;
    g->first_voice = config->first_voice;
    g->cut_feedback = config->cut_feedback;
    g->ahead = plan->voices == 1 && plan->model->condition.local_channels > 0;
    g->noise = config->noise;
    g->noise_frames = config->noise ? config->noise_frames : 0;
    wn_status status = allocate(g, error);
    if (!status) status = wn_stream_new(&g->stream, plan, error);
    if (!status) status = wn_sampler_new(&g->sampler, plan->model, config->sampling, error);
    if (status) {
        wn_generator_free(g);
        return status;
    }
    first_input(g);
    *out = g;
    return WN_OK;
}

void wn_generator_free(wn_generator *g)
{
    if (!g) return;
    for (int v = 0; g->conditioner && v < g->plan->voices; v++) wn_conditioner_free(g->conditioner[v]);
    free(g->conditioner);
    wn_stream_free(g->stream);
    wn_sampler_free(g->sampler);
    free(g->local);
    free(g->held);
    free(g->temperature_feature);
    free(g->previous);
    free(g->output);
    free(g->pcm);
    free(g->classes);
    free(g);
}

wn_conditioner *wn_generator_get_conditioner(wn_generator *generator, int voice)
{
    return generator->conditioner[voice];
}

/* The value of temperature_channel for the next sample; 1 if the model has no such channel. */
static float read_temperature_feature(const wn_generator *g, int voice)
{
    int channel = g->plan->model->temperature_channel;
    return channel < 0 ? 1 : wn_conditioner_get_feature(g->conditioner[voice], channel);
}

/* The conditions of the next frame of all voices. */
static void take_conditions(wn_generator *g)
{
    const wn_model *m = g->plan->model;
    for (int v = 0; v < g->plan->voices; v++) {
        float *local = g->local + (ptrdiff_t)v * m->condition.local_channels;
        g->temperature_feature[v] = read_temperature_feature(g, v);
        if (wn_conditioner_next(g->conditioner[v], local, g->held) && m->condition.held_channels)
            wn_stream_set_condition(g->stream, v, g->held);
    }
}

/* The conditions of up to `most` frames of the one voice: until what is held changes. */
static void take_conditions_ahead(wn_generator *g, int most)
{
    const wn_model *m = g->plan->model;
    int width = m->condition.local_channels;
    bool changes = g->waits && g->new_held;
    if (g->waits) memmove(g->local, g->local + (ptrdiff_t)g->ready * width, (size_t)width * sizeof *g->local);
    if (g->waits) g->temperature_feature[0] = g->temperature_feature[g->ready];
    g->ready = g->waits;
    g->waits = 0;
    if (changes) wn_stream_set_condition(g->stream, 0, g->held);
    while (g->ready < most && !g->waits) {
        g->temperature_feature[g->ready] = read_temperature_feature(g, 0);
        bool held = wn_conditioner_next(g->conditioner[0], g->local + (ptrdiff_t)g->ready * width, g->held);
        g->new_held = held && m->condition.held_channels;
        if (g->new_held && g->ready > 0)
            g->waits = 1;
        else if (g->new_held)
            wn_stream_set_condition(g->stream, 0, g->held);
        g->ready += !g->waits;
    }
    g->next = 0;
    wn_stream_look_ahead(g->stream, g->ready, g->local);
}

/* Run the network one frame on the input in hand; `left` frames follow under the same controls, this one among them. */
static void step(wn_generator *g, int64_t left)
{
    const wn_model *m = g->plan->model;
    int width = m->condition.local_channels;
    if (!g->ahead)
        take_conditions(g);
    else if (g->next == g->ready)
        take_conditions_ahead(g, left < WN_FRAMES_AHEAD ? (int)left : WN_FRAMES_AHEAD);
    wn_block block = {.frames = 1,
                      .pcm = g->pcm,
                      .classes = g->classes,
                      .out = g->output,
                      .local = width ? g->local + (g->ahead ? (ptrdiff_t)g->next++ * width : 0) : NULL};
    wn_stream_run(g->stream, &block);
}

/* Make `x` (or class `c`) the next input of `voice`. */
static void feed(wn_generator *g, int voice, float x, int32_t c)
{
    if (g->cut_feedback) return;
    g->pcm[voice] = x;
    g->classes[voice] = c;
}

void wn_generator_prime(wn_generator *g, const float *pcm, int64_t frames)
{
    for (int64_t t = 0; t < frames; t++) {
        step(g, frames - t);
        const wn_model *m = g->plan->model;
        float y = wn_model_emphasize(m, &g->previous[0], pcm[t]);
        float x = wn_model_compress(m, y);
        int32_t c = wn_model_encode(m, y);
        for (int v = 0; v < g->plan->voices; v++) feed(g, v, x, c);
        g->index++;
    }
    for (int v = 1; v < g->plan->voices; v++) g->previous[v] = g->previous[0];
    wn_stream_end_parallel(g->stream);
}

void wn_generator_run(wn_generator *g, int64_t frames, float *pcm, int32_t *classes)
{
    const wn_model *m = g->plan->model;
    int voices = g->plan->voices, noise_channels = wn_model_get_noise_channels(m);
    for (int64_t t = 0; t < frames; t++) {
        step(g, frames - t);
        const float *noise = g->next_noise < g->noise_frames ? g->noise + g->next_noise++ * noise_channels : NULL;
        for (int v = 0; v < voices; v++) {
            int32_t c = 0;
            uint32_t voice = (uint32_t)(g->first_voice + v);
            wn_sampler_set_feature(g->sampler, g->temperature_feature[g->ahead ? g->next - 1 : v]);
            float x =
                wn_sampler_draw(g->sampler, voice, g->index, noise, g->output + (ptrdiff_t)v * m->output_channels, &c);
            feed(g, v, x, c);
            pcm[t * voices + v] = wn_model_deemphasize(m, &g->previous[v], wn_model_expand(m, x));
            if (classes) classes[t * voices + v] = c;
        }
        g->index++;
    }
    wn_stream_end_parallel(g->stream);
}

wn_divergence wn_generator_get_divergence(const wn_generator *generator)
{
    return wn_sampler_get_divergence(generator->sampler);
}

void wn_generator_start_parallel(wn_generator *generator) { wn_stream_share(generator->stream); }

void wn_generator_run_worker(wn_generator *generator) { wn_stream_help(generator->stream); }
