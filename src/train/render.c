/* SPDX-License-Identifier: MIT
 * render.c - free-running sound of a network in training, and how far it is from the recordings.
 * Copyright (c) 2026 the wavenet authors */
#include "train/render.h"

#include <math.h>
#include <stdlib.h>

#include "analysis/speech_distance.h"
#include "wavenet/audio.h"

enum { MIN_COMPARED = WN_SPEECH_RATE / 10 }; /* samples: shorter clips tell nothing */

wn_status wn_render_check(const wn_model *m, const char *name, wn_error *error)
{
    const wn_condition *c = &m->condition;
    const char *reason = NULL;
    if (!m->autoregressive || c->source != WN_CONDITION_FEATURES || (c->global_channels && !c->n_speakers))
        reason = "a model that makes sound of features";
    else if (c->harmonic_source.n && c->harmonic_source.reference == 0)
        reason = "a harmonic source that reads its pitch from the features";
    else if (m->sample_rate != WN_SPEECH_RATE)
        reason = "a sample rate of 16000 Hz";
    return reason ? wn_fail(error, WN_ERROR_UNSUPPORTED, name, "train.render needs %s", reason) : WN_OK;
}

/* `frames` samples of a clip, free running. */
static wn_status generate_clip(const wn_plan *plan, const wn_model *model, const wn_clip *clip, int64_t frames,
                               float *pcm, wn_error *error)
{
    wn_generator *generator;
    wn_status status = wn_generator_new(&generator, plan, NULL, error);
    wn_conditioner *conditioner = status ? NULL : wn_generator_get_conditioner(generator, 0);
    if (!status) status = wn_conditioner_set_features(conditioner, clip->rows, clip->n_rows, error);
    if (!status && model->condition.n_speakers) status = wn_conditioner_set_speaker(conditioner, clip->speaker, error);
    if (!status) wn_generator_run(generator, frames, pcm, NULL);
    wn_generator_free(generator);
    return status;
}

/* One clip after the other into the writer. */
static wn_status render_clips(double *log_mel_db, const wn_plan *plan, const wn_model *model, const wn_data *data,
                              const wn_render_config *config, wn_audio_writer *writer, float *pcm, int64_t longest,
                              wn_error *error)
{
    double sum = 0;
    int counted = 0;
    wn_status status = WN_OK;
    for (size_t i = 0; i < config->n_clips && i < WN_RENDER_CLIPS && !status; i++) {
        const wn_clip *clip = &data->clips[config->clips[i]];
        int64_t frames = clip->frames < longest ? clip->frames : longest;
        wn_speech_distance distance = {.log_mel_db = NAN};
        status = generate_clip(plan, model, clip, frames, pcm, error);
        if (!status && frames >= MIN_COMPARED) status = wn_speech_compare(&distance, clip->pcm, pcm, frames, error);
        if (!status) status = wn_audio_writer_write(writer, pcm, frames, error);
        if (!isfinite(distance.log_mel_db)) continue;
        sum += distance.log_mel_db;
        counted++;
    }
    *log_mel_db = counted ? sum / counted : (double)NAN;
    return status;
}

wn_status wn_render_write(double *log_mel_db, const wn_model *model, const wn_data *data,
                          const wn_render_config *config, const char *path, wn_error *error)
{
    size_t shared = config->n_clips < WN_RENDER_CLIPS ? config->n_clips : WN_RENDER_CLIPS;
    int64_t longest = shared ? (int64_t)(config->seconds / (double)shared * model->sample_rate) : 0;
    wn_plan *plan = NULL;
    wn_audio_writer *writer = NULL;
    float *pcm = malloc((size_t)longest * sizeof *pcm + 1);
    *log_mel_db = NAN;
    wn_status status = pcm ? WN_OK : wn_fail_memory(error, NULL);
    if (!status) status = wn_plan_new(&plan, model, &(wn_plan_config){.cpu = config->cpu}, error);
    wn_audio_writer_config sound = {.rate = model->sample_rate, .channels = 1};
    if (!status) status = wn_audio_writer_new(&writer, path, &sound, error);
    if (!status) status = render_clips(log_mel_db, plan, model, data, config, writer, pcm, longest, error);
    if (!status) status = wn_audio_writer_finish(writer, error);
    wn_audio_writer_free(writer);
    wn_plan_free(plan);
    free(pcm);
    return status;
}
