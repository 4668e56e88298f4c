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
#include "cli/progress.h"
#include "cli/sound_output.h"

#define MAX_SEMITONES 24.0
#define MIN_STRETCH 0.25
#define MAX_STRETCH 4.0

typedef struct vocode {
    wn_cli *cli;
    wn_model_options run;
    wn_sound_output_options out;
    char *input_device, *precision_text;
    double semitones, stretch, temperature, started; /* seconds of the clock */
    long long seed;
    wn_cpu cpu;
    wn_precision precision;
    wn_model *model;
    wn_model_info info;
    wn_feature_input input;
    wn_feature_vocoder vocoder;
    wn_sound_output output;
} vocode;

/* ---- preparing ---------------------------------------------------------------------------------------------------- */

static const char *check_usage(const vocode *v)
{
    bool live = v->cli->n_args < 2;
    if (live && v->out.path)
        return "IN.wav is missing; without it and without -o, the microphone is heard and vocoded live";
    if (v->input_device && !live) return "--input is the microphone, instead of IN.wav";
    if (live && v->stretch != 1) return "--stretch needs IN.wav: live sound lasts as long as it lasts";
    if (!(fabs(v->semitones) <= MAX_SEMITONES)) return "--pitch is -24 to 24 semitones";
    if (!(v->stretch >= MIN_STRETCH && v->stretch <= MAX_STRETCH)) return "--stretch is 0.25 to 4";
    if (v->temperature != WN_NOT_GIVEN && !(v->temperature >= 0 && v->temperature <= 100))
        return "--temperature is 0 to 100";
    const char *wrong = wn_sound_output_check(&v->out);
    return wrong ? wrong : wn_cli_check_run(&v->run);
}

static wn_status load_model(vocode *v, wn_error *error)
{
    const char *path = v->cli->args[0];
    wn_status status = wn_cli_load(&v->model, path, error);
    if (status) return status;
    v->info = wn_model_get_info(v->model);
    return wn_feature_vocoder_check(v->model, path, error);
}

static bool is_live(const vocode *v) { return v->cli->n_args < 2; }

/* The names of the sounds in messages. */
static const char *output_name(const vocode *v) { return v->out.path ? v->out.path : "the output"; }
static const char *input_name(const vocode *v) { return is_live(v) ? "the microphone" : v->cli->args[1]; }

static wn_status open_input(vocode *v, wn_error *error)
{
    return wn_feature_input_open(&v->input, v->cli, input_name(v), is_live(v) ? &v->output.device : NULL, v->model,
                                 v->cli->args[0], v->semitones / 12, v->stretch, error);
}

static wn_status open_vocoder(vocode *v, wn_error *error)
{
    wn_feature_vocoder_config config = {.name = v->cli->args[0],
                                        .output = output_name(v),
                                        .cpu = v->cpu,
                                        .precision = v->precision,
                                        .seed = (uint64_t)v->seed,
                                        .temperature = v->temperature,
                                        .max_rows = wn_feature_input_get_capacity(&v->input)};
    return wn_feature_vocoder_open(&v->vocoder, v->cli, v->model, &config, error);
}

static wn_status open_output(vocode *v, wn_error *error)
{
    const char *microphone = v->input_device ? v->input_device : "";
    return wn_sound_output_open(&v->output, v->cli, &v->out, is_live(v) ? microphone : NULL, v->started,
                                v->info.sample_rate, v->info.n_classes > 0, error);
}

static wn_status vocode_prepare(vocode *v, wn_error *error)
{
    const char *inputs[] = {v->cli->args[0], is_live(v) ? NULL : v->cli->args[1]};
    wn_status status = wn_output_file_check(v->out.path, inputs, 2, error);
    if (!status) status = wn_cli_cpu(&v->cpu, v->run.cpu, error);
    if (!status) status = wn_cli_precision(&v->precision, v->precision_text, error);
    if (!status) status = load_model(v, error);
    if (!status) status = open_input(v, error);
    if (!status) status = open_vocoder(v, error);
    return status ? status : open_output(v, error);
}

/* ---- running ------------------------------------------------------------------------------------------------------ */

/* The next rows of the input and their samples. */
static wn_status vocode_rows(vocode *v, wn_error *error)
{
    int got = 0;
    wn_status status =
        wn_feature_input_read(&v->input, input_name(v), wn_feature_vocoder_get_space(&v->vocoder), &got, error);
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
    if (!status && v->vocoder.done == 0 && !is_live(v))
        return wn_fail(error, WN_ERROR_FILE, output_name(v), "stopped before the first sample; nothing was written");
    return status;
}

