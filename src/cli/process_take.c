/* SPDX-License-Identifier: MIT
 * process_take.c - one recording through a chain of models, into a file.
 * Copyright (c) 2026 the wavenet authors */
#include "cli/process_take.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "cli/divergence.h"
#include "cli/interrupt.h"
#include "cli/output_file.h"
#include "cli/progress.h"
#include "cli/tracked_processor.h"

enum { FILE_CHUNK = 4096 };

typedef struct process {
    const wn_take *take;
    wn_audio_reader *reader;
    wn_audio_info info;
    wn_tracked_processor processor;
    wn_output_file output;
    int64_t length;           /* frames of the output; INT64_MAX until the input has ended */
    int chunk, inputs, width; /* frames at a time; channels that go in, and that come out */
    float *read;              /* [chunk][info.channels], with one channel of several; else NULL */
    float *in;                /* [chunk][inputs] */
    float *made;              /* [chunk][width] */
    double limit;             /* of the models' output */
    int64_t done;             /* frames at the models' rate */
    wn_progress progress;
} process;

static double model_rate(const process *p) { return p->take->chain->rate; }

/* ---- opening -------------------------------------------------------------------------------------------------- */

static wn_status check_channels(process *p, wn_error *error)
{
    const wn_take *take = p->take;
    int wanted = take->chain->input_channels, channel = take->options->channel;
    if (channel > p->info.channels)
        return wn_fail(error, WN_ERROR_ARGUMENT, take->path, "has %d channel%s, --channel asks for number %d",
                       p->info.channels, p->info.channels > 1 ? "s" : "", channel);
    p->inputs = channel || take->options->mono ? 1 : p->info.channels;
    if (wanted > 1 && p->inputs != wanted)
        return wn_fail(error, WN_ERROR_ARGUMENT, take->path, "%d channel%s; the model takes %d", p->inputs,
                       p->inputs > 1 ? "s" : "", wanted);
    return WN_OK;
}

static wn_status open_input(process *p, wn_error *error)
{
    const wn_take_options *o = p->take->options;
    wn_audio_reader_config reading = {
        .rate = model_rate(p), .keep_channels = !o->mono, .sanitize = 1, .raw = o->raw_in};
    wn_status status = wn_audio_reader_new(&p->reader, p->take->path, &reading, error);
    if (status) return status;
    p->info = wn_audio_reader_get_info(p->reader);
    return check_channels(p, error);
}

/* Frames at the models' rate that `frames` of the file are. */
static int64_t at_model_rate(const process *p, int64_t frames)
{
    return (int64_t)ceil((double)frames * model_rate(p) / p->info.rate);
}

static int64_t tail_frames(const process *p) { return llround(p->take->options->tail * p->info.rate); }

/* Bits for the output: the input's, where the format has a choice. */
static wn_audio_bits bits_like_input(const process *p)
{
    static const char *const choice[] = {".wav", ".aiff", ".aif", ".raw"};
    const char *out = p->take->out;
    int bits = p->info.bits;
    if (p->take->options->raw || strcmp(out, "-") == 0) return (wn_audio_bits)bits;
    if (wn_file_has_ending(out, ".flac")) return bits > 24 ? WN_AUDIO_24 : (wn_audio_bits)bits;
    for (size_t i = 0; i < sizeof choice / sizeof *choice; i++)
        if (wn_file_has_ending(out, choice[i])) return (wn_audio_bits)bits;
    return WN_AUDIO_DEFAULT;
}

/* Metadata for the output. The loudness in a broadcast extension of version 2 (EBU Tech 3285) is the input's: it becomes
 * 0x7fff, "not stated". */
static void take_chunks(const process *p, wn_audio_chunk chunks[WN_AUDIO_CHUNKS])
{
    enum { VERSION = 346, LOUDNESS = 412, LOUDNESS_END = 422 };
    memcpy(chunks, wn_audio_reader_get_chunks(p->reader), WN_AUDIO_CHUNKS * sizeof *chunks);
    for (int i = 0; i < WN_AUDIO_CHUNKS; i++) {
        unsigned char *bytes = chunks[i].bytes;
        if (strcmp(chunks[i].name, "bext") != 0 || chunks[i].size < LOUDNESS_END || bytes[VERSION] < 2) continue;
        for (int k = LOUDNESS; k < LOUDNESS_END; k += 2) memcpy(bytes + k, "\xff\x7f", 2);
    }
}

static bool has_place_for_chunks(const process *p)
{
    const char *out = p->take->out;
    return !p->take->options->raw && (strcmp(out, "-") == 0 || wn_file_has_ending(out, ".wav"));
}

