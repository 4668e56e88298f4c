/* SPDX-License-Identifier: MIT
 * vocode.c - wavenet vocode: sound becomes features, and a model makes sound of them again.
 * Copyright (c) 2026 the wavenet authors */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "cli/cli.h"
#include "cli/divergence.h"
#include "cli/feature_input.h"
#include "cli/interrupt.h"
#include "cli/model_options.h"
#include "cli/output_file.h"
#include "cli/progress.h"
#include "model/stage.h"

enum { ROWS_AT_ONCE = 4, MARGIN = 32 /* rows on both sides for stages that pad with zeros: more than they reach */ };
#define MAX_SEMITONES 24.0
#define MIN_STRETCH 0.25
#define MAX_STRETCH 4.0

/* The rows around the samples in hand. */
typedef struct row_window {
    float *rows;         /* [capacity][channels] */
    int n, capacity;     /* rows there; room */
    int64_t first, next; /* number of the first row, of the row of the next sample */
} row_window;

typedef struct vocode {
    wn_cli *cli;
    wn_model_options run;
    char *out, *precision_text, *bits_text;
    double semitones, stretch, temperature;
    long long seed;
    int raw;
    wn_cpu cpu;
    wn_precision precision;
    wn_audio_bits bits;
    wn_model *model;
    wn_model_info info;
    wn_plan *plan;
    wn_generator *generator;
    wn_feature_input input;
    wn_output_file output;
    row_window window;
    int context, margin; /* rows that the model's stages consume in all; rows beyond them that they may reach */
    float *pcm;          /* [ROWS_AT_ONCE * hop] */
    int32_t *classes;
    int64_t done; /* samples */
} vocode;

/* ---- preparing ---------------------------------------------------------------------------------------------------- */

static const char *check_usage(const vocode *v)
{
    if (!v->out) return "-o OUT.wav is missing";
    if (!(fabs(v->semitones) <= MAX_SEMITONES)) return "--pitch is -24 to 24 semitones";
    if (!(v->stretch >= MIN_STRETCH && v->stretch <= MAX_STRETCH)) return "--stretch is 0.25 to 4";
    if (v->temperature != WN_NOT_GIVEN && !(v->temperature >= 0 && v->temperature <= 100))
        return "--temperature is 0 to 100";
    return wn_cli_check_run(&v->run);
}

static wn_status load_model(vocode *v, wn_error *error)
{
    const char *path = v->cli->args[0];
    wn_status status = wn_cli_load(&v->model, path, error);
    if (status) return status;
    v->info = wn_model_get_info(v->model);
    if (!v->info.autoregressive || !v->info.feature_channels)
        return wn_fail(error, WN_ERROR_UNSUPPORTED, path, "is no vocoder: it does not make sound of features");
    return WN_OK;
}

static wn_status open_generator(vocode *v, wn_error *error)
{
    if (v->info.global_channels)
        return wn_fail(error, WN_ERROR_UNSUPPORTED, v->cli->args[0],
                       "needs a speaker; use analyze, then generate --speaker");
    wn_plan_config plan = {.cpu = v->cpu, .precision = v->precision};
    wn_sampling sampling = wn_sampling_default(v->model);
    sampling.seed = (uint64_t)v->seed;
    if (v->temperature != WN_NOT_GIVEN) {
        sampling.temperature = v->temperature;
        sampling.temperature_below = 0;
    }
    wn_generator_config config = {.sampling = &sampling};
    wn_status status = wn_plan_new(&v->plan, v->model, &plan, error);
    if (!status) status = wn_generator_new(&v->generator, v->plan, &config, error);
    if (!status) wn_cli_note_precision(v->cli, v->plan, v->precision);
    return status;
}

static wn_status open_buffers(vocode *v, wn_error *error)
{
    const wn_condition *c = &v->model->condition;
    v->context = v->info.feature_context;
    for (int i = 0; i < c->n_stages; i++)
        if (wn_stage_needs_neighbours(&c->stages[i])) v->margin = MARGIN;
    v->window.capacity =
        2 * v->margin + v->context + ROWS_AT_ONCE + 2 * wn_feature_input_get_capacity(&v->input) + v->context;
    size_t samples = (size_t)ROWS_AT_ONCE * (size_t)v->info.feature_hop;
    v->window.rows = calloc((size_t)v->window.capacity * (size_t)v->info.feature_channels, sizeof *v->window.rows);
    v->pcm = calloc(samples, sizeof *v->pcm);
    v->classes = calloc(samples, sizeof *v->classes);
    return v->window.rows && v->pcm && v->classes ? WN_OK : wn_fail_memory(error, NULL);
}

