/* SPDX-License-Identifier: MIT
 * output_file.c - where generated sound goes: a sound file, a pipe, or an array.
 * Copyright (c) 2026 the wavenet authors */
#include "cli/output_file.h"

#include <string.h>

#include "base/file.h"
#include "format/npy_write.h"

wn_status wn_output_file_bits(wn_audio_bits *out, const char *text, wn_error *error)
{
    static const struct {
        const char *name;
        wn_audio_bits bits;
    } known[] = {
        {"16", WN_AUDIO_16},
        {"24", WN_AUDIO_24},
        {"float", WN_AUDIO_FLOAT},
        {"32", WN_AUDIO_FLOAT},
    };
    *out = WN_AUDIO_DEFAULT;
    if (!text) return WN_OK;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strcmp(text, known[i].name) == 0) *out = known[i].bits;
    if (*out != WN_AUDIO_DEFAULT) return WN_OK;
    return wn_fail(error, WN_ERROR_ARGUMENT, "--bits", "'%s'; 16, 24 or float was expected", text);
}

wn_status wn_output_file_check(const char *path, const char *const *inputs, int n, wn_error *error)
{
    for (int i = 0; path && i < n; i++)
        if (inputs[i] && wn_audio_is_same_file(inputs[i], path))
            return wn_fail(error, WN_ERROR_ARGUMENT, path, "is an input file, too");
    return WN_OK;
}

wn_status wn_output_file_open(wn_output_file *file, const char *path, const wn_audio_writer_config *config,
                              bool classes, wn_error *error)
{
    memset(file, 0, sizeof *file);
    file->classes = classes;
    if (!wn_file_has_ending(path, ".npy")) return wn_audio_writer_new(&file->audio, path, config, error);
    snprintf(file->where, sizeof file->where, "%s", path);
    file->array_rate = config->rate;
    double source = config->source_rate > 0 ? config->source_rate : config->rate;
    wn_status status =
        wn_output_resampler_open(&file->array_resampler, source, config->rate, config->channels, path, error);
    if (status) return status;
    return wn_npy_writer_open(&file->array, path, classes ? WN_NPY_INT32 : WN_NPY_FLOAT32,
                              config->channels > 1 ? config->channels : 0, error);
}

static wn_status append_frames(void *user, const float *pcm, int64_t frames, wn_error *error)
{
    return wn_npy_writer_append(((wn_output_file *)user)->array, pcm, frames, error);
}

wn_status wn_output_file_write(wn_output_file *file, const float *pcm, const int32_t *classes, int64_t frames,
                               wn_error *error)
{
    if (file->audio) return wn_audio_writer_write(file->audio, pcm, frames, error);
    if (file->classes) return wn_npy_writer_append(file->array, classes, frames, error);
    return wn_output_resampler_write(&file->array_resampler, pcm, frames, append_frames, file, file->where, error);
}

void wn_output_file_set_length(wn_output_file *file, int64_t frames)
{
    if (file->audio)
        wn_audio_writer_set_length(file->audio, frames);
    else
        file->array_resampler.length = frames;
}

double wn_output_file_get_rate(const wn_output_file *file)
{
    return file->audio ? wn_audio_writer_get_rate(file->audio) : file->array_rate;
}

int64_t wn_output_file_get_frames(const wn_output_file *file)
{
    return file->audio ? wn_audio_writer_get_frames(file->audio) : file->array_resampler.written;
}

float wn_output_file_get_peak(const wn_output_file *file)
{
    return file->audio ? wn_audio_writer_get_peak(file->audio) : file->array_resampler.peak;
}

static wn_status finish_audio(wn_output_file *file, const wn_cli *cli, wn_error *error)
{
    wn_status status = wn_audio_writer_finish(file->audio, error);
    int64_t clipped = wn_audio_writer_get_clipped(file->audio);
    if (!status && clipped && cli)
        wn_cli_note(cli, "%lld sample%s beyond full scale, %s", (long long)clipped, clipped > 1 ? "s" : "",
                    wn_audio_writer_is_clipping(file->audio) ? "clipped" : "kept");
    return status;
}

wn_status wn_output_file_finish(wn_output_file *file, const wn_cli *cli, wn_error *error)
{
    if (file->audio) return finish_audio(file, cli, error);
    wn_status status = wn_output_resampler_finish(&file->array_resampler, append_frames, file, file->where, error);
    if (status) return status;
    wn_npy_writer *array = file->array;
    file->array = NULL;
    return wn_npy_writer_commit(array, error);
}

void wn_output_file_close(wn_output_file *file)
{
    wn_audio_writer_free(file->audio);
    wn_npy_writer_abort(file->array);
    wn_output_resampler_close(&file->array_resampler);
    memset(file, 0, sizeof *file);
}
