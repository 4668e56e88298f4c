/* SPDX-License-Identifier: MIT
 * outlet.c - the end of a process: from the model's rate to the file's, to an exact length, into a sink.
 * Copyright (c) 2026 the wavenet authors */
#include "cli/outlet.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "model/model.h"

enum { BLOCK = 4096 };

wn_status wn_outlet_open(wn_outlet *outlet, const char *path, double rate, const wn_audio_writer_config *config,
                         wn_error *error)
{
    memset(outlet, 0, sizeof *outlet);
    outlet->channels = config->channels;
    outlet->length = INT64_MAX;
    outlet->resampled = calloc((size_t)BLOCK * (size_t)config->channels, sizeof *outlet->resampled);
    if (!outlet->resampled) return wn_fail_memory(error, path);
    wn_status status = WN_OK;
    if (rate != config->rate)
        status = wn_file_resampler_new(&outlet->resampler, rate, config->rate, config->channels, path, error);
    return status ? status : wn_output_file_open(&outlet->sink, path, config, false, error);
}

void wn_outlet_close(wn_outlet *outlet)
{
    wn_output_file_close(&outlet->sink);
    wn_file_resampler_free(outlet->resampler);
    free(outlet->resampled);
    memset(outlet, 0, sizeof *outlet);
}

/* `frames` frames at the file's rate. */
static wn_status deliver(wn_outlet *o, const float *pcm, size_t frames, wn_error *error)
{
    int64_t room = o->length - o->written, n = (int64_t)frames < room ? (int64_t)frames : room;
    for (int64_t i = 0; i < n * o->channels; i++)
        if (fabsf(pcm[i]) > o->peak) o->peak = fabsf(pcm[i]);
    o->written += n;
    return n ? wn_output_file_write(&o->sink, pcm, NULL, n, error) : WN_OK;
}

wn_status wn_outlet_write(wn_outlet *outlet, const float *pcm, int frames, wn_error *error)
{
    if (!outlet->resampler) return deliver(outlet, pcm, (size_t)frames, error);
    size_t left = (size_t)frames, used = 0, made = 0;
    wn_status status = WN_OK;
    while (!status && (left || made == BLOCK)) {
        status =
            wn_file_resampler_run(outlet->resampler, pcm, left, &used, outlet->resampled, BLOCK, &made, "output", error);
        if (!status) status = deliver(outlet, outlet->resampled, made, error);
        pcm += used * (size_t)outlet->channels;
        left -= used;
    }
    return status;
}
