/* SPDX-License-Identifier: MIT
 * measure.c - measures how far back and how strongly the output of the running network depends on its input.
 * Copyright (c) 2026 the wavenet authors */
#include "analysis/measure.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/field.h"
#include "base/random_sequence.h"
#include "model/linear.h"
#include "model/model.h"
#include "model/receptive.h"

enum { MARGIN = 64 }; /* frames */

/* ---- reach: an impulse through a model with positive weights, in which no path can cancel another -------------- */

enum { IMPULSE_BLOCK = 253 };

/* The impulse comes when every ring has wrapped, and the run lasts until every ring has wrapped again, so that a stale
 * frame in a ring would become visible. */
typedef struct impulse_test {
    wn_model *model;
    wn_plan *plan;
    wn_stream *stream;
    int64_t impulse, frames;
    uint8_t *touched; /* [frames] */
    float *x, *y;     /* [IMPULSE_BLOCK][in], [IMPULSE_BLOCK][out] */
} impulse_test;

static void impulse_test_close(impulse_test *t)
{
    wn_stream_free(t->stream);
    wn_plan_free(t->plan);
    wn_model_free(t->model);
    free(t->touched);
    free(t->x);
    free(t->y);
}

static wn_status impulse_test_open(impulse_test *t, const wn_model *model, wn_cpu cpu, wn_error *error)
{
    *t = (impulse_test){.model = wn_model_linearised(model, WN_LINEAR_POSITIVE)};
    if (!t->model) return wn_fail_memory(error, model->name);
    wn_status status =
        wn_plan_new(&t->plan, t->model, &(wn_plan_config){.max_frames = IMPULSE_BLOCK, .cpu = cpu}, error);
    if (!status) status = wn_stream_new(&t->stream, t->plan, error);
    if (status) return status;
    int64_t field = wn_model_receptive(t->model);
    t->impulse = field + MARGIN;
    t->frames = 3 * (field + MARGIN);
    t->touched = calloc((size_t)t->frames, 1);
    t->x = calloc((size_t)IMPULSE_BLOCK * (size_t)t->model->input.channels, sizeof *t->x);
    t->y = calloc((size_t)IMPULSE_BLOCK * (size_t)t->model->output_channels, sizeof *t->y);
    return t->touched && t->x && t->y ? WN_OK : wn_fail_memory(error, model->name);
}

static void impulse_test_run(impulse_test *t)
{
    int in = t->model->input.channels, out = t->model->output_channels;
    for (int64_t f = 0; f < t->frames; f += IMPULSE_BLOCK) {
        int n = (int)(t->frames - f < IMPULSE_BLOCK ? t->frames - f : IMPULSE_BLOCK);
        memset(t->x, 0, (size_t)IMPULSE_BLOCK * (size_t)in * sizeof *t->x);
        if (t->impulse >= f && t->impulse < f + n)
            for (int c = 0; c < in; c++) t->x[(t->impulse - f) * in + c] = 1;
        wn_stream_run(t->stream, &(wn_block){.frames = n, .pcm = t->x, .out = t->y});
        for (int64_t i = 0; i < (int64_t)n * out; i++)
            if (t->y[i] != 0) t->touched[f + i / out] = 1; /* also true for NaN */
    }
}

static bool is_in_formula(const wn_span *reach, int64_t lag)
{
    int64_t i = -lag - reach->first;
    return i >= 0 && i < reach->length && reach->hit[i];
}

static void compare_with_formula(wn_reach *out, const impulse_test *t, const wn_field *field)
{
    out->formula = field->receptive_field;
    out->formula_covered = wn_span_covered(&field->reach);
    for (int64_t f = 0; f < t->frames; f++) {
        int64_t lag = f - t->impulse;
        bool expected = is_in_formula(&field->reach, lag);
        out->missing += expected && !t->touched[f];
        out->extra += !expected && t->touched[f];
        out->covered += t->touched[f];
        if (t->touched[f]) out->receptive_field = lag + 1;
    }
}

wn_status wn_measure_reach(wn_reach *out, const wn_model *model, wn_cpu cpu, wn_error *error)
{
    impulse_test t;
    wn_field field = {0};
    *out = (wn_reach){0};
    wn_status status = impulse_test_open(&t, model, cpu, error);
    if (!status) status = wn_field_model(&field, t.model, error);
    if (!status) {
        impulse_test_run(&t);
        compare_with_formula(out, &t, &field);
        out->cpu = wn_plan_get_cpu(t.plan);
    }
    wn_field_free(&field);
    impulse_test_close(&t);
    return status;
}

bool wn_reach_agrees(const wn_reach *reach)
{
    return reach->missing == 0 && reach->extra == 0 && reach->receptive_field == reach->formula;
}

/* ---- influence: the real weights ------------------------------------------------------------------------------- */

