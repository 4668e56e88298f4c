/* SPDX-License-Identifier: MIT
 * output_resampler.c - the last step before a file: from the sound's rate to the file's, and to an exact length.
 * Copyright (c) 2026 the wavenet authors */
#include "audio/output_resampler.h"

#include <math.h>
#include <stdlib.h>

#include "base/error.h"

enum { BLOCK = 4096 };

wn_status wn_output_resampler_open(wn_output_resampler *out, double from, double to, int channels, const char *where,
                                   wn_error *error)
{
    *out = (wn_output_resampler){.channels = channels, .length = INT64_MAX};
    if (from == to) return WN_OK;
    out->resampled = calloc((size_t)BLOCK * (size_t)channels, sizeof *out->resampled);
    if (!out->resampled) return wn_fail_memory(error, where);
    return wn_file_resampler_new(&out->resampler, from, to, channels, where, error);
}

void wn_output_resampler_close(wn_output_resampler *resampler)
{
    wn_file_resampler_free(resampler->resampler);
    free(resampler->resampled);
    *resampler = (wn_output_resampler){0};
}

/* Frames at the file's rate. */
static wn_status deliver_frames(wn_output_resampler *o, const float *pcm, int64_t frames,
                                wn_output_resampler_sink *sink, void *user, wn_error *error)
{
    int64_t left = o->length - o->written, n = frames < left ? frames : left;
    if (n <= 0) return WN_OK;
    for (int64_t i = 0; i < n * o->channels; i++)
        if (fabsf(pcm[i]) > o->peak) o->peak = fabsf(pcm[i]);
    o->written += n;
    return sink(user, pcm, n, error);
}

/* pcm NULL: the end of the signal. */
static wn_status resample_frames(wn_output_resampler *o, const float *pcm, size_t left, wn_output_resampler_sink *sink,
                                 void *user, const char *where, wn_error *error)
{
    size_t used = 0, made = pcm ? 0 : BLOCK;
    wn_status status = WN_OK;
    while (!status && (left || (pcm ? made == BLOCK : made > 0))) {
        status = wn_file_resampler_run(o->resampler, pcm, left, &used, o->resampled, BLOCK, &made, where, error);
        if (!status) status = deliver_frames(o, o->resampled, (int64_t)made, sink, user, error);
        if (pcm) pcm += used * (size_t)o->channels;
        left -= used;
    }
    return status;
}

wn_status wn_output_resampler_write(wn_output_resampler *resampler, const float *pcm, int64_t frames,
                                    wn_output_resampler_sink *sink, void *user, const char *where, wn_error *error)
{
    if (!resampler->resampler) return deliver_frames(resampler, pcm, frames, sink, user, error);
    return frames > 0 ? resample_frames(resampler, pcm, (size_t)frames, sink, user, where, error) : WN_OK;
}

wn_status wn_output_resampler_finish(wn_output_resampler *resampler, wn_output_resampler_sink *sink, void *user,
                                     const char *where, wn_error *error)
{
    bool over = !resampler->resampler || resampler->written >= resampler->length;
    return over ? WN_OK : resample_frames(resampler, NULL, 0, sink, user, where, error);
}
