/* SPDX-License-Identifier: MIT
 * sound_output.h - where speech goes: into a file, or to a device while it is made.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_CLI_SOUND_OUTPUT_H
#define WN_CLI_SOUND_OUTPUT_H

#include "cli/live_sound.h"
#include "cli/output_file.h"

typedef struct wn_sound_output_options {
    char *path, *bits, *device; /* path NULL: the sound is played */
    int raw;
    wn_device_options device_options;
} wn_sound_output_options;

/* clang-format off */
#define WN_CLI_SOUND_OUTPUT(o) \
    { "output", 'o', POPT_ARG_STRING, &(o)->path, 0, \
      ".wav, .flac, .ogg, .opus, .aiff, .f32, .raw or .npy; - is a WAV stream on standard output (default: play it)", \
      "OUT" }, \
    { "bits", 0, POPT_ARG_STRING, &(o)->bits, 0, "sample format of the file: 16 (default), 24 or float", "B" }, \
    { "raw", 0, POPT_ARG_NONE, &(o)->raw, 0, "write samples only, without a header", NULL }, \
    { "device", 'd', POPT_ARG_STRING, &(o)->device, 0, \
      "output device: number or name from wavenet devices, or a part of it (default: the system's choice)", "D" }, \
    WN_CLI_DEVICE(&(o)->device_options)
/* clang-format on */

typedef struct wn_sound_output {
    const wn_cli *cli;
    const char *path;    /* NULL: a device */
    wn_output_file file; /* one of the two */
    wn_live_sound device;
} wn_sound_output;

/* NULL, or what is wrong with the usage. */
const char *wn_sound_output_check(const wn_sound_output_options *options);

/* Open the file, or the device; `input` is NULL unless a microphone is to be heard, "" for the system's choice. `began` is the time
 * of the clock from which the first sound counts, `rate` that of the sound in Hz, `classes` whether an array holds classes. Call wn_sound_output_close afterwards, also after a
 * failure. The record must stay where it is while it is open. */
wn_status wn_sound_output_open(wn_sound_output *output, const wn_cli *cli, const wn_sound_output_options *options,
                               const char *input, double began, double rate, bool classes, wn_error *error);

/* pcm and classes [frames]. */
wn_status wn_sound_output_write(wn_sound_output *output, const float *pcm, const int32_t *classes, int64_t frames,
                                wn_error *error);

/* Give the file its name, or wait until everything was heard. */
wn_status wn_sound_output_finish(wn_sound_output *output, wn_error *error);

/* What happened, as a note: "out.wav: 2.31 s, seed 0; 90000 samples/s, 5.6 x real time, avx2 kernels", with what a device has
 * to say. `more`: what the command adds, "" for nothing. */
void wn_sound_output_report(const wn_sound_output *output, int64_t frames, double seconds, long long seed,
                            const char *kernels, const char *more);

void wn_sound_output_close(wn_sound_output *output);

#endif
