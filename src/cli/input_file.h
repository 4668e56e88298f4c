/* SPDX-License-Identifier: MIT
 * input_file.h - samples from a sound file or an array, block by block.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_CLI_INPUT_FILE_H
#define WN_CLI_INPUT_FILE_H

#include "format/npy.h"
#include "wavenet/audio.h"

typedef struct wn_input_file {
    const char *path;
    wn_audio_reader *reader; /* NULL: an array */
    wn_npy array;            /* [frames] or [frames][channels] */
    int64_t next;            /* frame of the array */
    double rate;             /* Hz of the samples; 0: the file does not say */
    double file_rate;        /* Hz of the file, before resampling */
    int channels;
} wn_input_file;

/* Open any sound file, `.f32` or `.npy`, resampled to `rate` Hz unless that is 0 or the file has no rate. `path` must
 * outlive it. wn_input_file_close afterwards, also after a failure. */
wn_status wn_input_file_open(wn_input_file *input, const char *path, double rate, wn_error *error);
void wn_input_file_close(wn_input_file *input);

/* Read up to `frames` frames [frames][channels]; *got < frames only at the end. NaN and Inf are refused. */
wn_status wn_input_file_read(wn_input_file *input, float *pcm, int64_t frames, int64_t *got, wn_error *error);

#endif
