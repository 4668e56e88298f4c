/* SPDX-License-Identifier: MIT
 * effect_unit.c - what an effect plays: a model or a chain of models, ready to run at the rate of its host.
 * Copyright (c) 2026 the wavenet authors */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "dsp/mix.h"
#include "play/capture_level.h"
#include "wavenet/wavenet.h"

struct wn_effect_unit {
    int n;
    wn_model **models;         /* [n] */
    wn_processor *processor;   /* NULL: the sound passes */
    wn_model_info first, last; /* of the first model and of the last */
    float own_in, own_out;     /* gain factors of its own */
    int fade;                  /* frames of a change of gain */
    bool started;              /* the gains have their first values */
    wn_smoother in, out;       /* own gains times those by the levels */
    float *scaled;             /* [WN_EFFECT_BLOCK] input of the models */
    int latency, position;     /* frames; place of the next one in: */
    float *delayed;            /* [latency] the last frames of the dry sound */
    void *user;
};

/* ---- making -------------------------------------------------------------------------------------------------------- */

wn_status wn_effect_unit_check(const wn_model *model, const char *where, wn_error *error)
{
    wn_model_info info = wn_model_get_info(model);
    if (info.autoregressive || info.n_classes > 0 || info.output != WN_OUTPUT_PCM)
        return wn_fail(error, WN_ERROR_UNSUPPORTED, where, "does not turn sound into sound");
    if (info.input_channels != 1 || info.output_channels != 1)
        return wn_fail(error, WN_ERROR_UNSUPPORTED, where, "%d channels in, %d out; one of each was expected",
                       info.input_channels, info.output_channels);
    if (info.feature_channels || info.n_speakers || info.global_channels)
        return wn_fail(error, WN_ERROR_UNSUPPORTED, where, "needs features, a speaker or a global vector");
    return WN_OK;
}

static wn_status check_config(const wn_effect_unit_config *c, wn_error *error)
{
    if (c->max_frames < 0 || c->max_frames > WN_EFFECT_BLOCK)
        return wn_fail(error, WN_ERROR_ARGUMENT, NULL, "blocks of %d frames, expected 1 to %d", c->max_frames,
                       WN_EFFECT_BLOCK);
    if (!(fabs(c->in_db) <= WN_MAX_GAIN_DB && fabs(c->out_db) <= WN_MAX_GAIN_DB))
        return wn_fail(error, WN_ERROR_ARGUMENT, NULL, "gains of %g and %g dB, expected -400 to 400", c->in_db,
                       c->out_db);
    return WN_OK;
}

static wn_status make_processor(wn_effect_unit *u, const wn_effect_unit_config *c, wn_error *error)
{
    int max_frames = c->max_frames ? c->max_frames : WN_EFFECT_BLOCK;
    wn_processor_config config = {
        .rate = c->rate, .default_rate = WN_CAPTURE_RATE, .max_frames = max_frames, .cpu = c->cpu};
    wn_status status = WN_OK;
    for (int i = 0; i < u->n && !status; i++)
        status = wn_effect_unit_check(u->models[i], wn_model_get_info(u->models[i]).name, error);
    if (status) return status;
    u->first = wn_model_get_info(u->models[0]);
    u->last = wn_model_get_info(u->models[u->n - 1]);
    status = wn_processor_new(&u->processor, (const wn_model *const *)u->models, u->n, &config, error);
    if (status) return status;
    u->latency = (int)lround(wn_processor_get_latency(u->processor) * c->rate);
    u->scaled = calloc(WN_EFFECT_BLOCK, sizeof *u->scaled);
    u->delayed = calloc((size_t)u->latency + 1, sizeof *u->delayed);
    return u->scaled && u->delayed ? WN_OK : wn_fail_memory(error, NULL);
}

