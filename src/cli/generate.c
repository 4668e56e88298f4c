/* SPDX-License-Identifier: MIT
 * generate.c - wavenet generate: sound from a model.
 * Copyright (c) 2026 the wavenet authors */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "cli/arguments.h"
#include "cli/cli.h"
#include "cli/divergence.h"
#include "cli/input_sequence.h"
#include "cli/interrupt.h"
#include "cli/model_options.h"
#include "cli/output_file.h"
#include "cli/progress.h"
#include "cli/session.h"

#define DEFAULT_SECONDS 5.0
#define MAX_SECONDS 1e7

typedef struct generation {
    wn_cli *cli;
    wn_session r;
    const char *out;
    char *out_option, *prime_path, *noise_path, *bits_text;
    double seconds;    /* or WN_NOT_GIVEN */
    long long samples; /* -1: not given */
    int keep_prime, raw;
    wn_audio_bits bits;
    wn_npy noise; /* count 0: none */
    float *prime; /* [n_prime], NULL: none */
    int64_t n_prime;
    float previous; /* sample of the recording, see wn_model_emphasize */
    int64_t frames; /* to be generated */
    wn_output_file output;
} generation;

/* ---- what is asked for ---------------------------------------------------------------------------------------- */

/* A file of the model's or song's name, where nothing is given by option: it is never written over. */
static bool choose_output(generation *g, const wn_arguments *a)
{
    char *name = wn_arguments_default_output(a->song ? a->song : g->r.o.run.model, NULL);
    if (!wn_cli_own(g->cli, name)) {
        g->cli->status = wn_cli_fail_text(g->cli, "%s", wn_status_text(WN_ERROR_MEMORY));
        return false;
    }
    g->out = name;
    if (access(name, F_OK) == 0) g->cli->status = wn_arguments_fail_existing(g->cli, name);
    return access(name, F_OK) != 0;
}

/* Model, song and output, where they are no options. */
static bool read_arguments(generation *g, int argc)
{
    wn_arguments a;
    const wn_argument_rules rules = {.max_models = 1, .songs = true, .output = true};
    wn_session_options *o = &g->r.o;
    g->out = g->out_option;
    o->midi_file = o->midi_option;
    if (!wn_arguments_sort(&a, g->cli, &o->run, g->out, &rules)) return false;
    if (a.song && o->midi_file) {
        g->cli->status = wn_cli_usage(g->cli, "two songs: %s and %s", o->midi_file, a.song);
        return false;
    }
    bool named = a.names_model || (argc > 1 && wn_session_choose_model(g->cli, o));
    if (a.song) o->midi_file = a.song;
    if (a.output) g->out = a.output;
    return g->out || !named || choose_output(g, &a);
}

/* NULL, or what is wrong with the usage. */
static const char *check_usage(generation *g)
{
    const wn_session_options *o = &g->r.o;
    const char *wrong = wn_session_check(&g->r.o);
    if (wrong) return wrong;
    if (!g->out) return "-o OUT.wav is missing";
    if (g->seconds != WN_NOT_GIVEN && g->samples != -1) return "--seconds and --samples exclude each other";
    if (g->seconds != WN_NOT_GIVEN && !(g->seconds > 0 && g->seconds <= MAX_SECONDS))
        return "--seconds is above 0, up to 1e7";
    if (g->samples != -1 && (g->samples < 1 || g->samples > 1000000000000)) return "--samples is 1 to 1e12";
    if (g->keep_prime && !g->prime_path) return "--keep-prime needs --prime";
    if (g->noise_path && o->voices > 1 && !o->midi_file) return "--draws are for one voice";
    if (o->cut_feedback && g->prime_path)
        return "--cut-feedback ignores the recording of --prime: they exclude each other";
    if (o->midi_file && (g->prime_path || g->noise_path)) return "--midi-file excludes --prime and --draws";
    return NULL;
}

