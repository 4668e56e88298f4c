/* SPDX-License-Identifier: MIT
 * process.c - wavenet process: sound through a feed-forward model, such as a capture of an amplifier.
 * Copyright (c) 2026 the wavenet authors */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "cli/effect.h"
#include "cli/interrupt.h"
#include "cli/model_options.h"
#include "cli/output_file.h"
#include "cli/progress.h"
#include "cli/tracked_processor.h"

enum { DEFAULT_BLOCK = 1024, MAX_BLOCK = 1 << 16, FILE_CHUNK = 4096 };
#define MAX_TAIL 3600.0 /* seconds */

typedef struct process_options {
    wn_model_options run;
    wn_effect_options effect;
    wn_condition_options condition;
    char *out, *bits;
    double tail;
    int block, no_prewarm, raw_in, raw;
} process_options;

typedef struct process {
    wn_cli *cli;
    process_options o;
    const char *path; /* of the input */
    wn_effect effect;
    wn_conditions conditions;
    wn_audio_reader *reader;
    wn_audio_info info;
    wn_tracked_processor processor;
    wn_output_file output;
    int64_t length;   /* frames of the output; INT64_MAX until the input has ended */
    int chunk, width; /* frames at a time; channels that come out */
    float *in;        /* [chunk][info.channels] */
    float *made;      /* [chunk][width] */
    int64_t done;     /* frames at the model's rate */
    wn_progress progress;
} process;

/* ---- what is asked for ---------------------------------------------------------------------------------------- */

/* NULL, or what is wrong with the usage. */
static const char *check_usage(const process_options *o)
{
    if (!o->run.model) return "-m MODEL is missing";
    if (!o->out) return "-o OUT.wav is missing";
    if (o->block < 1 || o->block > MAX_BLOCK) return "--block is 1 to 65536";
    if (!(o->tail >= 0 && o->tail <= MAX_TAIL)) return "--tail is 0 to 3600 seconds";
    const char *wrong = wn_effect_check(&o->effect);
    return wrong ? wrong : wn_cli_check_run(&o->run);
}

static wn_status check_output(const process *p, wn_error *error)
{
    const process_options *o = &p->o;
    const char *inputs[] = {p->path, o->condition.cond, o->condition.global, o->condition.track, o->run.model};
    return wn_output_file_check(o->out, inputs, sizeof inputs / sizeof *inputs, error);
}

/* ---- opening -------------------------------------------------------------------------------------------------- */

static wn_status open_input(process *p, wn_error *error)
{
    wn_audio_reader_config reading = {.rate = p->effect.rate, .keep_channels = 1, .sanitize = 1, .raw = p->o.raw_in};
    wn_status status = wn_audio_reader_new(&p->reader, p->path, &reading, error);
    if (status) return status;
    p->info = wn_audio_reader_get_info(p->reader);
    if (p->effect.info.input_channels > 1 && p->info.channels != p->effect.info.input_channels)
        return wn_fail(error, WN_ERROR_ARGUMENT, p->path, "%d channel%s; the model takes %d", p->info.channels,
                       p->info.channels > 1 ? "s" : "", p->effect.info.input_channels);
    return WN_OK;
}

/* Frames at the model's rate that `frames` of the file are. */
static int64_t at_model_rate(const process *p, int64_t frames)
{
    return (int64_t)ceil((double)frames * p->effect.rate / p->info.rate);
}

static int64_t tail_frames(const process *p) { return llround(p->o.tail * p->info.rate); }

/* Bits for the output: the input's, where the format has a choice. */
static wn_audio_bits bits_like_input(const process *p)
{
    static const char *const choice[] = {".wav", ".aiff", ".aif", ".raw"};
    int bits = p->info.bits;
    if (p->o.raw || strcmp(p->o.out, "-") == 0) return (wn_audio_bits)bits;
    if (wn_file_has_ending(p->o.out, ".flac")) return bits > 24 ? WN_AUDIO_24 : (wn_audio_bits)bits;
    for (size_t i = 0; i < sizeof choice / sizeof *choice; i++)
        if (wn_file_has_ending(p->o.out, choice[i])) return (wn_audio_bits)bits;
    return WN_AUDIO_DEFAULT;
}

static wn_status open_output(process *p, wn_error *error)
{
    wn_audio_writer_config config = {
        .rate = p->info.rate, .source_rate = p->effect.rate, .channels = p->width, .raw = p->o.raw};
    wn_status status = wn_output_file_bits(&config.bits, p->o.bits, error);
    if (status) return status;
    if (!p->o.bits) config.bits = bits_like_input(p);
    if (p->info.frames) config.frames = p->info.frames + tail_frames(p);
    return wn_output_file_open(&p->output, p->o.out, &config, false, error);
}

static wn_status make_buffers(process *p, wn_error *error)
{
    p->in = calloc((size_t)p->chunk * (size_t)p->info.channels, sizeof *p->in);
    p->made = calloc((size_t)p->chunk * (size_t)p->width, sizeof *p->made);
    return p->in && p->made ? WN_OK : wn_fail_memory(error, NULL);
}

