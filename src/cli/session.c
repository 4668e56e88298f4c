/* SPDX-License-Identifier: MIT
 * session.c - what a model is asked to make: options, model, conditions, song and voices.
 * Copyright (c) 2026 the wavenet authors */
#include "cli/session.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "cli/autotune.h"
#include "cli/model_options.h"
#include "cli/model_places.h"
#include "kernels/weights.h"
#include "model/model.h"
#include "play/realtime_margin.h"

enum { MAX_VOICES = 1024, SONG_VOICES = 8 };
#define SECONDS_MEASURED 0.05 /* seconds of sound that tell how fast a model is */
#define DEFAULT_RATE 16000.0  /* Hz, for models that name none */
#define SONG_TAIL 1.0         /* seconds that follow the end of a MIDI file, for its last notes to ring out */

static void fill_in(wn_session_options *o, bool notes)
{
    o->autotunes_voices = o->live && o->voices == WN_VOICES_NOT_GIVEN;
    o->autotunes_threads = notes && o->run.threads == WN_THREADS_NOT_GIVEN;
    if (o->voices == WN_VOICES_NOT_GIVEN) o->voices = notes ? SONG_VOICES : 1;
    if (o->run.threads == WN_THREADS_NOT_GIVEN) o->run.threads = 1;
}

bool wn_session_choose_model(wn_cli *cli, wn_session_options *o)
{
    enum { SIZE = 256 };
    if (o->run.model) return false;
    char *name = malloc(SIZE);
    if (!wn_cli_own(cli, name) || !wn_cli_find_instrument(name, SIZE)) return false;
    o->run.model = name;
    wn_cli_note(cli, "no model is named; %s plays", name);
    return true;
}

const char *wn_session_check(wn_session_options *o)
{
    if (!o->run.model) return "-m MODEL is missing";
    bool notes = o->midi_file || o->live;
    fill_in(o, notes);
    if (o->temperature != WN_NOT_GIVEN && !(o->temperature >= 0 && o->temperature <= 100))
        return "--temperature is 0 to 100";
    if (o->top_k < -1) return "--top-k is 0 (all) or more";
    if (o->top_p != WN_NOT_GIVEN && !(o->top_p > 0 && o->top_p <= 1)) return "--top-p is above 0, up to 1";
    if (o->voices < 1 || o->voices > (notes ? WN_MAX_VOICES : MAX_VOICES))
        return notes ? "--voices is 1 to 64 for MIDI" : "--voices is 1 to 1024";
    if (notes && o->condition.track) return "MIDI says what is played, instead of --track";
    if (o->midi_file && o->live) return "--midi-file and --midi exclude each other";
    if (o->mix_gain != WN_NOT_GIVEN && !notes) return "--mix-gain needs notes, from MIDI";
    if (o->mix_gain != WN_NOT_GIVEN && !(o->mix_gain >= -120 && o->mix_gain <= 60))
        return "--mix-gain is -120 to 60 dB";
    return wn_cli_check_run(&o->run);
}

static wn_status load_model(wn_session *r, wn_error *error)
{
    wn_status status = wn_cli_load(&r->model, r->o.run.model, error);
    if (status) return status;
    r->info = wn_model_get_info(r->model);
    if (!r->info.autoregressive)
        return wn_fail(error, WN_ERROR_ARGUMENT, r->o.run.model,
                       "a feed-forward model: it processes sound, it generates none");
    r->rate = r->info.sample_rate;
    if (r->rate > 0) return WN_OK;
    r->rate = DEFAULT_RATE;
    wn_cli_note(r->cli, "the model names no sample rate; %g Hz assumed", r->rate);
    return WN_OK;
}

static void choose_sampling(wn_session *r)
{
    r->sampling = wn_sampling_default(r->model);
    r->sampling.seed = (uint64_t)r->o.seed;
    if (r->o.temperature != WN_NOT_GIVEN) {
        r->sampling.temperature = r->o.temperature;
        r->sampling.temperature_below = 0;
    }
    if (r->o.top_k >= 0) r->sampling.top_k = r->o.top_k;
    if (r->o.top_p != WN_NOT_GIVEN) r->sampling.top_p = r->o.top_p;
    if (!(wn_distributions[r->info.output].parts & WN_DISTRIBUTION_CLASSES) &&
        (r->o.top_k >= 0 || r->o.top_p != WN_NOT_GIVEN))
        wn_cli_note(r->cli, "--top-k and --top-p are for models of classes; they change nothing here");
}

/* Can the model play notes at all? */
static wn_status check_notes(const wn_session *r, wn_error *error)
{
    wn_voices voices;
    return r->o.live ? wn_voices_init(&voices, r->model, r->o.voices, error) : WN_OK;
}