static wn_status check_output(const generation *g, wn_error *error)
{
    const wn_session_options *o = &g->r.o;
    const char *inputs[] = {g->prime_path,      g->noise_path, o->condition.cond, o->condition.global,
                            o->condition.track, o->run.model,  o->midi_file};
    return wn_output_file_check(g->out, inputs, sizeof inputs / sizeof *inputs, error);
}

static wn_status load_draws(generation *g, wn_error *error)
{
    const char *path = g->noise_path;
    int n = wn_model_get_noise_channels(g->r.model);
    if (!path) return WN_OK;
    wn_status status = wn_npy_read(&g->noise, path, error);
    if (!status && g->noise.rank == 1 && n == 1) g->noise.shape[g->noise.rank++] = 1;
    if (!status) status = wn_npy_expect(&g->noise, WN_NPY_FLOAT32, 2, path, error);
    if (!status && g->noise.shape[1] != n)
        status = wn_fail(error, WN_ERROR_ARGUMENT, path, "has %lld random numbers per sample; the model needs %d",
                         (long long)g->noise.shape[1], n);
    if (!status && g->noise.count == 0) status = wn_fail(error, WN_ERROR_FORMAT, path, "holds no numbers");
    return status;
}

/* The default is the length of the recorded noise, of the song, features or track, or else five seconds. */
static wn_status choose_length(generation *g, wn_error *error)
{
    int64_t features, natural;
    wn_status status = wn_conditions_length(&features, &g->r.conditions, g->r.model, error);
    if (!status) status = wn_session_length(&natural, &g->r, error);
    if (status) return status;
    if (g->samples != -1)
        g->frames = g->samples;
    else if (g->seconds != WN_NOT_GIVEN)
        g->frames = (int64_t)fmax(1, round(g->seconds * g->r.rate));
    else if (g->noise.count)
        g->frames = g->noise.shape[0];
    else
        g->frames = natural == INT64_MAX ? (int64_t)(DEFAULT_SECONDS * g->r.rate) : natural - g->n_prime;
    if (g->noise.count && g->frames > g->noise.shape[0])
        return wn_fail(error, WN_ERROR_ARGUMENT, g->noise_path, "has random numbers for %lld samples; %lld are needed",
                       (long long)g->noise.shape[0], (long long)g->frames);
    if (g->frames < 1 && !g->r.conditions.cond.count)
        return wn_fail(error, WN_ERROR_ARGUMENT, g->r.o.condition.track,
                       "the track ends before the recording of --prime; set --seconds");
    if (features - g->n_prime < g->frames || g->frames < 1)
        return wn_fail(error, WN_ERROR_ARGUMENT, g->r.o.condition.cond, "lasts for %lld samples, %lld are needed",
                       (long long)features, (long long)(g->n_prime + (g->frames < 1 ? 1 : g->frames)));
    return WN_OK;
}

static wn_status load_inputs(generation *g, wn_error *error)
{
    wn_status status = check_output(g, error);
    if (!status) status = wn_output_file_bits(&g->bits, g->bits_text, error);
    if (!status) status = wn_session_load(&g->r, error);
    if (!status) status = load_draws(g, error);
    if (!status && g->prime_path)
        status = wn_cli_read_audio(&g->prime, &g->n_prime, g->cli, g->prime_path, g->r.rate, error);
    if (!status) status = choose_length(g, error);
    return status;
}

static wn_status open_output(generation *g, wn_error *error)
{
    wn_audio_writer_config config = {.rate = g->r.rate,
                                     .channels = g->r.channels,
                                     .bits = g->bits,
                                     .raw = g->raw,
                                     .frames = g->frames + (g->keep_prime ? g->n_prime : 0)};
    wn_status status =
        wn_output_file_open(&g->output, g->out, &config, g->r.info.n_classes > 0 && !g->r.sequencer, error);
    if (!status && g->output.audio && wn_audio_writer_get_rate(g->output.audio) != round(g->r.rate))
        wn_cli_note(g->cli, "%s: resampled from %g to %g Hz", g->out, g->r.rate,
                    wn_audio_writer_get_rate(g->output.audio));
    return status;
}