static wn_status vocode_prepare(vocode *v, wn_error *error)
{
    const char *inputs[] = {v->cli->args[1], v->cli->args[0]};
    wn_status status = wn_output_file_check(v->out, inputs, 2, error);
    if (!status) status = wn_output_file_bits(&v->bits, v->bits_text, error);
    if (!status) status = wn_cli_cpu(&v->cpu, v->run.cpu, error);
    if (!status) status = wn_cli_precision(&v->precision, v->precision_text, error);
    if (!status) status = load_model(v, error);
    if (!status)
        status = wn_feature_input_open(&v->input, v->cli, v->cli->args[1], v->model, v->cli->args[0], v->semitones / 12,
                                       v->stretch, error);
    if (!status) status = open_generator(v, error);
    if (!status) status = open_buffers(v, error);
    if (status) return status;
    wn_audio_writer_config config = {.rate = v->info.sample_rate, .channels = 1, .bits = v->bits, .raw = v->raw};
    return wn_output_file_open(&v->output, v->out, &config, v->info.n_classes > 0, error);
}

/* ---- running ------------------------------------------------------------------------------------------------------ */

static float *window_row(const vocode *v, int i)
{
    return v->window.rows + (size_t)i * (size_t)v->info.feature_channels;
}

/* Forget the rows that no later sample needs. */
static void window_shift(vocode *v)
{
    row_window *w = &v->window;
    int64_t gone = w->next - v->margin - w->first;
    if (gone <= 0) return;
    w->n -= (int)gone;
    w->first += gone;
    memmove(w->rows, window_row(v, (int)gone), (size_t)w->n * (size_t)v->info.feature_channels * sizeof *w->rows);
}

/* The rows at the ends are repeated for the context. */
static void window_repeat(vocode *v, int row)
{
    size_t size = (size_t)v->info.feature_channels * sizeof *v->window.rows;
    for (int i = 0; i < v->context / 2; i++, v->window.n++)
        memcpy(window_row(v, v->window.n), window_row(v, row), size);
}

static wn_status window_fill(vocode *v, wn_error *error)
{
    row_window *w = &v->window;
    int got = 0, at = w->n + (w->n || w->first ? 0 : v->context / 2);
    wn_status status = wn_feature_input_read(&v->input, v->cli->args[1], window_row(v, at), &got, error);
    if (status) return status;
    if (got && at > w->n) window_repeat(v, at);
    w->n += got;
    if (v->input.over && w->n) window_repeat(v, w->n - 1);
    return WN_OK;
}

/* The samples of `rows` rows, at most as many as the sound has. */
static wn_status make_rows(vocode *v, int rows, wn_error *error)
{
    row_window *w = &v->window;
    int64_t frames = (int64_t)rows * v->info.feature_hop;
    if (v->input.over && wn_feature_input_get_frames(&v->input) - v->done < frames)
        frames = wn_feature_input_get_frames(&v->input) - v->done;
    wn_status status =
        wn_conditioner_slide_features(wn_generator_get_conditioner(v->generator, 0), w->rows, w->n, w->first, error);
    if (status) return status;
    wn_generator_run(v->generator, frames, v->pcm, v->classes);
    wn_divergence d = wn_generator_get_divergence(v->generator);
    if (d.index >= 0) return wn_fail_divergence(error, v->out, d.value, d.index, v->info.sample_rate);
    w->next += rows;
    v->done += frames;
    return wn_output_file_write(&v->output, v->pcm, v->classes, frames, error);
}

/* Rows whose samples can be made. */
static int64_t rows_ready(const vocode *v)
{
    const row_window *w = &v->window;
    if (v->input.over) return v->input.n_out - w->next;
    return w->first + w->n - v->context - v->margin - w->next;
}

static wn_status make_ready(vocode *v, wn_error *error)
{
    wn_status status = WN_OK;
    for (int64_t ready; !status && (ready = rows_ready(v)) > 0 && !wn_interrupt_requested();)
        status = make_rows(v, ready < ROWS_AT_ONCE ? (int)ready : ROWS_AT_ONCE, error);
    window_shift(v);
    return status;
}

