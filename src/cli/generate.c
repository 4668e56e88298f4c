/* SPDX-License-Identifier: MIT
 * generate.c - wavenet generate: sound from a model.
 * Copyright (c) 2026 the wavenet authors */
#include <float.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/ensemble.h"
#include "cli/sequence.h"
#include "cli/sink.h"
#include "cli/song.h"

enum { MAX_VOICES = 1024, NO_VOICES = INT_MIN };
#define FALLBACK_RATE 16000.0 /* Hz, for models that name none */
#define DEFAULT_SECONDS 5.0
#define MAX_SECONDS 1e7
#define NOT_GIVEN (-DBL_MAX) /* NaN would be something a user can type */

typedef struct generate_options {
    wn_run_options run;
    wn_condition_options condition;
    char *out, *prime, *draws, *bits, *precision, *midi_file;
    double seconds, temperature, top_p, mix_gain;     /* or NOT_GIVEN */
    long long samples, seed;                          /* samples -1: not given */
    int top_k, voices, keep_prime, cut_feedback, raw; /* top_k -1: not given */
} generate_options;

typedef struct generation {
    wn_cli *cli;
    generate_options o;
    wn_cpu cpu;
    wn_audio_bits bits;
    wn_model *model;
    wn_model_info info;
    double rate;
    wn_conditions conditions;
    wn_song song; /* score NULL: none */
    wn_npy draws; /* count 0: none */
    float *prime; /* [n_prime], NULL: none */
    int64_t n_prime;
    int64_t frames; /* to be generated */
    int64_t done;   /* generated */
    wn_sampling sampling;
    wn_ensemble *ensemble;
    wn_sink sink;
    float *pcm;       /* [WN_ENSEMBLE_CHUNK][voices] */
    int32_t *classes; /* [WN_ENSEMBLE_CHUNK][voices] */
} generation;

/* ---- what is asked for ---------------------------------------------------------------------------------------- */

/* NULL, or what is wrong with the usage. */
static const char *check_usage(const generate_options *o)
{
    if (!o->run.model) return "-m MODEL is missing";
    if (!o->out) return "-o OUT.wav is missing";
    if (o->seconds != NOT_GIVEN && o->samples != -1) return "--seconds and --samples exclude each other";
    if (o->seconds != NOT_GIVEN && !(o->seconds > 0 && o->seconds <= MAX_SECONDS))
        return "--seconds is above 0, up to 1e7";
    if (o->samples != -1 && (o->samples < 1 || o->samples > 1000000000000)) return "--samples is 1 to 1e12";
    if (o->temperature != NOT_GIVEN && !(o->temperature >= 0 && o->temperature <= 100))
        return "--temperature is 0 to 100";
    if (o->top_k < -1) return "--top-k is 0 (all) or more";
    if (o->top_p != NOT_GIVEN && !(o->top_p > 0 && o->top_p <= 1)) return "--top-p is above 0, up to 1";
    if (o->voices < 1 || o->voices > (o->midi_file ? WN_VOICES_MOST : MAX_VOICES))
        return o->midi_file ? "--voices is 1 to 64 for a MIDI file" : "--voices is 1 to 1024";
    if (o->keep_prime && !o->prime) return "--keep-prime needs --prime";
    if (o->draws && o->voices > 1) return "--draws are for one voice";
    if (o->cut_feedback && o->prime) return "--cut-feedback hears nothing of --prime";
    if (o->midi_file && (o->prime || o->condition.track || o->draws))
        return "--midi-file says what is played, instead of --track, --prime and --draws";
    if (o->mix_gain != NOT_GIVEN && !o->midi_file) return "--mix-gain needs --midi-file";
    if (o->mix_gain != NOT_GIVEN && !(o->mix_gain >= -120 && o->mix_gain <= 60)) return "--mix-gain is -120 to 60 dB";
    return wn_cli_check_run(&o->run);
}

