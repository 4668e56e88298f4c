/* SPDX-License-Identifier: MIT
 * amp.c - sound through a capture and a cabinet, in the browser.
 * Copyright (c) 2026 the wavenet authors */
#include "web/amp.h"

#include <stdlib.h>

#include "base/error.h"
#include "dsp/mix.h"
#include "dsp/peak_meter.h"

enum { RENDER_QUANTUM = 128 }; /* frames that an AudioWorklet runs at a time */

struct wn_web_amp {
    wn_effect_crossfade *effect;
    wn_effect_settings settings;
    int latency;
    wn_peak_meter peaks[2]; /* of the input and of the output */
    float in[WN_WEB_BLOCK], out[WN_WEB_BLOCK];
};

/* The unit of the model and the cabinet, which it owns. */
static wn_status make_unit(wn_effect_unit **out, wn_model *model, const float *taps, int n, double rate,
                           wn_error *error)
{
    wn_model *models[2];
    int n_models = 0;
    wn_status status = model ? wn_effect_unit_check(model, wn_model_get_info(model).name, error) : WN_OK;
    double model_rate = model ? wn_web_model_rate(model) : rate;
    if (model) models[n_models++] = model;
    if (!status && n > 0) {
        status = wn_model_from_impulse_response(&models[n_models], taps, n, model_rate, error);
        n_models += !status;
    }
    if (!status)
        return wn_effect_unit_new(out, models, n_models,
                                  &(wn_effect_unit_config){.rate = rate, .max_frames = RENDER_QUANTUM}, error);
    wn_model_free(model);
    return status;
}

wn_web_amp *wn_web_amp_new(wn_model *model, const float *taps, int n, double rate)
{
    wn_error *error = wn_web_failure();
    wn_effect_unit *unit;
    if (make_unit(&unit, model, taps, n, rate, error)) return NULL;
    wn_web_amp *amp = calloc(1, sizeof *amp);
    wn_status status = amp ? wn_effect_crossfade_new(&amp->effect, rate, error) : wn_fail_memory(error, NULL);
    if (status) {
        wn_effect_unit_free(unit);
        wn_web_amp_free(amp);
        return NULL;
    }
    amp->latency = wn_effect_unit_get_latency(unit);
    wn_effect_crossfade_send(amp->effect, unit);
    wn_effect_crossfade_reset(amp->effect); /* the unit plays from the first run on */
    return amp;
}

void wn_web_amp_free(wn_web_amp *amp)
{
    if (!amp) return;
    wn_effect_crossfade_free(amp->effect);
    free(amp);
}

int wn_web_amp_latency(const wn_web_amp *amp) { return amp->latency; }

void wn_web_amp_set(wn_web_amp *amp, double in_db, double out_db, bool bypassed, bool normalizes)
{
    amp->settings = (wn_effect_settings){
        .in_db = in_db, .out_db = out_db, .bypassed = bypassed, .levels = {.normalizes = normalizes}};
}

float *wn_web_amp_in(wn_web_amp *amp) { return amp->in; }

float *wn_web_amp_out(wn_web_amp *amp) { return amp->out; }

void wn_web_amp_run(wn_web_amp *amp, int frames)
{
    if (frames < 0 || frames > WN_WEB_BLOCK) return;
    wn_sanitize(amp->in, frames, amp->in);
    wn_peak_meter_update(&amp->peaks[0], amp->in, frames);
    wn_effect_crossfade_run(amp->effect, &amp->settings, frames, amp->in, amp->out);
    wn_peak_meter_update(&amp->peaks[1], amp->out, frames);
}

double wn_web_amp_take_peak(wn_web_amp *amp, bool output) { return wn_peak_meter_take(&amp->peaks[output]); }
