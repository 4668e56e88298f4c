/* SPDX-License-Identifier: MIT
 * analyze.c - wavenet analyze: sound becomes the features that a model takes.
 * Copyright (c) 2026 the wavenet authors */
#include <stdlib.h>
#include <string.h>

#include "analysis/feature_plot.h"
#include "analysis/plot.h"
#include "base/arena.h"
#include "cli/cli.h"
#include "cli/interrupt.h"
#include "cli/model_options.h"
#include "cli/output_file.h"
#include "cli/progress.h"
#include "format/config_analysis.h"
#include "format/npy_write.h"
#include "wavenet/audio.h"

enum { BLOCK = 4096 };
#define PLOT_SECONDS 60.0 /* of the sound that a plot shows */

typedef struct analyze {
    wn_cli *cli;
    char *like, *file, *out, *plot;
    wn_model *model;
    wn_arena *arena;
    wn_analysis_config config;
    int context; /* rows to repeat at each end, which the model's pipeline consumes */
    wn_audio_reader *reader;
    wn_analysis *analysis;
    wn_npy_writer *writer;
    int channels;
    float *pcm, *rows;
    int64_t samples, n_rows;
    float peak;
    float *shown_pcm, *shown_rows; /* of the plot */
    int64_t max_samples, max_rows; /* that a plot shows */
} analyze;

static wn_status analyze_load(analyze *a, wn_error *error)
{
    a->arena = wn_arena_new();
    if (!a->arena) return wn_fail_memory(error, NULL);
    if (a->file) return wn_config_load_analysis(&a->config, a->arena, a->file, error);
    wn_status status = wn_cli_load(&a->model, a->like, error);
    if (status) return status;
    a->context = wn_model_get_info(a->model).feature_context / 2;
    if (wn_model_get_analysis(a->model, &a->config)) return WN_OK;
    return wn_fail(error, WN_ERROR_ARGUMENT, a->like,
                   "holds no parameters of analysis; give them with --analysis FILE.json");
}

static wn_status make_plot_buffers(analyze *a, wn_error *error)
{
    if (!a->plot) return WN_OK;
    a->max_samples = (int64_t)(PLOT_SECONDS * a->config.sample_rate);
    a->max_rows = a->max_samples / a->config.hop;
    a->shown_pcm = calloc((size_t)a->max_samples, sizeof *a->shown_pcm);
    a->shown_rows = calloc((size_t)a->max_rows * (size_t)a->channels + 1, sizeof *a->shown_rows);
    return a->shown_pcm && a->shown_rows ? WN_OK : wn_fail_memory(error, NULL);
}

static wn_status analyze_open(analyze *a, wn_error *error)
{
    const wn_audio_reader_config reading = {.rate = a->config.sample_rate};
    wn_status status = wn_audio_reader_new(&a->reader, a->cli->args[0], &reading, error);
    if (!status) status = wn_analysis_new(&a->analysis, &a->config, error);
    if (status) return status;
    wn_audio_info info = wn_audio_reader_get_info(a->reader);
    if (*info.note) wn_cli_note(a->cli, "%s: %s", a->cli->args[0], info.note);
    if (info.channels > 1) wn_cli_note(a->cli, "%s: %d channels mixed down to one", a->cli->args[0], info.channels);
    if (info.rate != a->config.sample_rate)
        wn_cli_note(a->cli, "%s: resampled from %g to %g Hz", a->cli->args[0], info.rate, a->config.sample_rate);
    int most = wn_analysis_get_capacity(a->analysis, BLOCK), left = wn_analysis_get_capacity(a->analysis, 0);
    a->channels = wn_analysis_config_get_channels(&a->config);
    a->pcm = calloc(BLOCK, sizeof *a->pcm);
    a->rows = calloc((size_t)(most > left ? most : left) * (size_t)a->channels, sizeof *a->rows);
    if (!a->pcm || !a->rows) return wn_fail_memory(error, NULL);
    status = make_plot_buffers(a, error);
    return status ? status : wn_npy_writer_open(&a->writer, a->out, WN_NPY_FLOAT32, a->channels, error);
}

static wn_status analyze_prepare(analyze *a, wn_error *error)
{
    const char *const inputs[] = {a->cli->args[0], a->like, a->file};
    wn_status status = wn_output_file_check(a->out, inputs, 3, error);
    if (!status) status = wn_output_file_check(a->plot, inputs, 3, error);
    if (!status && a->plot) status = wn_plot_check_name(a->plot, error);
    if (!status) status = analyze_load(a, error);
    return status ? status : analyze_open(a, error);
}

static wn_status repeat_row(analyze *a, const float *row, wn_error *error)
{
    wn_status status = WN_OK;
    for (int i = 0; i < a->context && !status; i++) status = wn_npy_writer_append(a->writer, row, 1, error);
    return status;
}

static wn_status write_rows(analyze *a, int n, wn_error *error)
{
    wn_status status = n && !a->n_rows ? repeat_row(a, a->rows, error) : WN_OK;
    for (int i = 0; i < n && a->n_rows + i < a->max_rows; i++)
        memcpy(a->shown_rows + (a->n_rows + i) * a->channels, a->rows + (size_t)i * (size_t)a->channels,
               (size_t)a->channels * sizeof *a->rows);
    a->n_rows += n;
    return status || !n ? status : wn_npy_writer_append(a->writer, a->rows, n, error);
}

