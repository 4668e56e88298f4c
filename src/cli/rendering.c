/* SPDX-License-Identifier: MIT
 * rendering.c - what a model is asked to make: options, model, conditions, song and voices.
 * Copyright (c) 2026 the wavenet authors */
#include "cli/rendering.h"

#include <stdlib.h>
#include <string.h>

#include "model/model.h"

enum { MAX_VOICES = 1024 };
#define FALLBACK_RATE 16000.0 /* Hz, for models that name none */

const char *wn_rendering_check(wn_rendering_options *o)
{
    if (!o->run.model) return "-m MODEL is missing";
    if (o->voices == WN_VOICES_NOT_GIVEN) o->voices = o->midi_file ? WN_SONG_VOICES : 1;
    if (o->temperature != WN_NOT_GIVEN && !(o->temperature >= 0 && o->temperature <= 100))
        return "--temperature is 0 to 100";
    if (o->top_k < -1) return "--top-k is 0 (all) or more";
    if (o->top_p != WN_NOT_GIVEN && !(o->top_p > 0 && o->top_p <= 1)) return "--top-p is above 0, up to 1";
    if (o->voices < 1 || o->voices > (o->midi_file ? WN_VOICES_MOST : MAX_VOICES))
        return o->midi_file ? "--voices is 1 to 64 for a MIDI file" : "--voices is 1 to 1024";
    if (o->midi_file && o->condition.track) return "--midi-file says what is played, instead of --track";
    if (o->mix_gain != WN_NOT_GIVEN && !o->midi_file) return "--mix-gain needs --midi-file";
    if (o->mix_gain != WN_NOT_GIVEN && !(o->mix_gain >= -120 && o->mix_gain <= 60)) return "--mix-gain is -120 to 60 dB";
    return wn_cli_check_run(&o->run);
}

static wn_status load_model(wn_rendering *r, wn_error *error)
{
    wn_status status = wn_cli_load(&r->model, r->o.run.model, error);
    if (status) return status;
    r->info = wn_model_get_info(r->model);
    if (!r->info.autoregressive)
        return wn_fail(error, WN_ERROR_ARGUMENT, r->o.run.model,
                       "a feed-forward model: it processes sound, it generates none");
    r->rate = r->info.sample_rate;
    if (r->rate > 0) return WN_OK;
    r->rate = FALLBACK_RATE;
    wn_cli_note(r->cli, "the model names no sample rate; %g Hz assumed", r->rate);
    return WN_OK;
}

static void choose_sampling(wn_rendering *r)
{
    r->sampling = wn_sampling_default(r->model);
    r->sampling.seed = (uint64_t)r->o.seed;
    if (r->o.temperature != WN_NOT_GIVEN) r->sampling.temperature = r->o.temperature;
    if (r->o.top_k >= 0) r->sampling.top_k = r->o.top_k;
    if (r->o.top_p != WN_NOT_GIVEN) r->sampling.top_p = r->o.top_p;
    if (r->info.output != WN_OUTPUT_CATEGORICAL && (r->o.top_k >= 0 || r->o.top_p != WN_NOT_GIVEN))
        wn_cli_note(r->cli, "--top-k and --top-p are for models of classes; they change nothing here");
}

static wn_status load_song(wn_rendering *r, wn_error *error)
{
    double gain = r->o.mix_gain == WN_NOT_GIVEN ? WN_SONG_GAIN : r->o.mix_gain;
    if (!r->o.midi_file) return WN_OK;
    return wn_song_load(&r->song, r->cli, r->o.midi_file, r->model, r->rate, r->o.voices, gain, error);
}

wn_status wn_rendering_load(wn_rendering *r, wn_error *error)
{
    wn_status status = wn_cli_cpu(&r->cpu, r->o.run.cpu, error);
    if (!status) status = wn_cli_check_precision(r->o.precision, error);
    if (!status) status = load_model(r, error);
    if (!status) status = wn_conditions_load(&r->conditions, &r->o.condition, r->model, error);
    if (!status) status = load_song(r, error);
    if (status) return status;
    choose_sampling(r);
    r->channels = r->song.score ? 1 : r->o.voices;
    size_t n = (size_t)r->o.voices * WN_ENSEMBLE_CHUNK;
    r->pcm = calloc(n, sizeof *r->pcm);
    r->classes = calloc(n, sizeof *r->classes);
    return r->pcm && r->classes ? WN_OK : wn_fail(error, WN_ERROR_MEMORY, NULL, "out of memory");
}

wn_status wn_rendering_begin(wn_rendering *r, const float *draws, int64_t n_draws, wn_error *error)
{
    wn_ensemble_config config = {.cpu = r->cpu,
                                 .voices = r->o.voices,
                                 .sampling = r->sampling,
                                 .threads = r->o.run.threads,
                                 .conditions = &r->conditions,
                                 .score = r->song.score,
                                 .cut_feedback = r->o.cut_feedback,
                                 .draws = draws,
                                 .n_draws = n_draws};
    wn_ensemble_free(r->ensemble);
    r->done = 0;
    return wn_ensemble_new(&r->ensemble, r->model, &config, error);
}

void wn_rendering_run(wn_rendering *r, int frames)
{
    wn_ensemble_run(r->ensemble, frames, r->pcm, r->classes);
    if (r->song.score) wn_song_mix(&r->song, r->pcm, r->done, frames);
    r->done += frames;
}

wn_status wn_rendering_length(int64_t *frames, const wn_rendering *r, wn_error *error)
{
    const wn_track *track = r->conditions.track;
    wn_status status = wn_conditions_length(frames, &r->conditions, r->model, error);
    if (status) return status;
    if (r->song.score)
        *frames = r->song.score->frames + (int64_t)(WN_SONG_TAIL * r->rate);
    else if (*frames == INT64_MAX && track && track->n_events)
        *frames = track->events[track->n_events - 1].frame + (int64_t)r->rate;
    return WN_OK;
}

void wn_rendering_free(wn_rendering *r)
{
    wn_ensemble_free(r->ensemble);
    wn_conditions_free(&r->conditions);
    wn_song_free(&r->song);
    wn_model_free(r->model);
    free(r->pcm);
    free(r->classes);
}