static wn_status open_output(process *p, wn_error *error)
{
    wn_audio_chunk chunks[WN_AUDIO_CHUNKS];
    take_chunks(p, chunks);
    const wn_take_options *o = p->take->options;
    wn_audio_writer_config config = {.rate = p->info.rate,
                                     .source_rate = model_rate(p),
                                     .channels = p->width,
                                     .raw = o->raw,
                                     .bits = o->bits ? o->bits : bits_like_input(p),
                                     .chunks = chunks};
    if (p->info.frames) config.frames = p->info.frames + tail_frames(p);
    return wn_output_file_open(&p->output, p->take->out, &config, false, error);
}

static wn_status make_buffers(process *p, wn_error *error)
{
    size_t chunk = (size_t)p->chunk;
    bool picks = p->take->options->channel && p->info.channels > 1;
    p->read = picks ? calloc(chunk * (size_t)p->info.channels, sizeof *p->read) : NULL;
    p->in = calloc(chunk * (size_t)p->inputs, sizeof *p->in);
    p->made = calloc(chunk * (size_t)p->width, sizeof *p->made);
    return p->in && p->made && (p->read || !picks) ? WN_OK : wn_fail_memory(error, NULL);
}

/* Files are read in pieces of a good size; a live stream waits for no more than a block. */
static wn_status open_processor(process *p, wn_error *error)
{
    const wn_take_options *o = p->take->options;
    const wn_chain *chain = p->take->chain;
    bool live = strcmp(p->take->path, "-") == 0 || p->info.frames == 0;
    p->chunk = live || o->block > FILE_CHUNK ? o->block : FILE_CHUNK;
    p->limit = (double)WN_MAX_SAMPLE * fmax(1, pow(10, chain->db_in / 20));
    wn_processor_config config = {.channels = p->inputs, .max_frames = o->block, .threads = o->threads, .cpu = o->cpu};
    wn_status status =
        wn_tracked_processor_open(&p->processor, chain->models, chain->n, p->take->conditions, &config, error);
    if (status) return status;
    if (!o->no_prewarm) wn_tracked_processor_prewarm(&p->processor);
    p->width = p->processor.output_channels;
    return make_buffers(p, error);
}

static wn_status process_prepare(process *p, wn_error *error)
{
    const wn_take *take = p->take;
    wn_status status = open_input(p, error);
    if (!status)
        status = wn_conditions_check_length(take->conditions, take->chain->models[0], at_model_rate(p, p->info.frames),
                                            error);
    if (!status) status = open_processor(p, error);
    return status ? status : open_output(p, error);
}

/* Notes about decisions that the user did not ask for explicitly. */
static void print_notes(const process *p)
{
    const wn_take *take = p->take;
    double rate = wn_output_file_get_rate(&p->output);
    bool opus = rate != p->info.rate;
    wn_chain_note(take->chain, take->cli);
    if (*p->info.note) wn_cli_note(take->cli, "%s: %s", take->path, p->info.note);
    if (wn_audio_reader_get_chunks(p->reader)->size && !has_place_for_chunks(p))
        wn_cli_note(take->cli, "%s: has no place for the broadcast metadata of %s", take->out, take->path);
    if (p->info.resampled)
        wn_cli_note(take->cli, "%s: resampled from %g to %g Hz for the model%s", take->path, p->info.rate,
                    model_rate(p), opus ? "" : ", and back");
    if (opus && rate != model_rate(p))
        wn_cli_note(take->cli, "%s: resampled from %g to %g Hz", take->out, model_rate(p), rate);
    else if (opus)
        wn_cli_note(take->cli, "%s: written at the model's %g Hz", take->out, rate);
}

/* ---- running -------------------------------------------------------------------------------------------------- */

static void apply_gain(float *x, size_t n, double db)
{
    float factor = (float)pow(10, db / 20);
    for (size_t i = 0; i < n; i++) x[i] *= factor;
}

/* A model that diverges is told, not written as noise. */
static wn_status check_output(const process *p, int frames, wn_error *error)
{
    int64_t at = wn_find_divergence(p->made, (int64_t)frames * p->width, p->limit);
    if (at < 0) return WN_OK;
    return wn_fail_divergence(error, p->take->path, p->made[at], p->done + at / p->width, model_rate(p));
}

/* The next `frames` frames of p->in. */
static wn_status run_chunk(process *p, int frames, wn_error *error)
{
    apply_gain(p->in, (size_t)frames * (size_t)p->inputs, p->take->chain->db_in);
    wn_tracked_processor_run(&p->processor, frames, p->in, NULL, p->made);
    wn_status status = check_output(p, frames, error);
    if (status) return status;
    apply_gain(p->made, (size_t)frames * (size_t)p->width, p->take->chain->db_out);
    p->done += frames;
    if (!p->take->is_one_of_many) wn_progress_update(&p->progress, p->done);
    return wn_output_file_write(&p->output, p->made, NULL, frames, error);
}

