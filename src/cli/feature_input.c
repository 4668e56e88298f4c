/* SPDX-License-Identifier: MIT
 * feature_input.c - the features of a sound file, a stream or a microphone, row by row, higher or slower on demand.
 * Copyright (c) 2026 the wavenet authors */
#include "cli/feature_input.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"

enum { BLOCK = 1024 };

static bool has_pitch(const wn_feature_input *in) { return in->config.pitch.high > 0; }

static void note_changes(const wn_feature_input *in, const wn_cli *cli, const char *path)
{
    wn_audio_info info = wn_audio_reader_get_info(in->reader);
    if (*info.note) wn_cli_note(cli, "%s: %s", path, info.note);
    if (info.channels > 1) wn_cli_note(cli, "%s: %d channels mixed down to one", path, info.channels);
    if (info.rate != in->config.sample_rate)
        wn_cli_note(cli, "%s: resampled from %g to %g Hz", path, info.rate, in->config.sample_rate);
}

static int max_analysed(const wn_feature_input *in)
{
    int most = wn_analysis_get_capacity(in->analysis, BLOCK), left = wn_analysis_get_capacity(in->analysis, 0);
    return most > left ? most : left;
}

wn_status wn_feature_input_open(wn_feature_input *in, const wn_cli *cli, const char *path, wn_live_sound *microphone,
                                const wn_model *model, const char *name, double pitch, double stretch, wn_error *error)
{
    *in = (wn_feature_input){.microphone = microphone, .pitch = pitch, .stretch = stretch};
    if (!wn_model_get_analysis(model, &in->config))
        return wn_fail(error, WN_ERROR_ARGUMENT, name,
                       "holds no parameters of analysis, so no sound becomes its features");
    if (pitch != 0 && !has_pitch(in))
        return wn_fail(error, WN_ERROR_ARGUMENT, "--pitch", "the features of %.100s have no pitch", name);
    wn_audio_reader_config reading = {.rate = in->config.sample_rate};
    wn_status status = microphone ? WN_OK : wn_audio_reader_new(&in->reader, path, &reading, error);
    if (!status) status = wn_analysis_new(&in->analysis, &in->config, error);
    if (status) return status;
    if (in->reader) note_changes(in, cli, path);
    in->channels = wn_analysis_config_get_channels(&in->config);
    in->pcm = calloc(BLOCK, sizeof *in->pcm);
    in->rows = calloc((size_t)max_analysed(in) * (size_t)in->channels, sizeof *in->rows);
    in->last = calloc((size_t)in->channels, sizeof *in->last);
    return in->pcm && in->rows && in->last ? WN_OK : wn_fail_memory(error, NULL);
}

void wn_feature_input_close(wn_feature_input *in)
{
    wn_analysis_free(in->analysis);
    wn_audio_reader_free(in->reader);
    free(in->pcm);
    free(in->rows);
    free(in->last);
    *in = (wn_feature_input){0};
}

int wn_feature_input_get_capacity(const wn_feature_input *in)
{
    return (int)ceil((max_analysed(in) + 1) * in->stretch) + 3;
}

int64_t wn_feature_input_get_frames(const wn_feature_input *in)
{
    return (int64_t)llround((double)in->samples * in->stretch);
}

/* ---- rows -------------------------------------------------------------------------------------------------------- */

/* Between the row before and `row`, a share of 0 .. 1. Voicing does not blend, and an unvoiced row lends no pitch. */
static void blend_rows(const wn_feature_input *in, const float *row, float share, float *out)
{
    int voicing = in->config.bands;
    const float *nearest = share < 0.5f ? in->last : row;
    for (int i = 0; i < in->channels; i++) out[i] = in->last[i] + share * (row[i] - in->last[i]);
    if (!has_pitch(in)) return;
    bool voiced = in->last[voicing] >= 0.5f && row[voicing] >= 0.5f;
    out[voicing] = nearest[voicing];
    if (!voiced) out[voicing + 1] = nearest[voicing + 1];
}

/* Make the next row at `share` between the row before and `row`. */
static void make_row(wn_feature_input *in, const float *row, double share, float *out)
{
    if (share >= 1)
        memcpy(out, row, (size_t)in->channels * sizeof *out);
    else
        blend_rows(in, row, (float)share, out);
    if (has_pitch(in)) out[in->config.bands + 1] += (float)in->pitch;
    in->n_out++;
}

/* Rows that are due now that `row`, number n_in, is there. Row j stands at j / stretch. */
static int add_row(wn_feature_input *in, const float *row, float *out)
{
    int made = 0;
    for (double at; (at = (double)in->n_out / in->stretch) <= (double)in->n_in; made++)
        make_row(in, row, 1 - ((double)in->n_in - at), out + (size_t)made * (size_t)in->channels);
    memcpy(in->last, row, (size_t)in->channels * sizeof *row);
    in->n_in++;
    return made;
}

/* At the end the last row stands for what is left. */
static int add_end(wn_feature_input *in, float *out)
{
    int made = 0;
    int64_t frames = wn_feature_input_get_frames(in);
    for (; in->n_out * in->config.hop < frames; made++)
        make_row(in, in->last, 1, out + (size_t)made * (size_t)in->channels);
    return made;
}

static wn_status check_sound(const wn_feature_input *in, const char *path, wn_error *error)
{
    if (in->samples < in->config.window)
        return wn_fail(error, WN_ERROR_ARGUMENT, path, "%lld samples are shorter than the window of %d",
                       (long long)in->samples, in->config.window);
    if (!(in->peak > 0)) return wn_fail(error, WN_ERROR_ARGUMENT, path, "is silent: every sample is 0");
    return WN_OK;
}

wn_status wn_feature_input_read(wn_feature_input *in, const char *path, float *rows, int *got, wn_error *error)
{
    int64_t n = 0;
    *got = 0;
    wn_status status = in->microphone ? wn_live_sound_read(in->microphone, in->pcm, BLOCK, &n, error)
                                      : wn_audio_reader_read(in->reader, in->pcm, BLOCK, &n, error);
    if (status) return status;
    for (int64_t t = 0; t < n; t++) in->peak = fmaxf(in->peak, fabsf(in->pcm[t]));
    in->samples += n;
    in->over = n == 0;
    if (in->over && in->reader) status = check_sound(in, path, error);
    if (status) return status;
    int analysed = in->over ? wn_analysis_finish(in->analysis, in->rows)
                            : wn_analysis_run(in->analysis, in->pcm, (int)n, in->rows);
    for (int i = 0; i < analysed; i++)
        *got += add_row(in, in->rows + (size_t)i * (size_t)in->channels, rows + (size_t)*got * (size_t)in->channels);
    if (in->over) *got += add_end(in, rows + (size_t)*got * (size_t)in->channels);
    return WN_OK;
}