static wn_status check_output(const generation *g, wn_error *error)
{
    const char *inputs[] = {g->o.prime,           g->o.draws,    g->o.condition.cond, g->o.condition.global,
                            g->o.condition.track, g->o.run.model, g->o.midi_file};
    for (size_t i = 0; i < sizeof inputs / sizeof *inputs; i++)
        if (inputs[i] && wn_audio_same_file(inputs[i], g->o.out))
            return wn_fail(error, WN_ERROR_ARGUMENT, g->o.out, "is an input file, too");
    return WN_OK;
}

static wn_status load_model(generation *g, wn_error *error)
{
    wn_status status = wn_cli_load(&g->model, g->o.run.model, error);
    if (status) return status;
    g->info = wn_model_get_info(g->model);
    if (!g->info.autoregressive)
        return wn_fail(error, WN_ERROR_ARGUMENT, g->o.run.model,
                       "a feed-forward model: it processes sound, it generates none");
    g->rate = g->info.sample_rate;
    if (g->rate > 0) return WN_OK;
    g->rate = FALLBACK_RATE;
    wn_cli_note(g->cli, "the model names no sample rate; %g Hz assumed", g->rate);
    return WN_OK;
}

static void choose_sampling(generation *g)
{
    g->sampling = wn_sampling_default(g->model);
    g->sampling.seed = (uint64_t)g->o.seed;
    if (g->o.temperature != NOT_GIVEN) g->sampling.temperature = g->o.temperature;
    if (g->o.top_k >= 0) g->sampling.top_k = g->o.top_k;
    if (g->o.top_p != NOT_GIVEN) g->sampling.top_p = g->o.top_p;
    if (g->info.output != WN_OUTPUT_CATEGORICAL && (g->o.top_k >= 0 || g->o.top_p != NOT_GIVEN))
        wn_cli_note(g->cli, "--top-k and --top-p are for models of classes; they change nothing here");
}

static wn_status load_draws(generation *g, wn_error *error)
{
    const char *path = g->o.draws;
    int n = wn_sampling_draws(g->model);
    if (!path) return WN_OK;
    wn_status status = wn_npy_read(&g->draws, path, error);
    if (!status && g->draws.rank == 1 && n == 1) g->draws.shape[g->draws.rank++] = 1;
    if (!status) status = wn_npy_expect(&g->draws, WN_NPY_FLOAT32, 2, path, error);
    if (!status && g->draws.shape[1] != n)
        status = wn_fail(error, WN_ERROR_ARGUMENT, path, "%lld numbers a sample; the model draws %d",
                         (long long)g->draws.shape[1], n);
    if (!status && g->draws.count == 0) status = wn_fail(error, WN_ERROR_FORMAT, path, "holds no numbers");
    return status;
}

static wn_status load_song(generation *g, wn_error *error)
{
    double gain = g->o.mix_gain == NOT_GIVEN ? WN_SONG_GAIN : g->o.mix_gain;
    if (!g->o.midi_file) return WN_OK;
    return wn_song_load(&g->song, g->cli, g->o.midi_file, g->model, g->rate, g->o.voices, gain, error);
}

/* Without a wish: as long as the draws, the features, or the song or track and a second; else five seconds. */
static wn_status choose_length(generation *g, wn_error *error)
{
    int64_t features;
    wn_status status = wn_conditions_length(&features, &g->conditions, g->model, error);
    if (status) return status;
    const wn_track *track = g->conditions.track;
    if (g->o.samples != -1)
        g->frames = g->o.samples;
    else if (g->o.seconds != NOT_GIVEN)
        g->frames = (int64_t)fmax(1, round(g->o.seconds * g->rate));
    else if (g->draws.count)
        g->frames = g->draws.shape[0];
    else if (g->song.score)
        g->frames = g->song.score->frames + (int64_t)(WN_SONG_TAIL * g->rate);
    else if (features != INT64_MAX)
        g->frames = features - g->n_prime;
    else if (track && track->n_events)
        g->frames = track->events[track->n_events - 1].frame + (int64_t)g->rate - g->n_prime;
    else
        g->frames = (int64_t)(DEFAULT_SECONDS * g->rate);
    if (g->draws.count && g->frames > g->draws.shape[0])
        return wn_fail(error, WN_ERROR_ARGUMENT, g->o.draws, "numbers for %lld samples, %lld are needed",
                       (long long)g->draws.shape[0], (long long)g->frames);
    if (g->frames < 1 && !g->conditions.cond.count)
        return wn_fail(error, WN_ERROR_ARGUMENT, g->o.condition.track,
                       "ends before the recording does; --seconds tells how much is to follow");
    if (features - g->n_prime < g->frames || g->frames < 1)
        return wn_fail(error, WN_ERROR_ARGUMENT, g->o.condition.cond, "lasts for %lld samples, %lld are needed",
                       (long long)features, (long long)(g->n_prime + (g->frames < 1 ? 1 : g->frames)));
    return WN_OK;
}

