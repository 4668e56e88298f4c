/* SPDX-License-Identifier: MIT
 * input_sequence.h - a signal as a network takes it: PCM values or classes.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_CLI_INPUT_SEQUENCE_H
#define WN_CLI_INPUT_SEQUENCE_H

#include "cli/cli.h"
#include "format/npy.h"

typedef struct wn_input_sequence {
    int64_t frames;
    const float *pcm;       /* [frames][input channels], or NULL for class models */
    const int32_t *classes; /* [frames], class models only */
    wn_npy npy;             /* what they point into, one way or the other */
    float *read;
    int32_t *encoded;
} wn_input_sequence;

/* From .npy: float32 [T], or [T][channels] where the model takes several; or int32 [T] classes. wn_input_sequence_free
 * afterwards, also after a failure. */
wn_status wn_input_sequence_read_npy(wn_input_sequence *out, const char *path, const wn_model *model, wn_error *error);

/* From .npy as above, or from a sound file: mixed down, resampled to the model's rate (and said), encoded. Models of
 * several channels take .npy only. */
wn_status wn_input_sequence_read(wn_input_sequence *out, const wn_cli *cli, const char *path, const wn_model *model,
                                 wn_error *error);

void wn_input_sequence_free(wn_input_sequence *sequence);

/* A sound file as mono floats at `rate` Hz, *pcm [*frames] to be freed; what had to be changed is noted. */
wn_status wn_cli_read_audio(float **pcm, int64_t *frames, const wn_cli *cli, const char *path, double rate,
                            wn_error *error);

#endif