static wn_status vocode_sound(vocode *v, wn_error *error)
{
    wn_progress progress;
    wn_status status = WN_OK;
    wn_progress_start(&progress, v->cli, 0, v->info.sample_rate);
    while (!status && !v->input.over && !wn_interrupt_requested()) {
        status = window_fill(v, error);
        if (!status) status = make_ready(v, error);
        wn_progress_update(&progress, v->done);
    }
    wn_progress_end(&progress);
    if (!status && v->done == 0)
        return wn_fail(error, WN_ERROR_FILE, v->out, "stopped before the first sample; nothing was written");
    return status;
}

static wn_status vocode_file(vocode *v, wn_error *error)
{
    double started = wn_clock_seconds();
    wn_status status = vocode_sound(v, error);
    double seconds = wn_clock_seconds() - started, rate = (double)v->done / fmax(seconds, 1e-9);
    if (!status) status = wn_output_file_finish(&v->output, v->cli, error);
    if (status) return status;
    if (!v->input.over) wn_cli_note(v->cli, "stopped; %s is complete up to there", v->out);
    wn_cli_note(v->cli, "%s: %.2f s, seed %lld; %.0f samples/s, %.2f x real time, %s kernels; features wait %.0f ms",
                v->out, (double)v->done / v->info.sample_rate, v->seed, rate, rate / v->info.sample_rate,
                wn_plan_get_cpu(v->plan), 1e3 * wn_analysis_get_latency(v->input.analysis) / v->info.sample_rate);
    return WN_OK;
}

static void vocode_free(vocode *v)
{
    wn_output_file_close(&v->output);
    wn_feature_input_close(&v->input);
    wn_generator_free(v->generator);
    wn_plan_free(v->plan);
    wn_model_free(v->model);
    free(v->window.rows);
    free(v->pcm);
    free(v->classes);
}

static int vocode_run(wn_cli *cli, int argc, const char **argv)
{
    vocode v = {.cli = cli, .run = WN_CLI_RUN_DEFAULT, .stretch = 1, .temperature = WN_NOT_GIVEN};
    const struct poptOption options[] = {
        {"output", 'o', POPT_ARG_STRING, &v.out, 0,
         ".wav, .flac, .ogg, .opus, .aiff, .f32, .raw or .npy; - is a WAV stream on standard output", "OUT"},
        {"pitch", 0, POPT_ARG_DOUBLE, &v.semitones, 0, "raise the voice by so many semitones (default 0)", "N"},
        {"stretch", 0, POPT_ARG_DOUBLE, &v.stretch, 0, "let it last F times as long at the same pitch (default 1)",
         "F"},
        {"seed", 0, POPT_ARG_LONGLONG, &v.seed, 0, "another number, another take (default 0)", "N"},
        {"temperature", 't', POPT_ARG_DOUBLE, &v.temperature, 0,
         "below 1: safer, above 1: wilder (default: as the model recommends)", "T"},
        {"bits", 0, POPT_ARG_STRING, &v.bits_text, 0, "sample format: 16 (default), 24 or float", "B"},
        {"raw", 0, POPT_ARG_NONE, &v.raw, 0, "samples only, no header", NULL},
        WN_CLI_PRECISION(&v.precision_text),
        WN_CLI_RUN(&v.run),
        WN_CLI_HELP,
    };
    if (!wn_cli_parse(cli, argc, argv, options, 2, 2)) return cli->status;
    const char *wrong = check_usage(&v);
    if (wrong) return wn_cli_usage(cli, "%s", wrong);
    wn_error error = {0};
    wn_interrupt_install();
    wn_status status = vocode_prepare(&v, &error);
    if (!status) status = vocode_file(&v, &error);
    vocode_free(&v);
    return status ? wn_cli_fail(cli, &error) : WN_EXIT_OK;
}

const wn_command wn_command_vocode = {
    .name = "vocode",
    .summary = "take a voice apart and let a model speak it again, higher or slower on demand",
    .usage = "MODEL IN.wav|- -o OUT.wav [OPTION...]",
    .example =
        "  wavenet vocode models/speech in.wav -o out.wav\n"
        "  wavenet vocode models/speech in.wav -o out.wav --pitch +3 --stretch 1.2\n"
        "  arecord -t wav -f S16_LE -r 16000 - | wavenet vocode models/speech - -o - | aplay\n\n"
        "IN is any sound file, or - for a stream on standard input; it is mixed down and resampled. Streams of any\n"
        "length take constant memory. A file and a stream give the same samples. Ctrl-C completes the file up to\n"
        "there.\n",
    .run = vocode_run,
};