static wn_status load_inputs(generation *g, wn_error *error)
{
    wn_status status = check_output(g, error);
    if (!status) status = wn_cli_cpu(&g->cpu, g->o.run.cpu, error);
    if (!status) status = wn_sink_bits(&g->bits, g->o.bits, error);
    if (!status) status = wn_cli_check_precision(g->o.precision, error);
    if (!status) status = load_model(g, error);
    if (!status) status = wn_conditions_load(&g->conditions, &g->o.condition, g->model, error);
    if (!status) status = load_song(g, error);
    if (!status) status = load_draws(g, error);
    if (!status && g->o.prime) status = wn_cli_read_audio(&g->prime, &g->n_prime, g->cli, g->o.prime, g->rate, error);
    if (!status) status = choose_length(g, error);
    return status;
}

static wn_status open_output(generation *g, wn_error *error)
{
    wn_audio_config config = {.rate = g->rate,
                              .channels = g->song.score ? 1 : g->o.voices,
                              .bits = g->bits,
                              .raw = g->o.raw,
                              .frames = g->frames + (g->o.keep_prime ? g->n_prime : 0)};
    wn_status status = wn_sink_open(&g->sink, g->o.out, &config, g->info.n_classes > 0 && !g->song.score, error);
    if (!status && g->sink.audio && wn_audio_writer_rate(g->sink.audio) != round(g->rate))
        wn_cli_note(g->cli, "%s: resampled from %g to %g Hz", g->o.out, g->rate, wn_audio_writer_rate(g->sink.audio));
    return status;
}

static wn_status prepare(generation *g, wn_error *error)
{
    wn_status status = load_inputs(g, error);
    if (status) return status;
    choose_sampling(g);
    size_t n = (size_t)g->o.voices * WN_ENSEMBLE_CHUNK;
    g->pcm = calloc(n, sizeof *g->pcm);
    g->classes = calloc(n, sizeof *g->classes);
    if (!g->pcm || !g->classes) return wn_fail(error, WN_ERROR_MEMORY, NULL, "out of memory");
    wn_ensemble_config config = {.cpu = g->cpu,
                                 .voices = g->o.voices,
                                 .sampling = g->sampling,
                                 .threads = g->o.run.threads,
                                 .conditions = &g->conditions,
                                 .score = g->song.score,
                                 .cut_feedback = g->o.cut_feedback,
                                 .draws = g->draws.floats,
                                 .n_draws = g->draws.count ? g->draws.shape[0] : 0};
    status = wn_ensemble_new(&g->ensemble, g->model, &config, error);
    return status ? status : open_output(g, error);
}

/* ---- making it ------------------------------------------------------------------------------------------------ */

/* Double or halve the chunk so that Ctrl-C and the progress bar are served about ten times a second. */
static int next_chunk(int chunk, double seconds)
{
    if (seconds > 0.15 && chunk > 1) return chunk / 2;
    if (seconds < 0.05 && chunk < WN_ENSEMBLE_CHUNK) return chunk * 2;
    return chunk;
}

static int at_most(int chunk, int64_t left) { return left < chunk ? (int)left : chunk; }

