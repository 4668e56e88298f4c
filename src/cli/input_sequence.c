/* SPDX-License-Identifier: MIT
 * input_sequence.c - input signals, from arrays and from sound files.
 * Copyright (c) 2026 the wavenet authors */
#include "cli/input_sequence.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "wavenet/audio.h"

static wn_status check_classes(const wn_npy *npy, int n_classes, const char *path, wn_error *error)
{
    for (int64_t t = 0; t < npy->count; t++)
        if (npy->ints[t] < 0 || npy->ints[t] >= n_classes)
            return wn_fail(error, WN_ERROR_FORMAT, path, "element %lld is %d; classes 0 to %d were expected",
                           (long long)t, (int)npy->ints[t], n_classes - 1);
    return WN_OK;
}

static wn_status check_samples(const wn_npy *npy, const char *path, wn_error *error)
{
    for (int64_t t = 0; t < npy->count; t++)
        if (!isfinite(npy->floats[t]))
            return wn_fail(error, WN_ERROR_FORMAT, path, "element %lld is not a finite number", (long long)t);
    return WN_OK;
}

/* One channel is [T], several are [T][channels]. */
static wn_status check_shape(wn_npy *npy, const wn_model_info *info, const char *path, wn_error *error)
{
    int channels = info->input_channels, rank = channels > 1 ? 2 : 1;
    wn_status status = wn_npy_expect(npy, info->n_classes ? WN_NPY_INT32 : WN_NPY_FLOAT32, rank, path, error);
    if (!status && rank == 2 && npy->shape[1] != channels)
        status = wn_fail(error, WN_ERROR_ARGUMENT, path, "%lld channels; the model takes %d", (long long)npy->shape[1],
                         channels);
    if (!status && npy->count == 0) status = wn_fail(error, WN_ERROR_FORMAT, path, "holds no samples");
    return status;
}

wn_status wn_input_sequence_read_npy(wn_input_sequence *out, const char *path, const wn_model *model, wn_error *error)
{
    wn_model_info info = wn_model_get_info(model);
    memset(out, 0, sizeof *out);
    wn_status status = wn_npy_read(&out->npy, path, error);
    if (!status) status = check_shape(&out->npy, &info, path, error);
    if (status) return status;
    out->frames = out->npy.shape[0];
    out->pcm = out->npy.floats;
    out->classes = out->npy.ints;
    return info.n_classes ? check_classes(&out->npy, info.n_classes, path, error)
                          : check_samples(&out->npy, path, error);
}

wn_status wn_cli_read_audio(float **pcm, int64_t *frames, const wn_cli *cli, const char *path, double rate,
                            wn_error *error)
{
    wn_audio_info info;
    wn_status status = wn_audio_read(pcm, frames, &info, path, rate, error);
    if (status) return status;
    if (*info.note) wn_cli_note(cli, "%s: %s", path, info.note);
    if (info.mixed) wn_cli_note(cli, "%s: %d channels mixed down to one", path, info.channels);
    if (info.resampled) wn_cli_note(cli, "%s: resampled from %g to %g Hz", path, info.rate, rate);
    return WN_OK;
}

static wn_status encode_classes(wn_input_sequence *s, const wn_model *model, wn_error *error)
{
    s->encoded = malloc((size_t)s->frames * sizeof *s->encoded);
    if (!s->encoded) return wn_fail_memory(error, NULL);
    for (int64_t t = 0; t < s->frames; t++) s->encoded[t] = wn_model_encode(model, s->read[t]);
    s->classes = s->encoded;
    s->pcm = NULL;
    return WN_OK;
}

wn_status wn_input_sequence_read(wn_input_sequence *out, const wn_cli *cli, const char *path, const wn_model *model,
                                 wn_error *error)
{
    wn_model_info info = wn_model_get_info(model);
    if (wn_file_has_ending(path, ".npy")) return wn_input_sequence_read_npy(out, path, model, error);
    memset(out, 0, sizeof *out);
    if (info.input_channels > 1)
        return wn_fail(error, WN_ERROR_ARGUMENT, path, "the model takes %d channels, which come as .npy",
                       info.input_channels);
    wn_status status = wn_cli_read_audio(&out->read, &out->frames, cli, path, info.sample_rate, error);
    out->pcm = out->read;
    float previous = 0;
    for (int64_t t = 0; !status && t < out->frames; t++)
        out->read[t] = wn_model_compress(model, wn_model_emphasize(model, &previous, out->read[t]));
    if (!status && info.n_classes) status = encode_classes(out, model, error);
    return status;
}

void wn_input_sequence_free(wn_input_sequence *sequence)
{
    wn_npy_free(&sequence->npy);
    free(sequence->read);
    free(sequence->encoded);
    memset(sequence, 0, sizeof *sequence);
}
