/* SPDX-License-Identifier: MIT
 * output_file.c - where generated sound goes: a sound file, a pipe, or an array.
 * Copyright (c) 2026 the wavenet authors */
#include "cli/output_file.h"

#include <string.h>

#include "base/file.h"

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

wn_status wn_output_file_open(wn_output_file *sink, const char *path, const wn_audio_writer_config *config, bool classes, wn_error *error)
{
    memset(sink, 0, sizeof *sink);
    sink->classes = classes;
    if (!wn_file_has_ending(path, ".npy")) return wn_audio_writer_new(&sink->audio, path, config, error);
    snprintf(sink->where, sizeof sink->where, "%s", path);
    sink->array_rate = config->rate;
    double source = config->source_rate > 0 ? config->source_rate : config->rate;
    wn_status status = wn_output_resampler_open(&sink->array_resampler, source, config->rate, config->channels, path, error);
    if (status) return status;
    return wn_npy_writer_open(&sink->array, path, classes ? WN_NPY_INT32 : WN_NPY_FLOAT32,
                              config->channels > 1 ? config->channels : 0, error);
}

static wn_status append_frames(void *user, const float *pcm, int64_t frames, wn_error *error)
{
    return wn_npy_writer_append(((wn_output_file *)user)->array, pcm, frames, error);
}

wn_status wn_output_file_write(wn_output_file *sink, const float *pcm, const int32_t *classes, int64_t frames, wn_error *error)
{
    if (sink->audio) return wn_audio_writer_write(sink->audio, pcm, frames, error);
    if (sink->classes) return wn_npy_writer_append(sink->array, classes, frames, error);
    return wn_output_resampler_write(&sink->array_resampler, pcm, frames, append_frames, sink, sink->where, error);
}

void wn_output_file_set_length(wn_output_file *sink, int64_t frames)
{
    if (sink->audio)
        wn_audio_writer_set_length(sink->audio, frames);
    else
        sink->array_resampler.length = frames;
}

double wn_output_file_get_rate(const wn_output_file *sink)
{
    return sink->audio ? wn_audio_writer_get_rate(sink->audio) : sink->array_rate;
}

int64_t wn_output_file_get_frames(const wn_output_file *sink)
{
    return sink->audio ? wn_audio_writer_get_frames(sink->audio) : sink->array_resampler.written;
}

float wn_output_file_get_peak(const wn_output_file *sink)
{
    return sink->audio ? wn_audio_writer_get_peak(sink->audio) : sink->array_resampler.peak;
}

static wn_status finish_audio(wn_output_file *sink, const wn_cli *cli, wn_error *error)
{
    wn_status status = wn_audio_writer_finish(sink->audio, error);
    int64_t clipped = wn_audio_writer_get_clipped(sink->audio);
    if (!status && clipped)
        wn_cli_note(cli, "%lld sample%s beyond full scale, %s", (long long)clipped, clipped > 1 ? "s" : "",
                    wn_audio_writer_is_clipping(sink->audio) ? "clipped" : "kept");
    return status;
}

wn_status wn_output_file_finish(wn_output_file *sink, const wn_cli *cli, wn_error *error)
{
    if (sink->audio) return finish_audio(sink, cli, error);
    wn_status status = wn_output_resampler_finish(&sink->array_resampler, append_frames, sink, sink->where, error);
    if (status) return status;
    wn_npy_writer *array = sink->array;
    sink->array = NULL;
    return wn_npy_writer_commit(array, error);
}

void wn_output_file_close(wn_output_file *sink)
{
    wn_audio_writer_free(sink->audio);
    wn_npy_writer_abort(sink->array);
    wn_output_resampler_close(&sink->array_resampler);
    memset(sink, 0, sizeof *sink);
}
