/* SPDX-License-Identifier: MIT
 * feature_input.h - the features of a sound file, a stream or a microphone, row by row, higher or slower on demand.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_CLI_FEATURE_INPUT_H
#define WN_CLI_FEATURE_INPUT_H

#include "cli/live_sound.h"
#include "wavenet/audio.h"
#include "wavenet/wavenet.h"

typedef struct wn_feature_input {
    wn_analysis_config config;
    double pitch;              /* octaves that the pitch channel is raised by */
    double stretch;            /* rows out per row in */
    wn_audio_reader *reader;   /* one of the two */
    wn_live_sound *microphone; /* until an interrupt */
    wn_analysis *analysis;
    int channels;
    float *pcm;  /* [BLOCK] */
    float *rows; /* [capacity] as they were analysed */
    float *last; /* the analysed row before */
    int64_t samples, n_in, n_out;
    float peak;
    bool over; /* the sound has ended */
} wn_feature_input;

/* Open `path` (- is standard input) with the analysis of `model`; messages call the model `name`. A note says if the sound was
 * mixed or resampled. With `microphone`, which is opened before the first read, at the rate of the analysis, `path` is only a name.
 * `stretch` is above 0. Call wn_feature_input_close afterwards, also after a failure. */
wn_status wn_feature_input_open(wn_feature_input *input, const wn_cli *cli, const char *path, wn_live_sound *microphone,
                                const wn_model *model, const char *name, double pitch, double stretch, wn_error *error);
void wn_feature_input_close(wn_feature_input *input);

/* Maximum number of rows of one wn_feature_input_read. */
int wn_feature_input_get_capacity(const wn_feature_input *input);

/* The next rows, *got of them, into `rows` [capacity][channels]. 0 rows are not the end: input->over is. At the end, a file
 * that is silent or shorter than the window is an error. */
wn_status wn_feature_input_read(wn_feature_input *input, const char *path, float *rows, int *got, wn_error *error);

/* Samples that the rows of the whole sound stand for; known when it is over. */
int64_t wn_feature_input_get_frames(const wn_feature_input *input);

#endif
