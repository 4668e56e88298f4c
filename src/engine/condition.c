/* SPDX-License-Identifier: MIT
 * condition.c - one voice's features, speaker and controls, sample by sample, as a stream takes them.
 * Copyright (c) 2026 the wavenet authors */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "engine/features.h"
#include "engine/harmonic_source.h"
#include "engine/pipeline.h"
#include "model/stage.h"

struct wn_conditioner {
    const wn_model *model;
    wn_features *controls;
    wn_pipeline *pipeline;
    float *row;                        /* [feature_channels] of the present control frame */
    float *global;                     /* [global_channels] */
    bool stale;                        /* the caller has not been given it yet */
    const float *features;             /* [frames][feature_channels], the caller's */
    int64_t frames;                    /* of features; -1 = not given */
    int64_t start;                     /* the sample that the first of them belongs to */
    int64_t length;                    /* samples the features last, from start on */
    const double *phase;               /* [phase_frames][1 + harmonics] cycles, the caller's */
    int64_t phase_start, phase_frames; /* its first sample, on the count of `now` */
    int64_t now;                       /* samples given so far */
    const float *chunk;                /* pipeline rows of samples [chunk_lo, chunk_hi) */
    int64_t chunk_lo, chunk_hi;
};

static bool has_pipeline(const wn_condition *c)
{
    return c->source == WN_CONDITION_FEATURES || c->source == WN_CONDITION_CONTROLS;
}

static wn_status no_memory(wn_error *error) { return wn_fail_memory(error, "condition"); }

wn_status wn_conditioner_new(wn_conditioner **out, const wn_model *model, wn_error *error)
{
    *out = NULL;
    const wn_condition *c = &model->condition;
    wn_conditioner *k = calloc(1, sizeof *k);
    if (!k) return no_memory(error);
    k->model = model;
    k->frames = -1;
    k->stale = true;
    k->controls = wn_features_new(model);
    k->row = calloc((size_t)c->feature_channels + 1, sizeof(float));
    k->global = calloc((size_t)c->global_channels + 1, sizeof(float));
    if (has_pipeline(c)) k->pipeline = wn_pipeline_new(c, c->to_held ? 1 : c->hop);
    if (!k->controls || !k->row || !k->global || (has_pipeline(c) && !k->pipeline)) {
        wn_conditioner_free(k);
        return no_memory(error);
    }
    *out = k;
    return WN_OK;
}

void wn_conditioner_free(wn_conditioner *conditioner)
{
    if (!conditioner) return;
    wn_features_free(conditioner->controls);
    wn_pipeline_free(conditioner->pipeline);
    free(conditioner->row);
    free(conditioner->global);
    free(conditioner);
}

/* The first of n values that is not finite, or -1: one would silence a receptive field. */
static int64_t first_bad(const float *x, int64_t n)
{
    for (int64_t i = 0; i < n; i++)
        if (!isfinite(x[i])) return i;
    return -1;
}

static wn_status take_features(wn_conditioner *k, const float *features, int64_t frames, wn_error *error)
{
    const wn_condition *c = &k->model->condition;
    if (c->source != WN_CONDITION_FEATURES)
        return wn_fail(error, WN_ERROR_ARGUMENT, "condition", "this model takes no local features");
    int64_t length = frames > 0 && frames < INT64_MAX / 2 / c->hop ? wn_condition_length(c, frames) : 0;
    if (length <= 0)
        return wn_fail(error, WN_ERROR_ARGUMENT, "condition", "%lld frames of features are too few, or far too many",
                       (long long)frames);
    int64_t bad = first_bad(features, frames * c->feature_channels);
    if (bad >= 0)
        return wn_fail(error, WN_ERROR_ARGUMENT, "condition", "channel %d of feature frame %lld is not a finite number",
                       (int)(bad % c->feature_channels), (long long)(bad / c->feature_channels));
    k->features = features;
    k->frames = frames;
    k->length = c->to_held ? length * c->hop : length;
    return WN_OK;
}

wn_status wn_conditioner_set_features(wn_conditioner *k, const float *features, int64_t frames, wn_error *error)
{
    wn_status status = take_features(k, features, frames, error);
    if (status) return status;
    k->start = 0;
    wn_conditioner_reset(k);
    return WN_OK;
}

wn_status wn_conditioner_slide_features(wn_conditioner *k, const float *features, int64_t frames, int64_t first,
                                        wn_error *error)
{
    int hop = k->model->condition.hop;
    if (first < 0 || first > k->now / (hop ? hop : 1))
        return wn_fail(error, WN_ERROR_ARGUMENT, "condition", "row %lld comes after the next sample's",
                       (long long)first);
    wn_status status = take_features(k, features, frames, error);
    if (status) return status;
    k->start = first * hop;
    k->chunk_lo = k->chunk_hi = 0;
    return WN_OK;
}

wn_status wn_conditioner_set_speaker(wn_conditioner *k, int speaker, wn_error *error)
{
    const wn_condition *c = &k->model->condition;
    if (!c->embedding) return wn_fail(error, WN_ERROR_ARGUMENT, "condition", "this model has no speakers");
    if (speaker < 0 || speaker >= c->n_speakers)
        return wn_fail(error, WN_ERROR_ARGUMENT, "condition", "speaker %d, expected 0 to %d", speaker,
                       c->n_speakers - 1);
    return wn_conditioner_set_global(k, c->embedding + (ptrdiff_t)speaker * c->global_channels, c->global_channels,
                                     error);
}