/* The recording again, on every channel, as the file is to have it. */
static wn_status write_prime(generation *g, const float *pcm, int frames, wn_error *error)
{
    if (!g->o.keep_prime) return WN_OK;
    for (int t = 0; t < frames; t++)
        for (int v = 0; v < g->o.voices; v++) {
            g->pcm[t * g->o.voices + v] = pcm[t];
            g->classes[t * g->o.voices + v] = g->info.n_classes ? wn_model_encode(g->model, pcm[t]) : 0;
        }
    return wn_sink_write(&g->sink, g->pcm, g->classes, frames, error);
}

static wn_status run_prime(generation *g, wn_error *error)
{
    wn_status status = WN_OK;
    int chunk = 16;
    for (int64_t t = 0; t < g->n_prime && !status && !wn_stop_wanted();) {
        double started = wn_seconds();
        int n = at_most(chunk, g->n_prime - t);
        wn_ensemble_prime(g->ensemble, g->prime + t, n);
        status = write_prime(g, g->prime + t, n, error);
        chunk = next_chunk(chunk, wn_seconds() - started);
        t += n;
    }
    return status;
}

static wn_status run_free(generation *g, wn_error *error)
{
    wn_progress progress;
    wn_status status = WN_OK;
    int chunk = 16;
    wn_progress_start(&progress, g->cli, g->frames, g->rate);
    while (g->done < g->frames && !status && !wn_stop_wanted()) {
        double started = wn_seconds();
        int n = at_most(chunk, g->frames - g->done);
        wn_ensemble_run(g->ensemble, n, g->pcm, g->classes);
        if (g->song.score) wn_song_mix(&g->song, g->pcm, g->done, n);
        status = wn_sink_write(&g->sink, g->pcm, g->classes, n, error);
        chunk = next_chunk(chunk, wn_seconds() - started);
        g->done += n;
        wn_progress_update(&progress, g->done);
    }
    wn_progress_end(&progress);
    return status;
}

static void report(const generation *g, double seconds)
{
    double rate = (double)g->done / fmax(seconds, 1e-9);
    if (g->done < g->frames)
        wn_cli_note(g->cli, "stopped after %.2f of %.2f s; %s is complete up to there", (double)g->done / g->rate,
                    (double)g->frames / g->rate, g->o.out);
    wn_cli_note(g->cli, "%s: %.2f s, seed %lld, temperature %g; %.0f samples/s, %.2f x real time, %s kernels", g->o.out,
                (double)g->done / g->rate, g->o.seed, g->sampling.temperature, rate, rate / g->rate,
                wn_ensemble_cpu(g->ensemble));
}

static wn_status make(generation *g, wn_error *error)
{
    wn_status status = run_prime(g, error);
    double started = wn_seconds();
    if (!status) status = run_free(g, error);
    double seconds = wn_seconds() - started;
    if (!status && g->done == 0 && !g->o.keep_prime)
        return wn_fail(error, WN_ERROR_FILE, g->o.out, "stopped before the first sample; nothing was written");
    if (!status) status = wn_sink_finish(&g->sink, g->cli, error);
    if (!status) report(g, seconds);
    return status;
}

static void clean_up(generation *g)
{
    wn_ensemble_free(g->ensemble);
    wn_sink_close(&g->sink);
    wn_conditions_free(&g->conditions);
    wn_song_free(&g->song);
    wn_npy_free(&g->draws);
    wn_model_free(g->model);
    free(g->prime);
    free(g->pcm);
    free(g->classes);
}

