/* SPDX-License-Identifier: MIT
 * sound_output.c - where speech goes: into a file, or to a device while it is made.
 * Copyright (c) 2026 the wavenet authors */
#include "cli/sound_output.h"

#include <math.h>

#include "cli/interrupt.h"

const char *wn_sound_output_check(const wn_sound_output_options *o)
{
    bool plays = o->device || o->device_options.rate != 0 || o->device_options.frames != 0;
    if (o->path && plays) return "--device, --rate and --buffer are for playing, without -o";
    if (!o->path && (o->bits || o->raw)) return "--bits and --raw are for a file; -o OUT.wav is missing";
    return wn_cli_check_device(&o->device_options);
}

wn_status wn_sound_output_open(wn_sound_output *output, const wn_cli *cli, const wn_sound_output_options *o,
                               const char *input, double began, double rate, bool classes, wn_error *error)
{
    output->cli = cli;
    output->path = o->path;
    if (!o->path) {
        wn_live_sound_config config = {.output = o->device,
                                       .input = input,
                                       .records = input != NULL,
                                       .device = o->device_options,
                                       .began = began,
                                       .rate = rate};
        return wn_live_sound_open(&output->device, cli, &config, error);
    }
    wn_audio_writer_config config = {.rate = rate, .channels = 1, .raw = o->raw};
    wn_status status = wn_output_file_bits(&config.bits, o->bits, error);
    return status ? status : wn_output_file_open(&output->file, o->path, &config, classes, error);
}

wn_status wn_sound_output_write(wn_sound_output *output, const float *pcm, const int32_t *classes, int64_t frames,
                                wn_error *error)
{
    return output->path ? wn_output_file_write(&output->file, pcm, classes, frames, error)
                        : wn_live_sound_write(&output->device, pcm, frames, error);
}

wn_status wn_sound_output_finish(wn_sound_output *output, wn_error *error)
{
    return output->path ? wn_output_file_finish(&output->file, output->cli, error)
                        : wn_live_sound_finish(&output->device, error);
}

static void report_device(const wn_sound_output *output, const wn_player_stats *stats)
{
    long long lost = atomic_load(&output->device.lost);
    if (stats->underruns)
        wn_cli_note(output->cli, "sound was late %lld time%s: %.2f s of silence in all", (long long)stats->underruns,
                    stats->underruns > 1 ? "s" : "", (double)stats->underrun_frames / output->device.about.rate);
    if (lost)
        wn_cli_note(output->cli, "%.2f s of the microphone are missing: the model was too slow",
                    (double)lost / output->device.about.rate);
}

void wn_sound_output_report(const wn_sound_output *output, int64_t frames, double seconds, long long seed,
                            const char *kernels, const char *more)
{
    char made[128], first[64] = "";
    double length = (double)frames / (output->path ? wn_output_file_get_rate(&output->file) : output->device.rate);
    snprintf(made, sizeof made, "%.0f samples/s, %.2f x real time, ", (double)frames / fmax(seconds, 1e-9),
             length / fmax(seconds, 1e-9));
    if (output->path && wn_interrupt_requested())
        wn_cli_note(output->cli, "stopped; %s is complete up to there", output->path);
    if (!output->path) {
        wn_player_stats stats = wn_live_sound_get_stats(&output->device);
        report_device(output, &stats);
        if (stats.probes) snprintf(first, sizeof first, "; first sound after %.0f ms", 1e3 * stats.latency_worst);
        *made = 0; /* the speed is that of the device */
    }
    wn_cli_note(output->cli, "%s: %.2f s, seed %lld; %s%s kernels%s%s",
                output->path ? output->path : output->device.about.text, length, seed, made, kernels, first, more);
}

void wn_sound_output_close(wn_sound_output *output)
{
    wn_output_file_close(&output->file);
    if (!output->path && output->cli) wn_live_sound_close(&output->device);
}
