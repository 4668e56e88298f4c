/* SPDX-License-Identifier: MIT
 * vocode.c - wavenet vocode: sound becomes features, and a model makes sound of them again.
 * Copyright (c) 2026 the wavenet authors */
#include <math.h>

#include "base/clock.h"
#include "cli/cli.h"
#include "cli/feature_input.h"
#include "cli/feature_vocoder.h"
#include "cli/interrupt.h"
#include "cli/model_options.h"
#include "cli/output_file.h"
#include "cli/progress.h"

#define MAX_SEMITONES 24.0
#define MIN_STRETCH 0.25
#define MAX_STRETCH 4.0

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
    wn_feature_input input;
    wn_feature_vocoder vocoder;
    wn_output_file output;
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
    return wn_feature_vocoder_check(v->model, path, error);
}

static wn_status open_vocoder(vocode *v, wn_error *error)
{
    wn_feature_vocoder_config config = {.name = v->cli->args[0],
                                        .output = v->out,
                                        .cpu = v->cpu,
                                        .precision = v->precision,
                                        .seed = (uint64_t)v->seed,
                                        .temperature = v->temperature,
                                        .max_rows = wn_feature_input_get_capacity(&v->input)};
    return wn_feature_vocoder_open(&v->vocoder, v->cli, v->model, &config, error);
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
    if (!status) status = open_vocoder(v, error);
    if (status) return status;
    wn_audio_writer_config config = {.rate = v->info.sample_rate, .channels = 1, .bits = v->bits, .raw = v->raw};
    return wn_output_file_open(&v->output, v->out, &config, v->info.n_classes > 0, error);
}

/* ---- running ------------------------------------------------------------------------------------------------------ */

/* The next rows of the input and their samples. */
static wn_status vocode_rows(vocode *v, wn_error *error)
{
    int got = 0;
    wn_status status =
        wn_feature_input_read(&v->input, v->cli->args[1], wn_feature_vocoder_get_space(&v->vocoder), &got, error);
    if (status) return status;
    int64_t frames = v->input.over ? wn_feature_input_get_frames(&v->input) : -1;
    return wn_feature_vocoder_add(&v->vocoder, got, frames, &v->output, error);
}

static wn_status vocode_sound(vocode *v, wn_error *error)
{
    wn_progress progress;
    wn_status status = WN_OK;
    wn_progress_start(&progress, v->cli, 0, v->info.sample_rate);
    while (!status && !v->input.over && !wn_interrupt_requested()) {
        status = vocode_rows(v, error);
        wn_progress_update(&progress, v->vocoder.done);
    }
    wn_progress_end(&progress);
    if (!status && v->vocoder.done == 0)
        return wn_fail(error, WN_ERROR_FILE, v->out, "stopped before the first sample; nothing was written");
    return status;
}

static wn_status vocode_file(vocode *v, wn_error *error)
{
    double started = wn_clock_seconds();
    wn_status status = vocode_sound(v, error);
    double seconds = wn_clock_seconds() - started, rate = (double)v->vocoder.done / fmax(seconds, 1e-9);
    if (!status) status = wn_output_file_finish(&v->output, v->cli, error);
    if (status) return status;
    if (!v->input.over) wn_cli_note(v->cli, "stopped; %s is complete up to there", v->out);
    wn_cli_note(v->cli, "%s: %.2f s, seed %lld; %.0f samples/s, %.2f x real time, %s kernels; features wait %.0f ms",
                v->out, (double)v->vocoder.done / v->info.sample_rate, v->seed, rate, rate / v->info.sample_rate,
                wn_plan_get_cpu(v->vocoder.plan),
                1e3 * wn_analysis_get_latency(v->input.analysis) / v->info.sample_rate);
    return WN_OK;
}

static void vocode_free(vocode *v)
{
    wn_output_file_close(&v->output);
    wn_feature_vocoder_close(&v->vocoder);
    wn_feature_input_close(&v->input);
    wn_model_free(v->model);
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