static wn_status generate_prepare(generation *g, wn_error *error)
{
    wn_status status = load_inputs(g, error);
    if (!status) status = wn_session_begin(&g->r, g->noise.floats, g->noise.count ? g->noise.shape[0] : 0, error);
    return status ? status : open_output(g, error);
}

/* ---- making it ------------------------------------------------------------------------------------------------ */

/* Double or halve the chunk so that Ctrl-C and the progress bar are served about ten times a second. */
static int next_chunk(int chunk, double seconds)
{
    if (seconds > 0.15 && chunk > 1) return chunk / 2;
    if (seconds < 0.05 && chunk < WN_VOICE_GROUP_CHUNK) return chunk * 2;
    return chunk;
}

static int at_most(int chunk, int64_t left) { return left < chunk ? (int)left : chunk; }

/* The recording again, on every channel, as the file is to have it. */
static wn_status write_prime(generation *g, const float *pcm, int frames, wn_error *error)
{
    if (!g->keep_prime) return WN_OK;
    for (int t = 0; t < frames; t++) {
        float y = wn_model_emphasize(g->r.model, &g->previous, pcm[t]);
        for (int v = 0; v < g->r.o.voices; v++) {
            g->r.pcm[t * g->r.o.voices + v] = pcm[t];
            g->r.classes[t * g->r.o.voices + v] = g->r.info.n_classes ? wn_model_encode(g->r.model, y) : 0;
        }
    }
    return wn_output_file_write(&g->output, g->r.pcm, g->r.classes, frames, error);
}

static wn_status run_prime(generation *g, wn_error *error)
{
    wn_status status = WN_OK;
    int chunk = 16;
    for (int64_t t = 0; t < g->n_prime && !status && !wn_interrupt_requested();) {
        double started = wn_clock_seconds();
        int n = at_most(chunk, g->n_prime - t);
        wn_session_prime(&g->r, g->prime + t, n);
        status = write_prime(g, g->prime + t, n, error);
        chunk = next_chunk(chunk, wn_clock_seconds() - started);
        t += n;
    }
    return status;
}

/* The next `frames` frames, unless the network diverges. */
static wn_status run_chunk(generation *g, int frames, wn_error *error)
{
    wn_session_run(&g->r, frames);
    wn_divergence d = wn_voice_group_get_divergence(g->r.voice_group);
    if (d.index >= 0) return wn_fail_divergence(error, g->out, d.value, d.index - g->n_prime, g->r.rate);
    return wn_output_file_write(&g->output, g->r.pcm, g->r.classes, frames, error);
}

static wn_status run_free(generation *g, wn_error *error)
{
    wn_progress progress;
    wn_status status = WN_OK;
    int chunk = 16;
    wn_progress_start(&progress, g->cli, g->frames, g->r.rate);
    while (g->r.done < g->frames && !status && !wn_interrupt_requested()) {
        double started = wn_clock_seconds();
        int n = at_most(chunk, g->frames - g->r.done);
        status = run_chunk(g, n, error);
        chunk = next_chunk(chunk, wn_clock_seconds() - started);
        wn_progress_update(&progress, g->r.done);
    }
    wn_progress_end(&progress);
    return status;
}

static void generate_report(const generation *g, double seconds)
{
    double rate = (double)g->r.done / fmax(seconds, 1e-9);
    if (g->r.done < g->frames)
        wn_cli_note(g->cli, "stopped after %.2f of %.2f s; %s is complete up to there", (double)g->r.done / g->r.rate,
                    (double)g->frames / g->r.rate, g->out);
    wn_cli_note(g->cli, "%s: %.2f s, seed %lld, temperature %g; %.0f samples/s, %.2f x real time, %s kernels", g->out,
                (double)g->r.done / g->r.rate, g->r.o.seed, g->r.sampling.temperature, rate, rate / g->r.rate,
                wn_plan_get_cpu(wn_voice_group_get_plan(g->r.voice_group)));
}