static double analysis_milliseconds(const vocode *v)
{
    return 1e3 * wn_analysis_get_latency(v->input.analysis) / v->info.sample_rate;
}

static void note_latency(const vocode *v)
{
    wn_device_properties about = wn_device_get_properties(v->output.device.device);
    wn_cli_note(v->cli, "%s: latency %.1f ms in + %.0f ms of features + %.0f ms ready + %.1f ms out; Ctrl-C ends",
                v->output.device.about.text, 1e3 * about.input_latency, analysis_milliseconds(v),
                1e3 * wn_live_sound_get_stats(&v->output.device).target, 1e3 * about.output_latency);
}

static wn_status vocode_all(vocode *v, wn_error *error)
{
    char wait[64];
    double started = wn_clock_seconds();
    if (is_live(v)) note_latency(v);
    wn_status status = vocode_sound(v, error);
    double seconds = wn_clock_seconds() - started;
    if (!status) status = wn_sound_output_finish(&v->output, error);
    if (status) return status;
    snprintf(wait, sizeof wait, "; features wait %.0f ms", analysis_milliseconds(v));
    wn_sound_output_report(&v->output, v->vocoder.done, seconds, v->seed, wn_plan_get_cpu(v->vocoder.plan), wait);
    return WN_OK;
}

static void vocode_free(vocode *v)
{
    wn_sound_output_close(&v->output);
    wn_feature_vocoder_close(&v->vocoder);
    wn_feature_input_close(&v->input);
    wn_model_free(v->model);
}

static int vocode_run(wn_cli *cli, int argc, const char **argv)
{
    vocode v = {.cli = cli, .run = WN_CLI_RUN_DEFAULT, .stretch = 1, .temperature = WN_NOT_GIVEN};
    const struct poptOption options[] = {
        WN_CLI_SOUND_OUTPUT(&v.out),
        {"input", 0, POPT_ARG_STRING, &v.input_device, 0,
         "without IN.wav: the microphone, named like --device (default: the system's choice)", "D"},
        {"pitch", 0, POPT_ARG_DOUBLE, &v.semitones, 0, "raise the voice by so many semitones (default 0)", "N"},
        {"stretch", 0, POPT_ARG_DOUBLE, &v.stretch, 0, "let it last F times as long at the same pitch (default 1)",
         "F"},
        {"seed", 0, POPT_ARG_LONGLONG, &v.seed, 0, "another number, another take (default 0)", "N"},
        {"temperature", 't', POPT_ARG_DOUBLE, &v.temperature, 0,
         "below 1: safer, above 1: wilder (default: as the model recommends)", "T"},
        WN_CLI_PRECISION(&v.precision_text),
        WN_CLI_RUN(&v.run),
        WN_CLI_HELP,
    };
    if (!wn_cli_parse(cli, argc, argv, options, 1, 2)) return cli->status;
    const char *wrong = check_usage(&v);
    if (wrong) return wn_cli_usage(cli, "%s", wrong);
    wn_error error = {0};
    v.started = wn_clock_seconds();
    wn_interrupt_install();
    wn_status status = vocode_prepare(&v, &error);
    if (!status) status = vocode_all(&v, &error);
    vocode_free(&v);
    return status ? wn_cli_fail(cli, &error) : WN_EXIT_OK;
}

const wn_command wn_command_vocode = {
    .name = "vocode",
    .summary = "take a voice apart and let a model speak it again, higher or slower on demand",
    .usage = "MODEL [IN.wav|-] [-o OUT.wav] [OPTION...]",
    .example =
        "  wavenet vocode models/speech in.wav -o out.wav\n"
        "  wavenet vocode models/speech in.wav -o out.wav --pitch +3 --stretch 1.2\n"
        "  wavenet vocode models/speech in.wav\n"
        "  wavenet vocode models/speech --pitch -4\n\n"
        "IN is any sound file, or - for a stream on standard input; it is mixed down and resampled. Streams of any\n"
        "length take constant memory. A file and a stream give the same samples. Without -o the sound is played;\n"
        "without IN, too, the microphone is heard, and its latency printed: use headphones. Ctrl-C completes the\n"
        "file up to there.\n",
    .run = vocode_run,
};
