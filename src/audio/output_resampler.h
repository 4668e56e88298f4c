/* SPDX-License-Identifier: MIT
 * output_resampler.h - the last step before a file: from the sound's rate to the file's, and to an exact length.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_AUDIO_OUTPUT_RESAMPLER_H
#define WN_AUDIO_OUTPUT_RESAMPLER_H

#include "audio/file_resampler.h"

typedef struct wn_output_resampler {
    wn_file_resampler *resampler; /* NULL: the rates agree */
    int channels;
    float *resampled; /* [BLOCK][channels] */
    int64_t written;  /* frames of the file */
    int64_t length;   /* the file ends there; INT64_MAX until it is known */
    float peak;       /* largest absolute value written */
} wn_output_resampler;

/* Receives frames of the file, at most 4096 at a time where they were resampled: pcm [frames][channels]. */
typedef wn_status wn_output_resampler_sink(void *user, const float *pcm, int64_t frames, wn_error *error);

/* `where` names the file in messages. wn_output_resampler_close afterwards, also after a failure. */
wn_status wn_output_resampler_open(wn_output_resampler *out, double from, double to, int channels, const char *where,
                                   wn_error *error);
void wn_output_resampler_close(wn_output_resampler *resampler);

/* Hand on pcm [frames][channels], but nothing beyond the length. */
wn_status wn_output_resampler_write(wn_output_resampler *resampler, const float *pcm, int64_t frames,
                                    wn_output_resampler_sink *sink, void *user, const char *where, wn_error *error);

/* The sound is over: hand on what the filter still holds. */
wn_status wn_output_resampler_finish(wn_output_resampler *resampler, wn_output_resampler_sink *sink, void *user,
                                     const char *where, wn_error *error);

#endif