static int run(wn_cli *cli, int argc, const char **argv)
{
    generation g = {.cli = cli, .o.run = WN_CLI_RUN_DEFAULT};
    generate_options *o = &g.o;
    o->seconds = o->temperature = o->top_p = o->mix_gain = NOT_GIVEN;
    o->samples = o->top_k = -1;
    o->voices = NO_VOICES;
    const struct poptOption options[] = {
        WN_CLI_MODEL(&o->run),
        {"output", 'o', POPT_ARG_STRING, &o->out, 0,
         ".wav, .flac, .ogg, .opus, .aiff, .f32, .raw or .npy; - is a WAV stream on standard output", "OUT"},
        {"seconds", 's', POPT_ARG_DOUBLE, &o->seconds, 0, "length (default 5, or that of the song, draws, features or track)",
         "S"},
        {"samples", 0, POPT_ARG_LONGLONG, &o->samples, 0, "length in samples", "N"},
        {"seed", 0, POPT_ARG_LONGLONG, &o->seed, 0, "another number, another take (default 0)", "N"},
        {"temperature", 't', POPT_ARG_DOUBLE, &o->temperature, 0,
         "below 1: safer, above 1: wilder, 0: the most likely (default: as the model recommends)", "T"},
        {"top-k", 0, POPT_ARG_INT, &o->top_k, 0, "draw from the K most likely classes", "K"},
        {"top-p", 0, POPT_ARG_DOUBLE, &o->top_p, 0, "draw from the fewest classes that hold probability P", "P"},
        {"prime", 0, POPT_ARG_STRING, &o->prime, 0, "continue this recording", "IN.wav"},
        {"keep-prime", 0, POPT_ARG_NONE, &o->keep_prime, 0, "let the output begin with the recording", NULL},
        {"cut-feedback", 0, POPT_ARG_NONE, &o->cut_feedback, 0,
         "let the network hear silence, not itself: what its conditions alone make of it", NULL},
        WN_CLI_CONDITIONS(&o->condition),
        {"midi-file", 0, POPT_ARG_STRING, &o->midi_file, 0,
         "play a Standard MIDI File: notes shared out among --voices (default 8), mixed into one channel",
         "SONG.mid"},
        {"mix-gain", 0, POPT_ARG_DOUBLE, &o->mix_gain, 0, "gain of that mix (default -6)", "DB"},
        {"voices", 0, POPT_ARG_INT, &o->voices, 0, "independent takes, one channel each (default 1)", "N"},
        {"draws", 0, POPT_ARG_STRING, &o->draws, 0, "replay recorded random numbers, float32 [T][n]", "FILE.npy"},
        {"bits", 0, POPT_ARG_STRING, &o->bits, 0, "sample format: 16 (default), 24 or float", "B"},
        {"raw", 0, POPT_ARG_NONE, &o->raw, 0, "samples only, no header", NULL},
        {"precision", 0, POPT_ARG_STRING, &o->precision, 0, "of the weights: f32", "P"},
        WN_CLI_RUN(&o->run),
        WN_CLI_HELP,
    };
    if (!wn_cli_parse(cli, argc, argv, options, 0, 0)) return cli->status;
    if (o->voices == NO_VOICES) o->voices = o->midi_file ? WN_SONG_VOICES : 1;
    const char *wrong = check_usage(o);
    if (wrong) return wn_cli_usage(cli, "%s", wrong);
    wn_error error = {0};
    wn_stop_install();
    wn_status status = prepare(&g, &error);
    if (!status) status = make(&g, &error);
    clean_up(&g);
    return status ? wn_cli_fail(cli, &error) : WN_EXIT_OK;
}

const wn_command wn_command_generate = {
    .name = "generate",
    .summary = "make sound with a model",
    .usage = "-m MODEL -o OUT.wav [OPTION...]",
    .example =
        "  wavenet generate -m models/notes -o a4.wav --control instrument=piano --control key=69\n"
        "  wavenet generate -m models/notes -o tune.flac --track tune.csv\n"
        "  wavenet generate -m models/notes -o song.wav --midi-file song.mid\n"
        "  wavenet generate -m models/babble -o more.wav --prime start.wav --keep-prime --seconds 20\n"
        "  wavenet generate -m models/babble -o - | aplay\n\n"
        "The same seed gives the same samples, whatever the kernels, voices and threads. Time 0 of features and\n"
        "tracks is the first sample, of the recording if one is given. Ctrl-C completes the file up to there.\n",
    .run = run,
};
