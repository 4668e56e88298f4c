/* SPDX-License-Identifier: MIT
 * analysis.c - rows of features from a stream of samples: mel bands, voicing, pitch.
 * Copyright (c) 2026 the wavenet authors */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/denormals.h"
#include "base/error.h"
#include "base/exact_math.h"
#include "dsp/mel.h"
#include "dsp/pitch.h"
#include "kinds/analysis.h"

#define LN2 0.69314718055994530942

struct wn_analysis {
    int hop, window, bands, channels;
    double reference; /* Hz */
    wn_mel *mel;
    wn_pitch *pitch; /* NULL: no pitch channels */
    int waiting;     /* rows that may wait for the slower of the two */
    float *mels;     /* [waiting][bands] ring of rows */
    double *pitches; /* [waiting] ring, Hz */
    int64_t n_mels, n_pitches, n_rows, samples;
    double last; /* log2 of the last pitch, relative to the reference */
};

int wn_analysis_config_get_channels(const wn_analysis_config *config) { return wn_analysis_channels(config); }

/* ---- construction ------------------------------------------------------------------------------------------------ */

static wn_status make_pitch(wn_analysis *a, const wn_analysis_config *c, wn_error *error)
{
    if (!(c->pitch.high > 0)) return WN_OK;
    a->reference = c->pitch.reference;
    return wn_pitch_new(&a->pitch, c->sample_rate, c->hop, c->center, c->pitch.low, c->pitch.high, error);
}

static wn_status make_queues(wn_analysis *a, wn_error *error)
{
    int mel = wn_mel_get_delay(a->mel), pitch = a->pitch ? wn_pitch_get_delay(a->pitch) : mel;
    a->waiting = abs(pitch - mel) / a->hop + 2;
    a->mels = calloc((size_t)a->waiting * (size_t)a->bands, sizeof *a->mels);
    a->pitches = calloc((size_t)a->waiting, sizeof *a->pitches);
    return a->mels && a->pitches ? WN_OK : wn_fail_memory(error, NULL);
}

wn_status wn_analysis_new(wn_analysis **out, const wn_analysis_config *config, wn_error *error)
{
    *out = NULL;
    const char *expected, *key = wn_analysis_fault(config, &expected);
    if (key) return wn_fail(error, WN_ERROR_ARGUMENT, key, "expected %s", expected);
    wn_analysis *a = calloc(1, sizeof *a);
    if (!a) return wn_fail_memory(error, NULL);
    a->hop = config->hop;
    a->window = config->window;
    a->bands = config->bands;
    a->channels = wn_analysis_channels(config);
    wn_status status = wn_mel_new(&a->mel, config, error);
    if (!status) status = make_pitch(a, config, error);
    if (!status) status = make_queues(a, error);
    if (status)
        wn_analysis_free(a);
    else
        *out = a;
    return status;
}

void wn_analysis_free(wn_analysis *analysis)
{
    if (!analysis) return;
    wn_mel_free(analysis->mel);
    wn_pitch_free(analysis->pitch);
    free(analysis->mels);
    free(analysis->pitches);
    free(analysis);
}

void wn_analysis_reset(wn_analysis *a)
{
    wn_mel_reset(a->mel);
    if (a->pitch) wn_pitch_reset(a->pitch);
    a->n_mels = a->n_pitches = a->n_rows = a->samples = 0;
    a->last = 0;
}

int wn_analysis_get_latency(const wn_analysis *a)
{
    int mel = wn_mel_get_delay(a->mel), pitch = a->pitch ? wn_pitch_get_delay(a->pitch) : mel;
    return pitch > mel ? pitch : mel;
}

/* At the end the rows of the latency, and the one that the last samples began. */
int wn_analysis_get_capacity(const wn_analysis *a, int frames)
{
    return (frames > 0 ? frames : wn_analysis_get_latency(a)) / a->hop + 2;
}

/* ---- running ----------------------------------------------------------------------------------------------------- */

/* Write the next row if all its parts are there. */
static bool take_row(wn_analysis *a, float *row)
{
    if (a->n_rows == a->n_mels || (a->pitch && a->n_rows == a->n_pitches)) return false;
    int at = (int)(a->n_rows++ % a->waiting);
    memcpy(row, a->mels + (size_t)at * (size_t)a->bands, (size_t)a->bands * sizeof *row);
    if (!a->pitch) return true;
    double hz = a->pitches[at];
    if (hz > 0) a->last = wn_log(hz / a->reference) / LN2;
    row[a->bands] = hz > 0;
    row[a->bands + 1] = (float)a->last;
    return true;
}

static float *next_mel(wn_analysis *a) { return a->mels + (size_t)(a->n_mels % a->waiting) * (size_t)a->bands; }

static void push_pitch(wn_analysis *a, float x)
{
    if (a->pitch && wn_pitch_push(a->pitch, x, &a->pitches[a->n_pitches % a->waiting])) a->n_pitches++;
}

int wn_analysis_run(wn_analysis *a, const float *in, int frames, float *rows)
{
    uint64_t before = wn_denormals_flush();
    int n = 0;
    for (int t = 0; t < frames; t++) {
        float x = isfinite(in[t]) ? in[t] : 0;
        a->n_mels += wn_mel_push(a->mel, x, next_mel(a));
        push_pitch(a, x);
        n += take_row(a, rows + (size_t)n * (size_t)a->channels);
    }
    a->samples += frames;
    wn_denormals_restore(before);
    return n;
}

int wn_analysis_finish(wn_analysis *a, float *rows)
{
    uint64_t before = wn_denormals_flush();
    int64_t all = a->samples < a->window ? 0 : (a->samples + a->hop - 1) / a->hop;
    int n = 0;
    while (a->n_rows < all) {
        if (a->n_mels < all) a->n_mels += wn_mel_push_edge(a->mel, next_mel(a));
        push_pitch(a, 0);
        n += take_row(a, rows + (size_t)n * (size_t)a->channels);
    }
    wn_denormals_restore(before);
    return n;
}
