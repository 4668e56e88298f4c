/* SPDX-License-Identifier: MIT
 * instrument.c - a synth at the rate of its host: MIDI events at frames of the host, sound at the host's rate.
 * Copyright (c) 2026 the wavenet authors
 *
 * The model generates as late as it can: after n frames of the host it has generated the samples that lie before frame n, and
 * no more. So an event is applied at the sample that follows it, however the host cuts its blocks. */
#include "play/instrument.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/denormals.h"
#include "base/error.h"
#include "dsp/realtime_resampler.h"

enum { PART = 256 }; /* frames of the host that are generated at once */

struct wn_instrument {
    wn_voice_group *group;
    wn_synth *synth;
    wn_realtime_resampler *resampler; /* NULL: the rates agree */
    int64_t model_rate, rate;         /* Hz, where they differ */
    int64_t generated, delivered;     /* frames so far, of the model and of the host */
    float *raw;                       /* [PART * model_rate / rate + 1] */
    float *ready;                     /* resampled frames, of which the first `n_ready` are not delivered yet */
    int n_ready;
};

/* ---- making -------------------------------------------------------------------------------------------------------- */

static wn_status make_group(wn_voice_group **out, const wn_model *model, int voices, wn_error *error)
{
    wn_voice_group_config config = {.voices = voices, .threads = 1, .sampling = wn_sampling_default(model)};
    return wn_voice_group_new(out, model, &config, error);
}

/* The largest number of voices that is fast enough. The cost grows with the number, so the first that is not ends the search. */
static wn_status measure_voices(int *voices, const wn_model *model, double margin, wn_error *error)
{
    static const int counts[] = {1, 2, 3, 4, 6, 8};
    wn_status status = WN_OK;
    double speed = INFINITY;
    *voices = 1;
    for (size_t i = 0; i < sizeof counts / sizeof *counts && !status; i++) {
        wn_voice_group *group;
        status = make_group(&group, model, counts[i], error);
        if (status) break;
        speed = wn_voice_group_measure(group, wn_model_get_info(model).sample_rate);
        wn_voice_group_free(group);
        if (speed < margin) break;
        *voices = counts[i];
    }
    return status;
}

static wn_status make_resampler(wn_instrument *p, double model_rate, double rate, wn_error *error)
{
    size_t part = PART;
    if (model_rate != rate) {
        wn_status status = wn_realtime_resampler_new(&p->resampler, model_rate, rate, error);
        if (status) return status;
        part = (size_t)(PART * model_rate / rate) + 2;
        p->model_rate = (int64_t)model_rate;
        p->rate = (int64_t)rate;
    }
    size_t ready = p->resampler ? (size_t)wn_realtime_resampler_get_capacity(p->resampler, (int)part + 1) + PART : 1;
    p->raw = calloc(part, sizeof *p->raw);
    p->ready = calloc(ready, sizeof *p->ready);
    return p->raw && p->ready ? WN_OK : wn_fail_memory(error, NULL);
}

static wn_status make_instrument(wn_instrument *p, const wn_model *model, double rate, int voices, double margin,
                                 wn_error *error)
{
    wn_model_info info = wn_model_get_info(model);
    wn_status status = WN_OK;
    if (!(info.sample_rate > 0))
        return wn_fail(error, WN_ERROR_UNSUPPORTED, info.name, "names no sample rate; an instrument needs one");
    if (voices == 0) status = measure_voices(&voices, model, margin, error);
    if (!status) status = make_group(&p->group, model, voices, error);
    if (!status) status = wn_synth_new(&p->synth, model, p->group, 1, error);
    return status ? status : make_resampler(p, info.sample_rate, rate, error);
}

wn_status wn_instrument_new(wn_instrument **out, const wn_model *model, double rate, int voices, double margin,
                            wn_error *error)
{
    *out = NULL;
    wn_instrument *p = calloc(1, sizeof *p);
    if (!p) return wn_fail_memory(error, NULL);
    wn_status status = make_instrument(p, model, rate, voices, margin, error);
    if (status)
        wn_instrument_free(p);
    else
        *out = p;
    return status;
}

void wn_instrument_free(wn_instrument *p)
{
    if (!p) return;
    wn_synth_free(p->synth);
    wn_voice_group_free(p->group);
    wn_realtime_resampler_free(p->resampler);
    free(p->raw);
    free(p->ready);
    free(p);
}

int wn_instrument_get_voices(const wn_instrument *instrument) { return wn_voice_group_get_voices(instrument->group); }

int wn_instrument_get_latency(const wn_instrument *p)
{
    return p->resampler ? (int)lround(wn_realtime_resampler_get_delay(p->resampler) * (double)p->rate) : 0;
}

wn_synth *wn_instrument_get_synth(wn_instrument *instrument) { return instrument->synth; }

/* ---- running ------------------------------------------------------------------------------------------------------- */

/* Samples of the model that lie before frame `frames` of the host. */
static int64_t samples_before(const wn_instrument *p, int64_t frames)
{
    return frames > 0 ? (frames - 1) * p->model_rate / p->rate + 1 : 0;
}

/* The next `frames` <= PART frames. The resampler gives all frames that lie before the next sample, which may be more. */
static void run_part(wn_instrument *p, int frames, float *out)
{
    int n = (int)(samples_before(p, p->delivered + frames) - p->generated);
    wn_synth_run(p->synth, p->raw, n);
    p->n_ready += wn_realtime_resampler_run(p->resampler, p->raw, n, p->ready + p->n_ready);
    memcpy(out, p->ready, (size_t)frames * sizeof *out);
    p->n_ready -= frames;
    memmove(p->ready, p->ready + frames, (size_t)p->n_ready * sizeof *p->ready);
    p->generated += n;
    p->delivered += frames;
}

void wn_instrument_run(wn_instrument *p, int frames, float *out)
{
    uint64_t before = wn_denormals_flush();
    if (!p->resampler) wn_synth_run(p->synth, out, frames);
    for (int at = 0, n; p->resampler && at < frames; at += n) {
        n = frames - at < PART ? frames - at : PART;
        run_part(p, n, out + at);
    }
    wn_denormals_restore(before);
}
