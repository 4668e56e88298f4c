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
    return wn_npy_writer_open(&sink->array, path, classes ? WN_NPY_INT32 : WN_NPY_FLOAT32,
                              config->channels > 1 ? config->channels : 0, error);
}

wn_status wn_output_file_write(wn_output_file *sink, const float *pcm, const int32_t *classes, int64_t frames, wn_error *error)
{
    if (sink->audio) return wn_audio_writer_write(sink->audio, pcm, frames, error);
    return wn_npy_writer_append(sink->array, sink->classes ? (const void *)classes : (const void *)pcm, frames, error);
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
    wn_npy_writer *array = sink->array;
    sink->array = NULL;
    return wn_npy_writer_commit(array, error);
}

void wn_output_file_close(wn_output_file *sink)
{
    wn_audio_writer_free(sink->audio);
    wn_npy_writer_abort(sink->array);
    memset(sink, 0, sizeof *sink);
}
