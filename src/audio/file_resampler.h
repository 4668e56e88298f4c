/* SPDX-License-Identifier: MIT
 * file_resampler.h - a signal at another rate, block by block: soxr behind three calls.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_AUDIO_FILE_RESAMPLER_H
#define WN_AUDIO_FILE_RESAMPLER_H

#include "wavenet/wavenet.h"

/* soxr's own object. What comes out is aligned with what went in: the filter's delay is taken off. */
typedef struct soxr wn_file_resampler;

/* From `from` Hz to `to` Hz, frames of `channels`, at the highest quality. `where` names the file in messages. */
wn_status wn_file_resampler_new(wn_file_resampler **out, double from, double to, int channels, const char *where,
                           wn_error *error);
void wn_file_resampler_free(wn_file_resampler *resampler);

/* Take up to `frames` frames of `in` [frames][channels], make up to `room` frames of `out` [room][channels]. `in` NULL: the
 * signal is over, and what is still held comes out. */
wn_status wn_file_resampler_run(wn_file_resampler *resampler, const float *in, size_t frames, size_t *used, float *out, size_t room,
                           size_t *made, const char *where, wn_error *error);

#endif