wn_status wn_conditioner_set_global(wn_conditioner *k, const float *vector, int channels, wn_error *error)
{
    int expected = k->model->condition.global_channels;
    if (channels != expected)
        return wn_fail(error, WN_ERROR_ARGUMENT, "condition", "global vector of %d values, expected %d", channels,
                       expected);
    int64_t bad = first_bad(vector, channels);
    if (bad >= 0)
        return wn_fail(error, WN_ERROR_ARGUMENT, "condition", "value %lld of the global vector is not a finite number",
                       (long long)bad);
    memcpy(k->global, vector, (size_t)channels * sizeof *vector);
    k->stale = true;
    return WN_OK;
}

void wn_conditioner_set_control(wn_conditioner *k, int index, double value)
{
    wn_features_set(k->controls, index, value);
}

void wn_conditioner_set_phase(wn_conditioner *k, const double *phase, int64_t frames)
{
    k->phase = phase;
    k->phase_start = k->now;
    k->phase_frames = phase ? frames : 0;
}

/* The row from outside that belongs to the next sample; NULL if there are none. After the last one it is held. */
static const float *given_row(const wn_conditioner *k)
{
    const wn_condition *c = &k->model->condition;
    if (c->source != WN_CONDITION_FEATURES || k->frames <= 0) return NULL;
    int64_t row = (k->now - k->start) / c->hop + wn_condition_context(c) / 2;
    return k->features + (row < k->frames ? row : k->frames - 1) * c->feature_channels;
}

static double given_step(const wn_conditioner *k)
{
    const float *row = given_row(k);
    return row ? wn_harmonic_source_row_step(&k->model->condition.harmonic_source, row, k->model->sample_rate) : 0;
}

double wn_conditioner_get_pitch(const wn_conditioner *k)
{
    bool given = k->model->condition.harmonic_source.reference != 0;
    return given ? given_step(k) * k->model->sample_rate : wn_features_pitch(k->controls);
}

float wn_conditioner_get_feature(const wn_conditioner *k, int channel)
{
    const float *row = given_row(k);
    return row && channel >= 0 && channel < k->model->condition.feature_channels ? row[channel] : 0;
}

int64_t wn_conditioner_get_length(const wn_conditioner *k)
{
    if (k->model->condition.source != WN_CONDITION_FEATURES) return INT64_MAX;
    return k->frames < 0 ? 0 : k->start + k->length;
}

/* Pipeline output at the present frame or sample. Live controls are a sequence of one row; features are all there. */
static const float *held_row(wn_conditioner *k)
{
    const wn_condition *c = &k->model->condition;
    if (c->source == WN_CONDITION_CONTROLS) {
        wn_features_row(k->controls, k->row);
        return wn_pipeline_rows(k->pipeline, k->row, 1, 0, 1);
    }
    int64_t frame = (k->now - k->start) / c->hop, last = k->length / c->hop - 1;
    if (last < 0) return NULL;
    frame = frame < last ? frame : last;
    return wn_pipeline_rows(k->pipeline, k->features, k->frames, frame, frame + 1);
}

static const float *local_row(wn_conditioner *k)
{
    const wn_condition *c = &k->model->condition;
    bool live = c->source == WN_CONDITION_CONTROLS;
    if (!live && k->length <= 0) return NULL;
    int64_t now = k->now - k->start, t = live || now < k->length ? now : k->length - 1;
    if (t < k->chunk_lo || t >= k->chunk_hi) {
        int64_t end = live || t + c->hop < k->length ? t + c->hop : k->length;
        if (live) wn_features_row(k->controls, k->row);
        k->chunk = live ? wn_pipeline_rows(k->pipeline, k->row, 1, 0, c->hop)
                        : wn_pipeline_rows(k->pipeline, k->features, k->frames, t, end);
        k->chunk_lo = t;
        k->chunk_hi = end;
    }
    return k->chunk + (t - k->chunk_lo) * c->pipeline_channels;
}

static void copy_or_zero(float *dst, const float *src, int n)
{
    if (src)
        memcpy(dst, src, (size_t)n * sizeof(float));
    else
        memset(dst, 0, (size_t)n * sizeof(float));
}

bool wn_conditioner_next(wn_conditioner *k, float *local, float *held)
{
    const wn_condition *c = &k->model->condition;
    bool pipeline = has_pipeline(c), fresh = k->stale || (pipeline && c->to_held && k->now % c->hop == 0);
    if (fresh && held) {
        memcpy(held, k->global, (size_t)c->global_channels * sizeof(float));
        if (pipeline && c->to_held) copy_or_zero(held + c->global_channels, held_row(k), c->pipeline_channels);
    }
    if (pipeline && !c->to_held && local) {
        copy_or_zero(local, local_row(k), c->pipeline_channels);
        local += c->pipeline_channels;
    }
    if (c->harmonic_source.reference != 0 && k->now % c->hop == 0) wn_features_set_step(k->controls, given_step(k));
    int64_t at = k->now - k->phase_start;
    if (at >= 0 && at < k->phase_frames)
        wn_features_tick_at(k->controls, k->phase + at * (1 + c->harmonic_source.n), local);
    else
        wn_features_tick(k->controls, local);
    k->now++;
    k->stale = false;
    return fresh;
}

void wn_conditioner_reset(wn_conditioner *k)
{
    wn_features_reset(k->controls);
    k->now = k->start = k->phase_start = 0;
    k->stale = true;
    k->chunk_lo = k->chunk_hi = 0;
}
