/* SPDX-License-Identifier: MIT
 * outlet.h - the end of a process: from the model's rate to the file's, to an exact length, into a sink.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_CLI_OUTLET_H
#define WN_CLI_OUTLET_H

#include "audio/file_resampler.h"
#include "cli/output_file.h"

typedef struct wn_outlet {
    wn_output_file sink;
    wn_file_resampler *resampler; /* NULL: the rates agree */
    int channels;
    float *resampled; /* [BLOCK][channels] */
    int64_t written;  /* frames of the file */
    int64_t length;   /* the file ends there; INT64_MAX until it is known */
    float peak;       /* largest absolute value written */
} wn_outlet;

/* Open the file `path` for what arrives at `rate` Hz and is to be as `config` says. wn_outlet_close afterwards, also after
 * a failure. */
wn_status wn_outlet_open(wn_outlet *outlet, const char *path, double rate, const wn_audio_writer_config *config, wn_error *error);
void wn_outlet_close(wn_outlet *outlet);

/* Write pcm [frames][channels], but nothing beyond the length. */
wn_status wn_outlet_write(wn_outlet *outlet, const float *pcm, int frames, wn_error *error);

#endif