/* The next frames of the channels that are asked for, into p->in. */
static wn_status read_chunk(process *p, int64_t *got, wn_error *error)
{
    wn_status status = wn_audio_reader_read(p->reader, p->read ? p->read : p->in, p->chunk, got, error);
    for (int64_t t = 0; p->read && t < *got; t++)
        p->in[t] = p->read[t * p->info.channels + p->take->options->channel - 1];
    return status;
}

static wn_status run_input(process *p, wn_error *error)
{
    wn_status status = WN_OK;
    for (int64_t got = 1; got && !status && !wn_interrupt_requested();) {
        status = read_chunk(p, &got, error);
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
            (int64_t)ceil((double)(p->length - wn_output_file_get_frames(&p->output)) * model_rate(p) / rate);
        int frames = missing < p->chunk ? (int)missing : p->chunk;
        memset(p->in, 0, (size_t)p->chunk * (size_t)p->inputs * sizeof *p->in);
        status = run_chunk(p, frames, error);
    }
    return status;
}

static wn_status process_run_all(process *p, wn_error *error)
{
    int64_t total = p->info.frames ? at_model_rate(p, p->info.frames + tail_frames(p)) : 0;
    wn_progress_start(&p->progress, p->take->cli, total, model_rate(p));
    wn_status status = run_input(p, error);
    if (!status && !wn_interrupt_requested()) status = run_tail(p, error);
    wn_progress_end(&p->progress);
    if (!status && wn_output_file_get_frames(&p->output) == 0)
        return wn_fail(error, WN_ERROR_FILE, p->take->out, "stopped before the first sample; nothing was written");
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

/* "; 3 samples clipped; stopped": what are notes of their own where there is one take. */
static const char *more_text(const process *p, char *text, size_t size)
{
    size_t used = 0;
    const wn_audio_writer *audio = p->output.audio;
    int64_t nonfinite = wn_audio_reader_get_nonfinite_samples(p->reader);
    int64_t clipped = audio && wn_audio_writer_is_clipping(audio) ? wn_audio_writer_get_clipped(audio) : 0;
    text[0] = 0;
    if (*p->info.note) used = (size_t)snprintf(text, size, "; %s", p->info.note);
    if (clipped)
        used += (size_t)snprintf(text + used, size - used, "; %lld sample%s clipped", (long long)clipped,
                                 wn_text_plural(clipped));
    if (nonfinite)
        used += (size_t)snprintf(text + used, size - used, "; %lld sample%s not finite, replaced by 0",
                                 (long long)nonfinite, wn_text_plural(nonfinite));
    if (wn_output_file_get_frames(&p->output) < p->length) snprintf(text + used, size - used, "; stopped");
    return text;
}

static void process_report(const process *p, double seconds)
{
    char peak[32], more[320];
    const wn_take *take = p->take;
    int64_t nonfinite_samples = wn_audio_reader_get_nonfinite_samples(p->reader);
    double length = (double)wn_output_file_get_frames(&p->output) / wn_output_file_get_rate(&p->output);
    if (nonfinite_samples && !take->is_one_of_many)
        wn_cli_note(take->cli, "%s: %lld sample%s not finite, replaced by 0", take->path, (long long)nonfinite_samples,
                    nonfinite_samples > 1 ? "s" : "");
    if (wn_output_file_get_frames(&p->output) < p->length && !take->is_one_of_many)
        wn_cli_note(take->cli, "stopped after %.2f s; %s is complete up to there", length, take->out);
    wn_cli_note(take->cli, "%s: %.2f s, %d channel%s, %s; %.1f x real time, %s kernels%s", take->out, length, p->width,
                p->width > 1 ? "s" : "", peak_text(peak, sizeof peak, wn_output_file_get_peak(&p->output)),
                (double)p->done / model_rate(p) / fmax(seconds, 1e-9),
                wn_plan_get_cpu(wn_processor_get_plan(p->processor.processor, 0)),
                take->is_one_of_many ? more_text(p, more, sizeof more) : "");
}

static wn_status process_file(process *p, wn_error *error)
{
    double started = wn_clock_seconds();
    if (!p->take->is_one_of_many) print_notes(p);
    wn_status status = process_run_all(p, error);
    double seconds = wn_clock_seconds() - started;
    if (!status) status = wn_output_file_finish(&p->output, p->take->is_one_of_many ? NULL : p->take->cli, error);
    if (!status) process_report(p, seconds);
    return status;
}

wn_status wn_take_process(const wn_take *take, wn_error *error)
{
    process p = {.take = take, .length = INT64_MAX};
    wn_status status = process_prepare(&p, error);
    if (!status) status = process_file(&p, error);
    wn_output_file_close(&p.output);
    wn_tracked_processor_close(&p.processor);
    wn_audio_reader_free(p.reader);
    free(p.read);
    free(p.in);
    free(p.made);
    return status;
}