static wn_status check_sound(const analyze *a, wn_error *error)
{
    const char *name = a->cli->args[0];
    if (a->samples < a->config.window)
        return wn_fail(error, WN_ERROR_ARGUMENT, name, "%lld samples are shorter than the window of %d",
                       (long long)a->samples, a->config.window);
    if (!(a->peak > 0)) return wn_fail(error, WN_ERROR_ARGUMENT, name, "is silent: every sample is 0");
    return WN_OK;
}

static void note_pcm(analyze *a, int64_t got)
{
    for (int64_t t = 0; t < got; t++) {
        float x = a->pcm[t] < 0 ? -a->pcm[t] : a->pcm[t];
        if (x > a->peak) a->peak = x;
        if (a->samples + t < a->max_samples) a->shown_pcm[a->samples + t] = a->pcm[t];
    }
    a->samples += got;
}

static wn_status analyze_sound(analyze *a, wn_error *error)
{
    wn_progress progress;
    wn_status status = WN_OK;
    wn_progress_start(&progress, a->cli, 0, a->config.sample_rate);
    for (int64_t got = 1; got && !status && !wn_interrupt_requested();) {
        status = wn_audio_reader_read(a->reader, a->pcm, BLOCK, &got, error);
        if (status) break;
        note_pcm(a, got);
        status = write_rows(a, wn_analysis_run(a->analysis, a->pcm, (int)got, a->rows), error);
        wn_progress_update(&progress, a->samples);
    }
    wn_progress_end(&progress);
    return status ? status : check_sound(a, error);
}

static wn_status draw_plot(analyze *a, wn_error *error)
{
    wn_feature_plot plot = {.title = a->cli->args[0],
                            .config = &a->config,
                            .samples = a->samples < a->max_samples ? a->samples : a->max_samples,
                            .n_rows = a->n_rows < a->max_rows ? a->n_rows : a->max_rows,
                            .pcm = a->shown_pcm,
                            .rows = a->shown_rows};
    if (!a->plot) return WN_OK;
    if (a->n_rows > a->max_rows) wn_cli_note(a->cli, "%s: shows the first %g s", a->plot, PLOT_SECONDS);
    return wn_feature_plot_write(a->plot, &plot, error);
}

static wn_status analyze_finish(analyze *a, wn_error *error)
{
    int n = wn_analysis_finish(a->analysis, a->rows);
    wn_status status = write_rows(a, n, error);
    if (!status && n) status = repeat_row(a, a->rows + (size_t)(n - 1) * (size_t)a->channels, error);
    if (status) return status;
    wn_npy_writer *writer = a->writer;
    a->writer = NULL;
    status = wn_npy_writer_commit(writer, error);
    return status ? status : draw_plot(a, error);
}

static void analyze_free(analyze *a)
{
    wn_npy_writer_abort(a->writer);
    wn_analysis_free(a->analysis);
    wn_audio_reader_free(a->reader);
    wn_model_free(a->model);
    wn_arena_free(a->arena);
    free(a->pcm);
    free(a->rows);
    free(a->shown_pcm);
    free(a->shown_rows);
}

static int analyze_run(wn_cli *cli, int argc, const char **argv)
{
    analyze a = {.cli = cli};
    const struct poptOption options[] = {
        {"like", 0, POPT_ARG_STRING, &a.like, 0, "model file or folder: make the features that this model takes",
         "MODEL"},
        {"analysis", 0, POPT_ARG_STRING, &a.file, 0, "the parameters of analysis, without a model", "FILE.json"},
        {"output", 'o', POPT_ARG_STRING, &a.out, 0, "features, float32 [rows][channels]", "OUT.npy"},
        {"plot", 0, POPT_ARG_STRING, &a.plot, 0, "draw waveform, mel bands and pitch as PNG or SVG (default: none)",
         "FILE"},
        WN_CLI_HELP,
    };
    if (!wn_cli_parse(cli, argc, argv, options, 1, 1)) return cli->status;
    if (!a.out) return wn_cli_usage(cli, "-o OUT.npy is missing");
    if (!a.like == !a.file) return wn_cli_usage(cli, "give one of --like MODEL and --analysis FILE.json");
    wn_error error = {0};
    wn_interrupt_install();
    wn_status status = analyze_prepare(&a, &error);
    if (!status) status = analyze_sound(&a, &error);
    if (!status) status = analyze_finish(&a, &error);
    if (!status)
        wn_cli_note(cli, "%s: %lld rows of %d channels, one per %d samples at %g Hz", a.out,
                    (long long)(a.n_rows + 2 * a.context), a.channels, a.config.hop, a.config.sample_rate);
    analyze_free(&a);
    return status ? wn_cli_fail(cli, &error) : WN_EXIT_OK;
}

const wn_command wn_command_analyze = {
    .name = "analyze",
    .summary = "turn sound into the features that a model takes: mel bands, voicing, pitch",
    .usage = "IN.wav|- -o OUT.npy --like MODEL|--analysis FILE.json",
    .example = "  wavenet analyze speech.wav -o features.npy --like vocoder.safetensors\n"
               "  wavenet analyze speech.wav -o features.npy --analysis analysis.json\n\n"
               "IN is any sound file, or - for a stream on standard input; it is mixed down and resampled. Row t of\n"
               "OUT.npy describes samples t*hop to (t+1)*hop-1. models/FORMAT.md describes the parameters.\n",
    .run = analyze_run,
};