/* Files are read in pieces of a good size; a live stream waits for no more than a block. */
static wn_status open_processor(process *p, wn_cpu cpu, wn_error *error)
{
    bool live = strcmp(p->path, "-") == 0 || p->info.frames == 0;
    p->chunk = live || p->o.block > FILE_CHUNK ? p->o.block : FILE_CHUNK;
    wn_processor_config config = {
        .channels = p->info.channels, .max_frames = p->o.block, .threads = p->o.run.threads, .cpu = cpu};
    wn_status status = wn_tracked_processor_open(&p->processor, p->effect.model, &p->conditions, &config, error);
    if (status) return status;
    if (!p->o.no_prewarm) wn_tracked_processor_prewarm(&p->processor);
    p->width = p->processor.output_channels;
    return make_buffers(p, error);
}

static wn_status process_prepare(process *p, wn_error *error)
{
    wn_cpu cpu;
    wn_status status = check_output(p, error);
    if (!status) status = wn_cli_cpu(&cpu, p->o.run.cpu, error);
    if (!status) status = wn_effect_load(&p->effect, p->o.run.model, &p->o.effect, error);
    if (!status) status = open_input(p, error);
    if (!status) status = wn_conditions_load(&p->conditions, &p->o.condition, p->effect.model, error);
    if (!status)
        status = wn_conditions_check_length(&p->conditions, p->effect.model, at_model_rate(p, p->info.frames), error);
    if (!status) status = open_processor(p, cpu, error);
    return status ? status : open_output(p, error);
}

/* What is done that was not asked for in so many words. */
static void print_notes(const process *p)
{
    double rate = wn_output_file_get_rate(&p->output);
    bool opus = rate != p->info.rate;
    wn_effect_note(&p->effect, &p->o.effect, p->cli);
    if (p->info.resampled)
        wn_cli_note(p->cli, "%s: resampled from %g to %g Hz for the model%s", p->path, p->info.rate, p->effect.rate,
                    opus ? "" : ", and back");
    if (opus && rate != p->effect.rate)
        wn_cli_note(p->cli, "%s: resampled from %g to %g Hz", p->o.out, p->effect.rate, rate);
    else if (opus)
        wn_cli_note(p->cli, "%s: written at the model's %g Hz", p->o.out, rate);
}

/* ---- running -------------------------------------------------------------------------------------------------- */

static void apply_gain(float *x, size_t n, double db)
{
    float factor = (float)pow(10, db / 20);
    for (size_t i = 0; i < n; i++) x[i] *= factor;
}

/* The next `frames` frames of p->in. */
static wn_status run_chunk(process *p, int frames, wn_error *error)
{
    apply_gain(p->in, (size_t)frames * (size_t)p->info.channels, p->effect.db_in);
    wn_tracked_processor_run(&p->processor, frames, p->in, NULL, p->made);
    apply_gain(p->made, (size_t)frames * (size_t)p->width, p->effect.db_out);
    wn_progress_update(&p->progress, p->done += frames);
    return wn_output_file_write(&p->output, p->made, NULL, frames, error);
}

static wn_status run_input(process *p, wn_error *error)
{
    wn_status status = WN_OK;
    for (int64_t got = 1; got && !status && !wn_interrupt_requested();) {
        status = wn_audio_reader_read(p->reader, p->in, p->chunk, &got, error);
        if (!status && got) status = run_chunk(p, (int)got, error);
    }
    return status;
}

/* The file ends where the input did, and a tail later. The model hears silence until all of it is there: the tail, and
 * what the resampler still holds back. */
static wn_status run_tail(process *p, wn_error *error)
{
    wn_status status = WN_OK;
    double rate = wn_output_file_get_rate(&p->output);
    p->length = llround((double)(wn_audio_reader_get_position(p->reader) + tail_frames(p)) * rate / p->info.rate);
    wn_output_file_set_length(&p->output, p->length);
    while (!status && wn_output_file_get_frames(&p->output) < p->length && !wn_interrupt_requested()) {
        int64_t missing =
            (int64_t)ceil((double)(p->length - wn_output_file_get_frames(&p->output)) * p->effect.rate / rate);
        int frames = missing < p->chunk ? (int)missing : p->chunk;
        memset(p->in, 0, (size_t)p->chunk * (size_t)p->info.channels * sizeof *p->in);
        status = run_chunk(p, frames, error);
    }
    return status;
}

static wn_status process_run_all(process *p, wn_error *error)
{
    int64_t total = p->info.frames ? at_model_rate(p, p->info.frames + tail_frames(p)) : 0;
    wn_progress_start(&p->progress, p->cli, total, p->effect.rate);
    wn_status status = run_input(p, error);
    if (!status && !wn_interrupt_requested()) status = run_tail(p, error);
    wn_progress_end(&p->progress);
    if (!status && wn_output_file_get_frames(&p->output) == 0)
        return wn_fail(error, WN_ERROR_FILE, p->o.out, "stopped before the first sample; nothing was written");
    return status;
}