static wn_status generate_file(generation *g, wn_error *error)
{
    wn_status status = run_prime(g, error);
    double started = wn_clock_seconds();
    if (!status) status = run_free(g, error);
    double seconds = wn_clock_seconds() - started;
    if (!status && g->r.done == 0 && !g->keep_prime)
        return wn_fail(error, WN_ERROR_FILE, g->out, "stopped before the first sample; nothing was written");
    if (!status) status = wn_output_file_finish(&g->output, g->cli, error);
    if (!status) generate_report(g, seconds);
    return status;
}

static void generate_free(generation *g)
{
    wn_output_file_close(&g->output);
    wn_npy_free(&g->noise);
    wn_session_free(&g->r);
    free(g->prime);
}

static int generate_run(wn_cli *cli, int argc, const char **argv)
{
    generation g = {.cli = cli, .r.cli = cli, .r.o = WN_SESSION_DEFAULT, .seconds = WN_NOT_GIVEN, .samples = -1};
    const struct poptOption options[] = {
        WN_CLI_MODEL(&g.r.o.run),
        {"output", 'o', POPT_ARG_STRING, &g.out_option, 0,
         "output file: .wav, .flac, .ogg, .opus, .aiff, .f32, .raw or .npy; - is a WAV stream on standard output",
         "OUT"},
        {"seconds", 's', POPT_ARG_DOUBLE, &g.seconds, 0,
         "length in seconds (default: that of the song, draws, features or track, or else 5)", "S"},
        {"duration", 0, POPT_ARG_DOUBLE | POPT_ARGFLAG_DOC_HIDDEN, &g.seconds, 0, "as --seconds", "S"},
        {"samples", 0, POPT_ARG_LONGLONG, &g.samples, 0, "length in samples, instead of --seconds", "N"},
        {"prime", 0, POPT_ARG_STRING, &g.prime_path, 0, "continue this recording", "IN.wav"},
        {"keep-prime", 0, POPT_ARG_NONE, &g.keep_prime, 0, "start the output with that recording", NULL},
        {"voices", 0, POPT_ARG_INT, &g.r.o.voices, 0,
         "independent takes, one channel each (default 1); with --midi-file: most notes at once (default 8)", "N"},
        {"draws", 0, POPT_ARG_STRING, &g.noise_path, 0,
         "replay recorded random numbers, float32 [samples][numbers per sample]", "FILE.npy"},
        {"bits", 0, POPT_ARG_STRING, &g.bits_text, 0, "sample format: 16 (default), 24 or float", "B"},
        {"raw", 0, POPT_ARG_NONE, &g.raw, 0, "write samples only, without a header", NULL},
        WN_CLI_SESSION(&g.r.o, "number of threads (default 1)"),
        WN_CLI_HELP,
    };
    if (!wn_cli_parse(cli, argc, argv, options, 0, -1)) return cli->status;
    if (!read_arguments(&g, argc)) return cli->status;
    const char *wrong = check_usage(&g);
    if (wrong) return wn_cli_usage(cli, "%s", wrong);
    wn_error error = {0};
    wn_interrupt_install();
    wn_status status = generate_prepare(&g, &error);
    if (!status) status = generate_file(&g, &error);
    generate_free(&g);
    return status ? wn_cli_fail(cli, &error) : WN_EXIT_OK;
}

const wn_command wn_command_generate = {
    .name = "generate",
    .summary = "generate sound with a model",
    .usage = "MODEL [SONG.mid] [OUT.wav] [OPTION...]",
    .example =
        "  wavenet generate notes a4.wav --control instrument=piano --control key=A4\n"
        "  wavenet generate -m models/notes -o tune.flac --track tune.csv\n"
        "  wavenet generate notes song.mid song.wav\n"
        "  wavenet generate -m models/notes -o more.wav --prime start.wav --keep-prime --seconds 20\n"
        "  wavenet generate -m models/notes -o - | aplay\n\n"
        "The samples of a voice depend on the seed, not on the number of voices or threads, nor on the kernels except portable.\n"
        "Time 0 of features and tracks is the first sample of the output, or of --prime. Ctrl-C completes the file.\n",
    .run = generate_run,
};
