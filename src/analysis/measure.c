/* SPDX-License-Identifier: MIT
 * measure.c - how far back, and how strongly, the real network's output depends on its input.
 * Copyright (c) 2026 the wavenet authors */
#include "analysis/measure.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/noise.h"
#include "model/model.h"

/* Voice 0 hears the signal as it is; each other voice hears it with one sample changed, at a time of its own. */
enum { PROBES = 4, VOICES = PROBES + 1, BLOCK = 64, MARGIN = 64 };

typedef struct probe {
    const wn_model *model;
    wn_plan *plan;
    wn_stream *stream;
    wn_conditioner *conditioner;
    bool random;
    uint64_t noise;
    int64_t at[PROBES], frames;
    float *features;  /* [feature frames][feature channels], or NULL */
    float *held;      /* [held channels] */
    float *pcm;       /* [BLOCK][VOICES][in] */
    int32_t *classes; /* [BLOCK][VOICES] */
    float *local;     /* [BLOCK][VOICES][local channels] */
    float *out;       /* [BLOCK][VOICES][out] */
} probe;

static void close_probe(probe *p)
{
    wn_conditioner_free(p->conditioner);
    wn_stream_free(p->stream);
    wn_plan_free(p->plan);
    free(p->features);
    free(p->held);
    free(p->pcm);
    free(p->classes);
    free(p->local);
    free(p->out);
}

static float *floats(int64_t rows, int width) { return calloc((size_t)rows * (size_t)width + 1, sizeof(float)); }

/* The changes come one after the other once every ring is full, and each is followed past the formula's end. */
static void choose_times(probe *p, int64_t field)
{
    for (int i = 0; i < PROBES; i++) p->at[i] = field + MARGIN + 37 * i;
    p->frames = p->at[PROBES - 1] + field + MARGIN;
}

static wn_status give_features(probe *p, wn_error *error)
{
    const wn_model_info info = wn_model_get_info(p->model);
    if (info.feature_channels == 0) return WN_OK;
    int64_t rows = p->frames / (info.feature_hop > 0 ? info.feature_hop : 1) + info.feature_context + 2;
    p->features = floats(rows, info.feature_channels);
    if (!p->features) return wn_fail_memory(error, p->model->name);
    for (int64_t i = 0; p->random && i < rows * info.feature_channels; i++) p->features[i] = wn_noise(&p->noise);
    return wn_conditioner_set_features(p->conditioner, p->features, rows, error);
}

/* Speaker 0, or a global vector of zeros or noise. */
static wn_status give_global(probe *p, wn_error *error)
{
    const wn_model_info info = wn_model_get_info(p->model);
    if (info.n_speakers > 0) return wn_conditioner_set_speaker(p->conditioner, 0, error);
    if (info.global_channels == 0) return WN_OK;
    float *vector = floats(1, info.global_channels);
    if (!vector) return wn_fail_memory(error, p->model->name);
    for (int i = 0; p->random && i < info.global_channels; i++) vector[i] = wn_noise(&p->noise);
    wn_status status = wn_conditioner_set_global(p->conditioner, vector, info.global_channels, error);
    free(vector);
    return status;
}

/* A model that hears itself as its condition needs nothing from outside. */
static bool is_conditioned(const wn_model *m) { return m->condition.source != WN_CONDITION_INPUT; }

static wn_status open_probe(probe *p, const wn_model *model, wn_cpu cpu, bool random, wn_error *error)
{
    wn_plan_config config = {.max_frames = BLOCK, .voices = VOICES, .cpu = cpu};
    *p = (probe){.model = model, .random = random, .noise = 1609};
    choose_times(p, wn_model_receptive(model));
    wn_status status = wn_plan_new(&p->plan, model, &config, error);
    if (!status) status = wn_stream_new(&p->stream, p->plan, error);
    if (!status && is_conditioned(model)) status = wn_conditioner_new(&p->conditioner, model, error);
    if (!status && is_conditioned(model)) status = give_features(p, error);
    if (!status && is_conditioned(model)) status = give_global(p, error);
    if (status) return status;
    p->held = floats(1, wn_model_get_held_channels(model));
    p->pcm = floats(BLOCK * VOICES, model->input.channels);
    p->classes = calloc(BLOCK * VOICES, sizeof *p->classes);
    p->local = floats(BLOCK * VOICES, wn_model_get_local_channels(model));
    p->out = floats(BLOCK * VOICES, model->output_channels);
    return p->held && p->pcm && p->classes && p->local && p->out
               ? WN_OK
               : wn_fail_memory(error, model->name);
}

/* ---- signals ---------------------------------------------------------------------------------------------------- */

/* Frame i of the block is frame `f` of the signal. */
static void fill_pcm(probe *p, int i, int64_t f)
{
    int in = p->model->input.channels;
    for (int c = 0; c < in; c++) {
        float x = p->random ? 0.5f * wn_noise(&p->noise) : 0;
        for (int v = 0; v < VOICES; v++) {
            bool changed = v > 0 && f == p->at[v - 1];
            p->pcm[((int64_t)i * VOICES + v) * in + c] = changed ? x + (x > 0 ? -0.5f : 0.5f) : x;
        }
    }
}

static void fill_classes(probe *p, int i, int64_t f)
{
    int n = p->model->input.n_classes, silence = wn_model_encode(p->model, 0);
    int x = p->random ? wn_noise_below(&p->noise, n) : silence;
    for (int v = 0; v < VOICES; v++) {
        bool changed = v > 0 && f == p->at[v - 1];
        p->classes[i * VOICES + v] = changed ? (x + (n > 1 ? n / 2 : 0)) % n : x;
    }
}