/* Voice 0 runs the unchanged signal. Each other voice runs it with one sample changed, each at a different frame. */
enum { PROBES = 4, VOICES = PROBES + 1, BLOCK = 64 };

typedef struct probe {
    const wn_model *model;
    wn_plan *plan;
    wn_stream *stream;
    wn_conditioner *conditioner;
    bool random;
    wn_random_sequence noise;
    int64_t change_frame[PROBES], frames;
    float *features;  /* [feature frames][feature channels], or NULL */
    float *held;      /* [held channels] */
    float *pcm;       /* [BLOCK][VOICES][in] */
    int32_t *classes; /* [BLOCK][VOICES] */
    float *local;     /* [BLOCK][VOICES][local channels] */
    float *out;       /* [BLOCK][VOICES][out] */
} probe;

static void probe_close(probe *p)
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

static float *alloc_floats(int64_t rows, int width) { return calloc((size_t)rows * (size_t)width + 1, sizeof(float)); }

/* The changes follow one another when all rings are full, and the run ends beyond the computed receptive field of the
 * last. */
static void probe_choose_times(probe *p, int64_t field)
{
    for (int i = 0; i < PROBES; i++) p->change_frame[i] = field + MARGIN + 37 * i;
    p->frames = p->change_frame[PROBES - 1] + field + MARGIN;
}

static wn_status probe_set_features(probe *p, wn_error *error)
{
    const wn_model_info info = wn_model_get_info(p->model);
    if (info.feature_channels == 0) return WN_OK;
    int64_t rows = p->frames / (info.feature_hop > 0 ? info.feature_hop : 1) + info.feature_context + 2;
    p->features = alloc_floats(rows, info.feature_channels);
    if (!p->features) return wn_fail_memory(error, p->model->name);
    for (int64_t i = 0; p->random && i < rows * info.feature_channels; i++)
        p->features[i] = wn_random_sequence_signal(&p->noise);
    return wn_conditioner_set_features(p->conditioner, p->features, rows, error);
}

/* Set speaker 0, or a global vector of zeros or noise. */
static wn_status probe_set_global(probe *p, wn_error *error)
{
    const wn_model_info info = wn_model_get_info(p->model);
    if (info.n_speakers > 0) return wn_conditioner_set_speaker(p->conditioner, 0, error);
    if (info.global_channels == 0) return WN_OK;
    float *vector = alloc_floats(1, info.global_channels);
    if (!vector) return wn_fail_memory(error, p->model->name);
    for (int i = 0; p->random && i < info.global_channels; i++) vector[i] = wn_random_sequence_signal(&p->noise);
    wn_status status = wn_conditioner_set_global(p->conditioner, vector, info.global_channels, error);
    free(vector);
    return status;
}

/* Whether the model needs conditions from outside; one that is conditioned on its own input does not. */
static bool is_conditioned(const wn_model *m) { return m->condition.source != WN_CONDITION_INPUT; }

static wn_status probe_open(probe *p, const wn_model *model, wn_cpu cpu, bool random, wn_error *error)
{
    wn_plan_config config = {.max_frames = BLOCK, .voices = VOICES, .cpu = cpu};
    *p = (probe){.model = model, .random = random, .noise = wn_random_sequence_start(1609, 0, 0)};
    probe_choose_times(p, wn_model_receptive(model));
    wn_status status = wn_plan_new(&p->plan, model, &config, error);
    if (!status) status = wn_stream_new(&p->stream, p->plan, error);
    if (!status && is_conditioned(model)) status = wn_conditioner_new(&p->conditioner, model, error);
    if (!status && is_conditioned(model)) status = probe_set_features(p, error);
    if (!status && is_conditioned(model)) status = probe_set_global(p, error);
    if (status) return status;
    p->held = alloc_floats(1, wn_model_get_held_channels(model));
    p->pcm = alloc_floats(BLOCK * VOICES, model->input.channels);
    p->classes = calloc(BLOCK * VOICES, sizeof *p->classes);
    p->local = alloc_floats(BLOCK * VOICES, wn_model_get_local_channels(model));
    p->out = alloc_floats(BLOCK * VOICES, model->output_channels);
    return p->held && p->pcm && p->classes && p->local && p->out ? WN_OK : wn_fail_memory(error, model->name);
}

/* Frame i of the block is frame `f` of the signal. */
static void probe_fill_pcm(probe *p, int i, int64_t f)
{
    int in = p->model->input.channels;
    for (int c = 0; c < in; c++) {
        float x = p->random ? 0.5f * wn_random_sequence_signal(&p->noise) : 0;
        for (int v = 0; v < VOICES; v++) {
            bool changed = v > 0 && f == p->change_frame[v - 1];
            p->pcm[((int64_t)i * VOICES + v) * in + c] = changed ? x + (x > 0 ? -0.5f : 0.5f) : x;
        }
    }
}