static const char *peak_text(char *text, size_t size, float peak)
{
    if (peak > 0)
        snprintf(text, size, "peak %.1f dB", 20 * log10(peak));
    else
        snprintf(text, size, "silence");
    return text;
}

static void process_report(const process *p, double seconds)
{
    char peak[32];
    int64_t nonfinite_samples = wn_audio_reader_get_nonfinite_samples(p->reader);
    double length = (double)wn_output_file_get_frames(&p->output) / wn_output_file_get_rate(&p->output);
    if (nonfinite_samples)
        wn_cli_note(p->cli, "%s: %lld sample%s not finite, replaced by 0", p->path, (long long)nonfinite_samples,
                    nonfinite_samples > 1 ? "s" : "");
    if (wn_output_file_get_frames(&p->output) < p->length)
        wn_cli_note(p->cli, "stopped after %.2f s; %s is complete up to there", length, p->o.out);
    wn_cli_note(p->cli, "%s: %.2f s, %d channel%s, %s; %.1f x real time, %s kernels", p->o.out, length, p->width,
                p->width > 1 ? "s" : "", peak_text(peak, sizeof peak, wn_output_file_get_peak(&p->output)),
                (double)p->done / p->effect.rate / fmax(seconds, 1e-9),
                wn_plan_get_cpu(wn_processor_get_plan(p->processor.processor, 0)));
}

static wn_status process_file(process *p, wn_error *error)
{
    double started = wn_clock_seconds();
    print_notes(p);
    wn_status status = process_run_all(p, error);
    double seconds = wn_clock_seconds() - started;
    if (!status) status = wn_output_file_finish(&p->output, p->cli, error);
    if (!status) process_report(p, seconds);
    return status;
}

static void process_free(process *p)
{
    wn_output_file_close(&p->output);
    wn_tracked_processor_close(&p->processor);
    wn_audio_reader_free(p->reader);
    wn_conditions_free(&p->conditions);
    wn_effect_free(&p->effect);
    free(p->in);
    free(p->made);
}

static int process_run(wn_cli *cli, int argc, const char **argv)
{
    process p = {.cli = cli,
                 .length = INT64_MAX,
                 .o.run = WN_CLI_RUN_DEFAULT,
                 .o.effect = WN_EFFECT_DEFAULT,
                 .o.block = DEFAULT_BLOCK};
    process_options *o = &p.o;
    const struct poptOption options[] = {
        WN_CLI_MODEL(&o->run),
        {"output", 'o', POPT_ARG_STRING, &o->out, 0,
         "output file: .wav, .flac, .ogg, .opus, .aiff, .f32, .raw or .npy; - is a WAV stream on standard output",
         "OUT"},
        WN_CLI_EFFECT(&o->effect),
        {"tail", 0, POPT_ARG_DOUBLE, &o->tail, 0, "seconds of silent input to add after the end (default 0)",
         "SECONDS"},
        {"no-prewarm", 0, POPT_ARG_NONE, &o->no_prewarm, 0,
         "start with empty histories instead of the state that endless silence leaves", NULL},
        {"block", 0, POPT_ARG_INT, &o->block, 0,
         "block size in frames (default 1024); changes speed and latency, not the samples", "N"},
        {"bits", 0, POPT_ARG_STRING, &o->bits, 0, "sample format: 16, 24 or float (default: the input's)", "B"},
        {"raw", 0, POPT_ARG_NONE, &o->raw, 0, "write samples only, without a header", NULL},
        {"raw-in", 0, POPT_ARG_NONE, &o->raw_in, 0, "read IN as .f32, whatever its name; also standard input", NULL},
        WN_CLI_CONDITIONS(&o->condition),
        WN_CLI_RUN(&o->run),
        WN_CLI_HELP,
    };
    if (!wn_cli_parse(cli, argc, argv, options, 1, 1)) return cli->status;
    p.path = cli->args[0];
    const char *wrong = check_usage(o);
    if (wrong) return wn_cli_usage(cli, "%s", wrong);
    wn_error error = {0};
    wn_interrupt_install();
    wn_status status = process_prepare(&p, &error);
    if (!status) status = process_file(&p, &error);
    process_free(&p);
    return status ? wn_cli_fail(cli, &error) : WN_EXIT_OK;
}

const wn_command wn_command_process = {
    .name = "process",
    .summary = "run sound through a feed-forward model, such as a capture of an amplifier",
    .usage = "-m MODEL IN.wav -o OUT.wav [OPTION...]",
    .example =
        "  wavenet process -m amp.nam guitar.wav -o amped.wav --normalize\n"
        "  arecord -t wav -f S16_LE -r 48000 - | wavenet process -m amp.nam - -o - --block 64 | aplay\n\n"
        "The output is as long as the input, at its rate and without delay. Each channel goes through the model\n"
        "separately. IN may be - for a stream, or .f32: raw little-endian float32, mono, at the model's rate.\n"
        "Ctrl-C completes the file.\n",
    .run = process_run,
};
