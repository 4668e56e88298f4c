/* SPDX-License-Identifier: MIT
 * input_file.c - samples from a sound file or an array, block by block.
 * Copyright (c) 2026 the wavenet authors */
#include "cli/input_file.h"

#include <math.h>
#include <string.h>

#include "base/file.h"

enum { MAX_CHANNELS = 1024 };

static wn_status open_array(wn_input_file *r, wn_error *error)
{
    wn_status status = wn_npy_read(&r->array, r->path, error);
    if (status) return status;
    status = wn_npy_expect(&r->array, WN_NPY_FLOAT32, r->array.rank == 2 ? 2 : 1, r->path, error);
    if (!status && r->array.count == 0) status = wn_fail(error, WN_ERROR_FORMAT, r->path, "holds no samples");
    if (!status && r->array.rank == 2 && r->array.shape[1] > MAX_CHANNELS)
        status = wn_fail(error, WN_ERROR_FORMAT, r->path, "%lld channels; up to %d were expected",
                         (long long)r->array.shape[1], MAX_CHANNELS);
    if (!status) r->channels = r->array.rank == 2 ? (int)r->array.shape[1] : 1;
    return status;
}

wn_status wn_input_file_open(wn_input_file *input, const char *path, double rate, wn_error *error)
{
    memset(input, 0, sizeof *input);
    input->path = path;
    if (wn_file_has_ending(path, ".npy")) return open_array(input, error);
    wn_audio_reader_config reading = {.rate = rate, .keep_channels = 1};
    wn_status status = wn_audio_reader_new(&input->reader, path, &reading, error);
    if (status) return status;
    wn_audio_info info = wn_audio_reader_get_info(input->reader);
    input->channels = info.channels;
    input->file_rate = wn_file_has_ending(path, ".f32") ? 0 : info.rate;
    input->rate = input->file_rate > 0 && rate > 0 ? rate : input->file_rate;
    return WN_OK;
}

void wn_input_file_close(wn_input_file *input)
{
    wn_audio_reader_free(input->reader);
    wn_npy_free(&input->array);
    memset(input, 0, sizeof *input);
}

static wn_status read_array(wn_input_file *r, float *pcm, int64_t frames, int64_t *got, wn_error *error)
{
    int64_t left = r->array.shape[0] - r->next;
    *got = left < frames ? left : frames;
    size_t n = (size_t)*got * (size_t)r->channels;
    memcpy(pcm, r->array.floats + r->next * r->channels, n * sizeof *pcm);
    r->next += *got;
    for (size_t i = 0; i < n; i++)
        if (!isfinite(pcm[i]))
            return wn_fail(error, WN_ERROR_FORMAT, r->path, "sample %lld is not a finite number",
                           (long long)(r->next - *got + (int64_t)i / r->channels));
    return WN_OK;
}

wn_status wn_input_file_read(wn_input_file *input, float *pcm, int64_t frames, int64_t *got, wn_error *error)
{
    if (input->reader) return wn_audio_reader_read(input->reader, pcm, frames, got, error);
    return read_array(input, pcm, frames, got, error);
}