/* Not every note of a song is heard. */
static void say_left_out(const wn_session *r, const wn_voices *v)
{
    const char *path = r->o.midi_file;
    if (v->drums)
        wn_cli_note(r->cli, "%s: %lld notes of channel 10, the drums, are left out", path, (long long)v->drums);
    if (v->outside)
        wn_cli_note(r->cli, "%s: %lld notes outside the model's keys, %d to %d, are left out", path,
                    (long long)v->outside, v->lowest, v->highest);
    if (v->bends)
        wn_cli_note(r->cli, "%s: %lld bends are left out, the model having no control bend", path, (long long)v->bends);
    if (v->stolen)
        wn_cli_note(r->cli, "%s: %lld notes are cut short, %d voices being too few (--voices)", path,
                    (long long)v->stolen, v->n);
}

static wn_status load_sequencer(wn_session *r, wn_error *error)
{
    wn_voices voices;
    if (!r->o.midi_file) return WN_OK;
    wn_status status = wn_voices_init(&voices, r->model, r->o.voices, error);
    if (!status) status = wn_sequencer_load(&r->sequencer, r->o.midi_file, r->rate, error);
    if (status) return status;
    wn_sequencer_dry_run(r->sequencer, &voices);
    const char *note = wn_sequencer_note(r->sequencer);
    if (voices.notes == 0)
        return wn_fail(error, WN_ERROR_FORMAT, r->o.midi_file, "holds no notes that the model could play%s%s",
                       *note ? "; " : "", note);
    if (*note) wn_cli_note(r->cli, "%s: %s", r->o.midi_file, note);
    say_left_out(r, &voices);
    return WN_OK;
}

wn_status wn_session_load(wn_session *r, wn_error *error)
{
    wn_status status = wn_cli_cpu(&r->cpu, r->o.run.cpu, error);
    r->chooses_precision = r->o.precision && strcmp(r->o.precision, "auto") == 0;
    if (!status && !r->chooses_precision) status = wn_cli_precision(&r->precision, r->o.precision, error);
    if (!status) status = load_model(r, error);
    if (!status) status = wn_conditions_load(&r->conditions, &r->o.condition, r->model, error);
    if (!status) status = load_sequencer(r, error);
    if (!status) status = check_notes(r, error);
    if (status) return status;
    choose_sampling(r);
    r->channels = r->sequencer || r->o.live ? 1 : r->o.voices;
    size_t n = (size_t)r->channels * WN_VOICE_GROUP_CHUNK;
    r->pcm = calloc(n, sizeof *r->pcm);
    r->classes = calloc(n, sizeof *r->classes);
    return r->pcm && r->classes ? WN_OK : wn_fail_memory(error, NULL);
}

/* The mix of what is played. */
static wn_status open_synth(wn_session *r, wn_error *error)
{
    double gain = r->o.mix_gain == WN_NOT_GIVEN ? WN_MIX_GAIN : r->o.mix_gain;
    if (r->sequencer) wn_sequencer_start(r->sequencer);
    wn_status status = wn_synth_new(&r->synth, r->model, r->voice_group, pow(10, gain / 20), error);
    if (!status) wn_synth_set_note_callback(r->synth, r->on_note, r->on_note_user);
    return status;
}

/* The settings of all voices, except recorded random numbers. */
static wn_voice_group_config voices_of(const wn_session *r)
{
    return (wn_voice_group_config){.cpu = r->cpu,
                                   .precision = r->precision,
                                   .voices = r->o.voices,
                                   .sampling = r->sampling,
                                   .threads = r->o.run.threads,
                                   .realtime_priority = r->o.live,
                                   .cut_feedback = r->o.cut_feedback};
}

static wn_status session_begin(wn_session *r, const float *noise, int64_t noise_frames, wn_error *error)
{
    wn_voice_group_config config = voices_of(r);
    config.noise = noise;
    config.noise_frames = noise_frames;
    wn_synth_free(r->synth);
    wn_voice_group_free(r->voice_group);
    r->synth = NULL;
    r->done = r->frame = 0;
    r->event = 0;
    wn_status status = wn_voice_group_new(&r->voice_group, r->model, &config, error);
    if (!status) status = wn_conditions_apply_all(&r->conditions, r->voice_group, error);
    return status || !(r->sequencer || r->o.live) ? status : open_synth(r, error);
}

double wn_session_measure_speed(wn_session *r)
{
    double started = 0;
    int room = WN_VOICE_GROUP_CHUNK * r->channels / r->o.voices; /* of r->pcm */
    int frames = (int)fmin(fmax(SECONDS_MEASURED * r->rate, 1), room);
    for (int run = 0; run < 2; run++) { /* the first warms up */
        started = wn_clock_seconds();
        wn_voice_group_run(r->voice_group, frames, r->pcm, r->classes);
    }
    return frames / r->rate / fmax(wn_clock_seconds() - started, 1e-9);
}