/* The condition of one frame, the same for all voices. 1 if the held vector changed. */
static int fill_local(probe *p, int i)
{
    int width = wn_model_get_local_channels(p->model);
    if (!p->conditioner) return 0;
    float *row = p->local + (int64_t)i * VOICES * width;
    int changed = wn_conditioner_next(p->conditioner, row, p->held);
    for (int v = 1; v < VOICES && width; v++) memcpy(row + (int64_t)v * width, row, (size_t)width * sizeof *row);
    return changed;
}

/* A block of the signal, at most `most` frames: it ends before the frame at which another held vector begins. */
static int fill_block(probe *p, int64_t f, int most, bool *have_frame)
{
    int n = 0;
    for (; n < most; n++) {
        int changed = *have_frame ? 0 : fill_local(p, n);
        *have_frame = false;
        if (changed && n > 0) break;
        if (changed)
            for (int v = 0; v < VOICES; v++) wn_stream_set_condition(p->stream, v, p->held);
        if (p->model->input.n_classes)
            fill_classes(p, n, f + n);
        else
            fill_pcm(p, n, f + n);
    }
    return n;
}

/* The frame that ended the block, whose condition is filled already, becomes the first of the next one. */
static void carry_frame(probe *p, int n, bool *have_frame)
{
    size_t width = (size_t)VOICES * (size_t)wn_model_get_local_channels(p->model);
    memmove(p->local, p->local + (size_t)n * width, width * sizeof *p->local);
    for (int v = 0; v < VOICES; v++) wn_stream_set_condition(p->stream, v, p->held);
    *have_frame = true;
}

static void run_block(probe *p, int n)
{
    bool classes = p->model->input.n_classes > 0;
    bool local = p->conditioner && wn_model_get_local_channels(p->model) > 0;
    wn_stream_run(p->stream, &(wn_block){.frames = n,
                                         .pcm = classes ? NULL : p->pcm,
                                         .classes = classes ? p->classes : NULL,
                                         .local = local ? p->local : NULL,
                                         .out = p->out});
}

/* ---- what changed ----------------------------------------------------------------------------------------------- */

/* Squared change of frame i, voice v; *differs if any bit does. */
static double change(const probe *p, int i, int v, bool *differs)
{
    int out = p->model->output_channels;
    const float *a = p->out + (int64_t)i * VOICES * out, *b = a + (int64_t)v * out;
    double sum = 0;
    *differs = memcmp(a, b, (size_t)out * sizeof *a) != 0;
    for (int o = 0; *differs && o < out; o++) sum += ((double)b[o] - (double)a[o]) * ((double)b[o] - (double)a[o]);
    return isfinite(sum) ? sum : 0;
}

static void note_frame(wn_influence *out, const probe *p, int i, int64_t f)
{
    for (int v = 1; v < VOICES; v++) {
        bool differs;
        double energy = change(p, i, v, &differs);
        int64_t lag = f - p->at[v - 1];
        if (!differs) continue;
        if (lag < 0 || lag >= out->lags)
            out->beyond++;
        else
            out->energy[lag] += energy;
        if (lag + 1 > out->farthest) out->farthest = lag + 1;
    }
}

static void summarise(wn_influence *out)
{
    static const double shares[] = {0.5, 0.9, 0.99};
    double total = 0, sum = 0;
    for (int64_t i = 0; i < out->lags; i++) total += out->energy[i];
    for (int64_t i = 0; total > 0 && i < out->lags; i++) {
        for (int s = 0; s < 3; s++)
            if (sum < shares[s] * total) out->within[s] = i + 1;
        sum += out->energy[i];
    }
    for (int64_t i = 0; total > 0 && i < out->lags; i++) out->energy[i] /= total;
}

static wn_status measure_influence(wn_influence *out, const wn_model *model, wn_cpu cpu, bool random, wn_error *error)
{
    probe p;
    wn_status status = open_probe(&p, model, cpu, random, error);
    *out = (wn_influence){.lags = wn_model_receptive(model)};
    out->energy = calloc((size_t)out->lags + 1, sizeof *out->energy);
    if (!status && !out->energy) status = wn_fail_memory(error, model->name);
    bool have_frame = false;
    for (int64_t f = 0, n; !status && f < p.frames; f += n) {
        int most = (int)(p.frames - f < BLOCK ? p.frames - f : BLOCK);
        n = fill_block(&p, f, most, &have_frame);
        run_block(&p, (int)n);
        if (n < most) carry_frame(&p, (int)n, &have_frame);
        for (int i = 0; i < n; i++) note_frame(out, &p, i, f + i);
    }
    if (!status) summarise(out);
    close_probe(&p);
    return status;
}

wn_status wn_measure_run(wn_measure *out, const wn_model *model, wn_cpu cpu, wn_error *error)
{
    *out = (wn_measure){0};
    wn_status status = wn_measure_reach(&out->reach, model, cpu, error);
    if (!status) status = measure_influence(&out->silent, model, cpu, false, error);
    if (!status) status = measure_influence(&out->random, model, cpu, true, error);
    if (status) wn_measure_free(out);
    return status;
}

void wn_measure_free(wn_measure *measure)
{
    free(measure->silent.energy);
    free(measure->random.energy);
    *measure = (wn_measure){0};
}
