/* SPDX-License-Identifier: MIT
 * effect.c - a model that turns sound into sound, with the gains before and behind it.
 * Copyright (c) 2026 the wavenet authors */
#include "cli/effect.h"

#include <math.h>
#include <string.h>

#include "cli/model_places.h"
#include "model/model.h"
#include "play/capture_level.h"

#define MAX_GAIN 120.0 /* dB */

static bool is_gain(double db) { return fabs(db) <= MAX_GAIN; }

const char *wn_effect_check(const wn_effect_options *o)
{
    if (o->slim != WN_NOT_GIVEN && !(o->slim >= 0 && o->slim <= 1)) return "--slim is 0 to 1";
    if (!is_gain(o->gain) || !is_gain(o->output_gain)) return "--gain and --output-gain are -120 to 120 dB";
    if (o->input_dbu != WN_NOT_GIVEN && !is_gain(o->input_dbu)) return "--input-dbu is -120 to 120 dBu";
    if (o->output_dbu != WN_NOT_GIVEN && !is_gain(o->output_dbu)) return "--output-dbu is -120 to 120 dBu";
    if (o->output_dbu != WN_NOT_GIVEN && o->normalize) return "--output-dbu and --normalize exclude each other";
    return NULL;
}

/* Only what turns sound into sound. */
static wn_status check_model(const wn_effect *e, const char *name, wn_error *error)
{
    if (e->info.autoregressive)
        return wn_fail(error, WN_ERROR_ARGUMENT, name,
                       "an autoregressive model: it makes sound of its own, with wavenet generate");
    if (e->info.output != WN_OUTPUT_PCM || e->info.n_classes)
        return wn_fail(error, WN_ERROR_ARGUMENT, name,
                       "takes classes or gives distributions, not samples; wavenet forward runs it");
    return WN_OK;
}

/* Gains that the file's own figures decide. */
static wn_status choose_gains(wn_effect *e, const char *name, const wn_effect_options *o, wn_error *error)
{
    bool calibrate = o->input_dbu != WN_NOT_GIVEN, calibrate_output = o->output_dbu != WN_NOT_GIVEN;
    e->db_in = o->gain;
    e->db_out = o->output_gain;
    if (calibrate && !isfinite(e->info.input_level_dbu))
        return wn_fail(error, WN_ERROR_ARGUMENT, "--input-dbu",
                       "the model file does not say at which level it was made; --gain sets one by ear");
    if (calibrate_output && !isfinite(e->info.output_level_dbu))
        return wn_fail(error, WN_ERROR_ARGUMENT, "--output-dbu",
                       "the model file does not say which level it gives; --output-gain sets a level by ear");
    if (o->normalize && !isfinite(e->info.loudness))
        return wn_fail(error, WN_ERROR_ARGUMENT, "--normalize",
                       "the model file does not say how loud it is; --output-gain sets a level by ear");
    if (calibrate) e->db_in += wn_capture_input_gain(&e->info, o->input_dbu);
    if (calibrate_output) e->db_out += wn_capture_output_gain(&e->info, o->output_dbu);
    if (o->normalize) e->db_out += wn_capture_normalizing_gain(&e->info);
    if (!is_gain(e->db_in / 3) || !is_gain(e->db_out / 3))
        return wn_fail(error, WN_ERROR_FORMAT, name, "asks for %g dB before it and %g dB behind it", e->db_in,
                       e->db_out);
    return WN_OK;
}

wn_status wn_effect_load(wn_effect *e, const char *name, const wn_effect_options *o, wn_error *error)
{
    char file[4096];
    memset(e, 0, sizeof *e);
    wn_status status = wn_cli_find_model(file, sizeof file, name, error);
    if (!status && o->slim != WN_NOT_GIVEN)
        status = wn_model_load_slim(&e->model, file, o->slim, error);
    else if (!status)
        status = wn_model_load(&e->model, file, error);
    if (status) return status;
    e->info = wn_model_get_info(e->model);
    e->rate = e->info.sample_rate > 0 ? e->info.sample_rate : WN_CAPTURE_RATE;
    status = check_model(e, name, error);
    return status ? status : choose_gains(e, name, o, error);
}

void wn_effect_free(wn_effect *effect)
{
    wn_model_free(effect->model);
    effect->model = NULL;
}