/* The most exact that is real time, or else the fastest. */
static wn_status session_begin_auto(wn_session *r, const float *noise, int64_t noise_frames, wn_error *error)
{
    wn_precision best = WN_PRECISION_F32;
    wn_status status = WN_OK;
    double most = 0;
    for (int i = 0; i < wn_weight_format_count && !status && most < WN_REALTIME_MARGIN; i++) {
        r->precision = (wn_precision)i;
        status = session_begin(r, noise, noise_frames, error);
        if (status || wn_plan_get_precision(wn_voice_group_get_plan(r->voice_group)) != r->precision)
            break; /* no layer is wide enough */
        double speed = wn_session_measure_speed(r);
        if (speed > most) best = r->precision;
        most = fmax(most, speed);
    }
    r->precision = best;
    if (!status) wn_cli_note(r->cli, "precision %s: %.2f x real time", wn_precision_name(best), most);
    return status;
}

/* Voices and threads that were not given. */
static wn_status autotune(wn_session *r, wn_error *error)
{
    wn_autotune a = {.model = r->model,
                     .conditions = &r->conditions,
                     .rate = r->rate,
                     .chooses_voices = r->o.autotunes_voices,
                     .chooses_threads = r->o.autotunes_threads,
                     .config = voices_of(r)};
    wn_status status = wn_autotune_voices(&a, r->cli, error);
    if (status) return status;
    r->o.autotunes_voices = r->o.autotunes_threads = false;
    r->o.voices = a.config.voices;
    r->o.run.threads = a.config.threads;
    return WN_OK;
}

wn_status wn_session_begin(wn_session *r, const float *noise, int64_t noise_frames, wn_error *error)
{
    wn_status status = autotune(r, error);
    if (!status && r->chooses_precision) status = session_begin_auto(r, noise, noise_frames, error);
    r->chooses_precision = false;
    if (!status) status = session_begin(r, noise, noise_frames, error);
    if (!status) wn_cli_note_precision(r->cli, wn_voice_group_get_plan(r->voice_group), r->precision);
    return status;
}

/* Every voice's controls whose time has come. */
static void set_controls(wn_session *r)
{
    size_t event = r->event;
    for (int v = 0; v < r->o.voices; v++) {
        event = r->event;
        wn_conditions_events(&r->conditions, &event, r->frame, wn_voice_group_get_conditioner(r->voice_group, v));
    }
    r->event = event;
}

/* Frames until the track's next event, at most `frames`. Those due are set. */
static int frames_to_event(wn_session *r, int frames)
{
    set_controls(r);
    int64_t left = wn_conditions_next_event(&r->conditions, r->event) - r->frame;
    return left < frames ? (int)left : frames;
}

void wn_session_prime(wn_session *r, const float *pcm, int frames)
{
    for (int n; frames > 0; pcm += n, frames -= n) {
        n = frames_to_event(r, frames);
        wn_voice_group_prime(r->voice_group, pcm, n);
        r->frame += n;
    }
}

static void run_voices(wn_session *r, int frames)
{
    for (int at = 0, n; at < frames; at += n) {
        n = frames_to_event(r, frames - at);
        size_t row = (size_t)at * (size_t)r->o.voices;
        wn_voice_group_run(r->voice_group, n, r->pcm + row, r->classes + row);
        r->frame += n;
    }
}

void wn_session_run(wn_session *r, int frames)
{
    if (r->queue) wn_synth_run_queue(r->synth, r->queue);
    if (r->sequencer)
        wn_sequencer_run(r->sequencer, r->synth, r->pcm, frames);
    else if (r->synth)
        wn_synth_run(r->synth, r->pcm, frames);
    else
        run_voices(r, frames);
    r->done += frames;
}

wn_status wn_session_length(int64_t *frames, const wn_session *r, wn_error *error)
{
    const wn_track *track = r->conditions.track;
    wn_status status = wn_conditions_length(frames, &r->conditions, r->model, error);
    if (status) return status;
    if (r->sequencer)
        *frames = wn_sequencer_frames(r->sequencer) + (int64_t)(SONG_TAIL * r->rate);
    else if (*frames == INT64_MAX && track && track->n_events)
        *frames = track->events[track->n_events - 1].frame + (int64_t)r->rate;
    return WN_OK;
}

void wn_session_free(wn_session *r)
{
    wn_synth_free(r->synth);
    wn_voice_group_free(r->voice_group);
    wn_conditions_free(&r->conditions);
    wn_sequencer_free(r->sequencer);
    wn_model_free(r->model);
    free(r->pcm);
    free(r->classes);
}
