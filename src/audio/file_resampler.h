/* SPDX-License-Identifier: MIT
 * file_resampler.h - streaming resampler for files, implemented with soxr.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_AUDIO_FILE_RESAMPLER_H
#define WN_AUDIO_FILE_RESAMPLER_H

#include "wavenet/wavenet.h"

/* soxr's own object. The output is aligned with the input: soxr compensates the filter's delay. */
typedef struct soxr wn_file_resampler;

/* Resample frames of `channels` samples from `from` Hz to `to` Hz at soxr's very high quality. Error messages call the
 * file `where`. */
wn_status wn_file_resampler_new(wn_file_resampler **out, double from, double to, int channels, const char *where,
                                wn_error *error);
void wn_file_resampler_free(wn_file_resampler *resampler);

/* Read *used <= frames frames of `in` [frames][channels] and write *written <= capacity frames to `out`
 * [capacity][channels]. An `in` of NULL marks the end of the signal and flushes the filter. */
wn_status wn_file_resampler_run(wn_file_resampler *resampler, const float *in, size_t frames, size_t *used, float *out,
                                size_t capacity, size_t *written, const char *where, wn_error *error);

#endif