/* The unit owns the models from here on. Without memory for their list they are freed at once. */
static wn_status take_models(wn_effect_unit *u, wn_model *const *models, int n, wn_error *error)
{
    if (u) u->models = calloc((size_t)n + 1, sizeof *u->models);
    for (int i = 0; i < n; i++) {
        if (u && u->models)
            u->models[u->n++] = models[i];
        else
            wn_model_free(models[i]);
    }
    return u && u->models ? WN_OK : wn_fail_memory(error, NULL);
}

wn_status wn_effect_unit_new(wn_effect_unit **out, wn_model *const *models, int n, const wn_effect_unit_config *config,
                             wn_error *error)
{
    *out = NULL;
    wn_effect_unit *u = calloc(1, sizeof *u);
    wn_status status = take_models(u, models, n, error);
    if (!status) status = check_config(config, error);
    if (!status && n > 0) status = make_processor(u, config, error);
    if (status) {
        wn_effect_unit_free(u);
        return status;
    }
    u->own_in = wn_gain_from_db(config->in_db);
    u->own_out = wn_gain_from_db(config->out_db);
    u->fade = (int)lround(WN_EFFECT_FADE * config->rate);
    wn_effect_unit_prewarm(u);
    *out = u;
    return WN_OK;
}

void wn_effect_unit_free(wn_effect_unit *u)
{
    if (!u) return;
    wn_processor_free(u->processor);
    for (int i = 0; i < u->n; i++) wn_model_free(u->models[i]);
    free(u->models);
    free(u->scaled);
    free(u->delayed);
    free(u->user);
    free(u);
}

void wn_effect_unit_set_user(wn_effect_unit *unit, void *user) { unit->user = user; }

void *wn_effect_unit_get_user(const wn_effect_unit *unit) { return unit->user; }

int wn_effect_unit_get_latency(const wn_effect_unit *unit) { return unit->latency; }

void wn_effect_unit_prewarm(wn_effect_unit *u)
{
    u->started = false;
    if (u->processor) wn_processor_prewarm(u->processor);
    if (u->delayed) memset(u->delayed, 0, (size_t)u->latency * sizeof *u->delayed);
}

/* ---- running ------------------------------------------------------------------------------------------------------- */

/* The factor of a gain that the file decides; 1 where it is not wanted, or where the file states no level. */
static float level_factor(bool wanted, double db) { return wanted && isfinite(db) ? wn_gain_from_db(db) : 1; }

static void follow_levels(wn_effect_unit *u, const wn_effect_levels *levels)
{
    float in = u->own_in * level_factor(levels->calibrates, wn_capture_input_gain(&u->first, levels->dbu));
    float out = u->own_out * level_factor(levels->normalizes, wn_capture_normalizing_gain(&u->last));
    if (u->started) {
        wn_smoother_set_target(&u->in, in, u->fade);
        wn_smoother_set_target(&u->out, out, u->fade);
        return;
    }
    u->in = wn_smoother_at(in);
    u->out = wn_smoother_at(out);
    u->started = true;
}

void wn_effect_unit_run(wn_effect_unit *u, const wn_effect_levels *levels, int frames, const float *in, float *out)
{
    if (!u->processor) {
        memcpy(out, in, (size_t)frames * sizeof *out);
        return;
    }
    follow_levels(u, levels);
    memcpy(u->scaled, in, (size_t)frames * sizeof *in);
    wn_smoother_run(&u->in, u->scaled, frames);
    wn_processor_run(u->processor, frames, u->scaled, out);
    wn_smoother_run(&u->out, out, frames);
}

void wn_effect_unit_delay(wn_effect_unit *u, int frames, const float *in, float *out)
{
    if (!u->latency) {
        memcpy(out, in, (size_t)frames * sizeof *out);
        return;
    }
    for (int t = 0; t < frames; t++) {
        out[t] = u->delayed[u->position];
        u->delayed[u->position] = in[t];
        u->position = u->position + 1 < u->latency ? u->position + 1 : 0;
    }
}
