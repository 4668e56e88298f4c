/* SPDX-License-Identifier: MIT
 * output_file.h - where generated sound goes: a sound file, a pipe, or an array.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_CLI_OUTPUT_FILE_H
#define WN_CLI_OUTPUT_FILE_H

#include "audio/output_resampler.h"
#include "cli/cli.h"
#include "format/npy.h"
#include "format/npy_write.h"
#include "wavenet/audio.h"

typedef struct wn_output_file {
    wn_audio_writer *audio; /* one of the two */
    wn_npy_writer *array;
    bool classes;                        /* the array's elements: int32 classes, else float32 samples */
    wn_output_resampler array_resampler; /* sound files have their own */
    double array_rate;                   /* Hz */
    char where[192];
} wn_output_file;

/* The bits called `text` ("16", "24", "float"; NULL: the default). */
wn_status wn_output_file_bits(wn_audio_bits *out, const char *text, wn_error *error);

/* WN_OK unless `path` (NULL: no output) leads to the same file as one of `inputs` [n], some of which may be NULL. */
wn_status wn_output_file_check(const char *path, const char *const *inputs, int n, wn_error *error);

/* Open by name: `.npy` is an array, [T] or [T][channels], of `classes` if wanted; all else as audio.h says. */
wn_status wn_output_file_open(wn_output_file *file, const char *path, const wn_audio_writer_config *config,
                              bool classes, wn_error *error);

/* pcm and classes [frames][channels]; the file takes the one it wants. */
wn_status wn_output_file_write(wn_output_file *file, const float *pcm, const int32_t *classes, int64_t frames,
                               wn_error *error);

/* Give the file its name, and say what had to be changed, unless `cli` is NULL. */
wn_status wn_output_file_finish(wn_output_file *file, const wn_cli *cli, wn_error *error);

/* As the functions of wn_audio_writer, for arrays, too: let the file end after `frames` frames at its own rate; that rate, the
 * frames so far, and the largest absolute value. */
void wn_output_file_set_length(wn_output_file *file, int64_t frames);
double wn_output_file_get_rate(const wn_output_file *file);
int64_t wn_output_file_get_frames(const wn_output_file *file);
float wn_output_file_get_peak(const wn_output_file *file);

/* Throw away what was not finished. Zeroed sinks are allowed. */
void wn_output_file_close(wn_output_file *file);

#endif
