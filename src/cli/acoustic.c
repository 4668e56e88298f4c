/* SPDX-License-Identifier: MIT
 * acoustic.c - the acoustic network of a voice: sentences of phones become rows of features for a vocoder.
 * Copyright (c) 2026 the wavenet authors */
#include "cli/acoustic.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "cli/model_options.h"

static wn_status check_models(wn_acoustic *a, const char *name, const wn_model *vocoder, const char *vocoder_name,
                              wn_error *error)
{
    wn_analysis_config features;
    wn_model_info v = wn_model_get_info(vocoder);
    int channels = wn_phone_rows_get_channels(a->voice);
    if (a->info.autoregressive || a->info.n_labels || a->info.feature_channels || a->info.global_channels ||
        a->info.n_controls || a->info.n_classes || a->info.input_channels != channels)
        return wn_fail(error, WN_ERROR_UNSUPPORTED, name, "is no network of this voice, whose rows have %d channels",
                       channels);
    if (!wn_model_get_analysis(vocoder, &features) || features.pitch.high <= 0)
        return wn_fail(error, WN_ERROR_UNSUPPORTED, vocoder_name,
                       "does not say that its features hold voicing and pitch");
    if (a->info.output_channels != v.feature_channels ||
        fabs(a->info.sample_rate * v.feature_hop - v.sample_rate) > 1e-6 * v.sample_rate)
        return wn_fail(error, WN_ERROR_UNSUPPORTED, vocoder_name,
                       "takes %d features at %g rows/s, the voice gives %d at %g", v.feature_channels,
                       v.sample_rate / v.feature_hop, a->info.output_channels, a->info.sample_rate);
    a->voicing = features.bands;
    a->reference = features.pitch.reference;
    return WN_OK;
}

wn_status wn_acoustic_open(wn_acoustic *acoustic, const wn_voice *voice, const char *name, const wn_model *vocoder,
                           const char *vocoder_name, wn_cpu cpu, wn_error *error)
{
    wn_acoustic *a = acoustic;
    memset(a, 0, sizeof *a);
    a->voice = voice;
    wn_processor_config config = {.max_frames = WN_ACOUSTIC_BLOCK, .cpu = cpu, .network_values = true};
    wn_status status = wn_cli_load(&a->model, name, error);
    if (status) return status;
    a->info = wn_model_get_info(a->model);
    status = check_models(a, name, vocoder, vocoder_name, error);
    if (!status) status = wn_processor_new(&a->processor, (const wn_model *const[]){a->model}, 1, &config, error);
    if (status) return status;
    a->in = calloc((size_t)WN_ACOUSTIC_BLOCK * (size_t)a->info.input_channels, sizeof *a->in);
    a->out = calloc((size_t)WN_ACOUSTIC_BLOCK * (size_t)a->info.output_channels, sizeof *a->out);
    return a->in && a->out ? WN_OK : wn_fail_memory(error, NULL);
}

void wn_acoustic_close(wn_acoustic *acoustic)
{
    wn_processor_free(acoustic->processor);
    wn_model_free(acoustic->model);
    free(acoustic->in);
    free(acoustic->out);
    acoustic->processor = NULL;
    acoustic->model = NULL;
    acoustic->in = acoustic->out = NULL;
}

/* Before its first row the sentence is taken to be that row, as after its last one, so that no sentence hears the one before. */
void wn_acoustic_start(wn_acoustic *acoustic)
{
    wn_acoustic *a = acoustic;
    wn_phone_rows_start(&a->rows, a->voice, &a->sentence, 1 / a->info.sample_rate);
    a->t = 1 - a->info.receptive_field;
    a->spoken = 0;
}

/* Row t of the network's input; beyond the end it is `before`, the last one. */
static void make_input(wn_acoustic *a, int64_t t, const float *before, float *row)
{
    if (t < a->rows.n)
        wn_phone_rows_make(&a->rows, t < 0 ? 0 : t, row);
    else
        memmove(row, before, (size_t)a->info.input_channels * sizeof *row);
}

/* Features of row t, of what the network says: a voicing of 0 or 1, and the pitch before it where there is none, as analysis has
 * them. */
static void make_features(wn_acoustic *a, int64_t t, const float *out, float *features)
{
    double now = ((double)t + 0.5) * a->rows.seconds;
    while (a->spoken + 1 < a->sentence.n && a->rows.spans[a->spoken].end <= now) a->spoken++;
    double hz = a->sentence.phones[a->spoken].pitch;
    memcpy(features, out, (size_t)a->info.output_channels * sizeof *out);
    bool voiced = out[a->voicing] >= 0.5f;
    if (voiced) a->last_pitch = out[a->voicing + 1] / (float)a->voice->pitch_scale;
    if (voiced && hz > 0) a->last_pitch = (float)log2(hz / a->reference);
    features[a->voicing] = voiced;
    features[a->voicing + 1] = a->last_pitch;
}

int wn_acoustic_run(wn_acoustic *acoustic, float *features)
{
    wn_acoustic *a = acoustic;
    size_t in = (size_t)a->info.input_channels, out = (size_t)a->info.output_channels;
    int64_t left = a->rows.n + a->info.delay - a->t;
    int n = left < WN_ACOUSTIC_BLOCK ? (int)left : WN_ACOUSTIC_BLOCK, made = 0;
    if (left <= 0) return -1;
    const float *before = a->in + (WN_ACOUSTIC_BLOCK - 1) * in; /* of the block before, which was full */
    for (int i = 0; i < n; i++) {
        make_input(a, a->t + i, before, a->in + (size_t)i * in);
        before = a->in + (size_t)i * in;
    }
    wn_processor_run(a->processor, n, a->in, a->out);
    for (int i = 0; i < n; i++, a->t++)
        if (a->t >= a->info.delay)
            make_features(a, a->t - a->info.delay, a->out + (size_t)i * out, features + (size_t)made++ * out);
    return made;
}