static void probe_fill_classes(probe *p, int i, int64_t f)
{
    int n = p->model->input.n_classes, silence = wn_model_encode(p->model, 0);
    int x = p->random ? wn_random_sequence_below(&p->noise, n) : silence;
    for (int v = 0; v < VOICES; v++) {
        bool changed = v > 0 && f == p->change_frame[v - 1];
        p->classes[i * VOICES + v] = changed ? (x + (n > 1 ? n / 2 : 0)) % n : x;
    }
}

/* Fill in the condition of frame i, equal for all voices. Returns whether the frame-rate condition changed. */
static bool probe_fill_local(probe *p, int i)
{
    int width = wn_model_get_local_channels(p->model);
    if (!p->conditioner) return false;
    float *row = p->local + (int64_t)i * VOICES * width;
    bool changed = wn_conditioner_next(p->conditioner, row, p->held);
    for (int v = 1; v < VOICES && width; v++) memcpy(row + (int64_t)v * width, row, (size_t)width * sizeof *row);
    return changed;
}

/* Fill a block of at most `max_frames` frames, which ends before the frame at which the frame-rate condition changes.
 * Returns its length. */
static int probe_fill_block(probe *p, int64_t f, int max_frames, bool *have_frame)
{
    int n = 0;
    for (; n < max_frames; n++) {
        bool changed = *have_frame ? false : probe_fill_local(p, n);
        *have_frame = false;
        if (changed && n > 0) break;
        if (changed)
            for (int v = 0; v < VOICES; v++) wn_stream_set_condition(p->stream, v, p->held);
        if (p->model->input.n_classes)
            probe_fill_classes(p, n, f + n);
        else
            probe_fill_pcm(p, n, f + n);
    }
    return n;
}

/* The frame that ended the block, whose condition is filled in already, becomes the first frame of the next block. */
static void probe_carry_frame(probe *p, int n, bool *have_frame)
{
    size_t width = (size_t)VOICES * (size_t)wn_model_get_local_channels(p->model);
    memmove(p->local, p->local + (size_t)n * width, width * sizeof *p->local);
    for (int v = 0; v < VOICES; v++) wn_stream_set_condition(p->stream, v, p->held);
    *have_frame = true;
}

static void probe_run_block(probe *p, int n)
{
    bool classes = p->model->input.n_classes > 0;
    bool local = p->conditioner && wn_model_get_local_channels(p->model) > 0;
    wn_stream_run(p->stream, &(wn_block){.frames = n,
                                         .pcm = classes ? NULL : p->pcm,
                                         .classes = classes ? p->classes : NULL,
                                         .local = local ? p->local : NULL,
                                         .out = p->out});
}

/* Squared difference between voice v and voice 0 at frame i; *differs: any bit differs. */
static double squared_change(const probe *p, int i, int v, bool *differs)
{
    int out = p->model->output_channels;
    const float *a = p->out + (int64_t)i * VOICES * out, *b = a + (int64_t)v * out;
    double sum = 0;
    *differs = memcmp(a, b, (size_t)out * sizeof *a) != 0;
    for (int o = 0; *differs && o < out; o++) sum += ((double)b[o] - (double)a[o]) * ((double)b[o] - (double)a[o]);
    return isfinite(sum) ? sum : 0;
}

static void influence_add_frame(wn_influence *out, const probe *p, int i, int64_t f)
{
    for (int v = 1; v < VOICES; v++) {
        bool differs;
        double energy = squared_change(p, i, v, &differs);
        int64_t lag = f - p->change_frame[v - 1];
        if (!differs) continue;
        if (lag < 0 || lag >= out->lags)
            out->beyond++;
        else
            out->energy[lag] += energy;
        if (lag + 1 > out->farthest) out->farthest = lag + 1;
    }
}

static void influence_finish(wn_influence *out)
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
    wn_status status = probe_open(&p, model, cpu, random, error);
    *out = (wn_influence){.lags = wn_model_receptive(model)};
    out->energy = calloc((size_t)out->lags + 1, sizeof *out->energy);
    if (!status && !out->energy) status = wn_fail_memory(error, model->name);
    bool have_frame = false;
    for (int64_t f = 0, n; !status && f < p.frames; f += n) {
        int max_frames = (int)(p.frames - f < BLOCK ? p.frames - f : BLOCK);
        n = probe_fill_block(&p, f, max_frames, &have_frame);
        probe_run_block(&p, (int)n);
        if (n < max_frames) probe_carry_frame(&p, (int)n, &have_frame);
        for (int i = 0; i < n; i++) influence_add_frame(out, &p, i, f + i);
    }
    if (!status) influence_finish(out);
    probe_close(&p);
    return status;
}

/* ---- both ------------------------------------------------------------------------------------------------------ */

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
