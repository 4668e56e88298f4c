/* SPDX-License-Identifier: MIT
 * feature.c - the kinds of features. A new kind is a row at the end of this file and an id in model.h.
 * Copyright (c) 2026 the wavenet authors */
#include "model/feature.h"

#include <math.h>
#include <stdio.h>

#include "base/exact_math.h"
#include "model/check.h"

#define FIELD(name) offsetof(wn_feature, name), 0
#define LARGE 1e12

/* ---- scaled value ------------------------------------------------------------------------------------------------ */

static const wn_key scaled_keys[] = {
    {"offset", WN_KEY_DOUBLE, FIELD(offset), -LARGE, LARGE, false},
    {"scale", WN_KEY_DOUBLE, FIELD(scale), -LARGE, LARGE, false},
    {"power", WN_KEY_INT, FIELD(power), 1, 2, false},
    {0},
};

static void scaled_defaults(wn_feature *f, const wn_model_control *control)
{
    f->n = 1;
    f->scale = 1;
    f->power = 1;
}

static wn_status check_scaled(const wn_check *check, const wn_feature *f, const wn_model_control *control, double rate)
{
    if (f->n != 1 || (f->power != 1 && f->power != 2)) return wn_check_fail(check, "power", "is not 1 or 2");
    return isfinite(f->offset) && isfinite(f->scale) ? WN_OK : wn_check_fail(check, "scale", "is not finite");
}

static void scaled_value(const wn_feature *f, const wn_control_state *state, double rate, float *row)
{
    double scaled = (state->value - f->offset) * f->scale;
    row[0] = (float)(f->power == 2 ? scaled * scaled : scaled);
}

static void describe_scaled(const wn_feature *f, char *text, size_t size)
{
    char offset[40] = "", scale[40] = "";
    if (f->offset != 0) snprintf(offset, sizeof offset, " minus %g", f->offset);
    if (f->scale != 1) snprintf(scale, sizeof scale, " times %g", f->scale);
    snprintf(text, size, "%s%s%s", offset, scale, f->power == 2 ? ", squared" : "");
}

/* ---- one-hot choice ---------------------------------------------------------------------------------------------- */

static const wn_key no_keys[] = {{0}};

static void one_hot_defaults(wn_feature *f, const wn_model_control *control) { f->n = control->n_choices; }

static wn_status check_one_hot(const wn_check *check, const wn_feature *f, const wn_model_control *control, double rate)
{
    if (control->kind != WN_CONTROL_CHOICE || f->n != control->n_choices)
        return wn_check_fail(check, "control", "\"%.64s\" is not a choice", control->name);
    return WN_OK;
}

static void one_hot_value(const wn_feature *f, const wn_control_state *state, double rate, float *row)
{
    for (int i = 0; i < f->n; i++) row[i] = i == (int)(state->value + 0.5);
}

static void describe_one_hot(const wn_feature *f, char *text, size_t size) { snprintf(text, size, "%s", ""); }

/* ---- Gaussian basis ---------------------------------------------------------------------------------------------- */

static const wn_key gaussian_keys[] = {
    {"n", WN_KEY_INT, FIELD(n), 1, WN_MAX_CHANNELS, true},
    {"lo", WN_KEY_DOUBLE, FIELD(lo), -LARGE, LARGE, false},
    {"hi", WN_KEY_DOUBLE, FIELD(hi), -LARGE, LARGE, false},
    {"sigma", WN_KEY_DOUBLE, FIELD(sigma), 1e-9, LARGE, true},
    {0},
};

static void gaussian_defaults(wn_feature *f, const wn_model_control *control)
{
    f->n = 1;
    f->lo = control->minimum;
    f->hi = control->maximum;
    f->sigma = 1;
}

static wn_status check_gaussian(const wn_check *check, const wn_feature *f, const wn_model_control *control,
                                double rate)
{
    if (!isfinite(f->lo) || !isfinite(f->hi) || !(f->hi > f->lo)) return wn_check_fail(check, "hi", "is not above lo");
    return f->sigma > 0.0 && isfinite(f->sigma) ? WN_OK : wn_check_fail(check, "sigma", "is not above 0");
}

static void gaussian_value(const wn_feature *f, const wn_control_state *state, double rate, float *row)
{
    double gap = f->n > 1 ? (f->hi - f->lo) / (f->n - 1) : 0;
    for (int i = 0; i < f->n; i++) {
        double z = (state->value - (f->lo + i * gap)) / f->sigma;
        row[i] = (float)wn_exp(-0.5 * z * z);
    }
}

static void describe_gaussian(const wn_feature *f, char *text, size_t size)
{
    snprintf(text, size, " from %g to %g, sigma %g", f->lo, f->hi, f->sigma);
}

/* ---- time since note-on and note-off ----------------------------------------------------------------------------- */

static const wn_key time_keys[] = {
    {"taus", WN_KEY_NUMBERS, offsetof(wn_feature, taus), offsetof(wn_feature, n), 0, 0, true},
    {0},
};

static void time_defaults(wn_feature *f, const wn_model_control *control) {}

static wn_status check_time(const wn_check *check, const wn_feature *f, const wn_model_control *control, double rate)
{
    if (rate <= 0.0) return wn_check_fail(check, "", "needs to know the sample rate");
    for (int i = 0; i < f->n; i++)
        if (!f->taus || !(f->taus[i] > 0.0 && f->taus[i] <= 1e6))
            return wn_check_fail(check, "taus", "must be above 0 and at most 1e6 seconds");
    return WN_OK;
}

static void decays(const wn_feature *f, int64_t samples, double rate, float *row)
{
    for (int i = 0; i < f->n; i++) row[i] = samples < 0 ? 0 : (float)wn_exp(-(double)samples / rate / f->taus[i]);
}

static void time_since_on_value(const wn_feature *f, const wn_control_state *state, double rate, float *row)
{
    decays(f, state->since_on, rate, row);
}

static void time_since_off_value(const wn_feature *f, const wn_control_state *state, double rate, float *row)
{
    decays(f, wn_gate_is_on(state->value) ? -1 : state->since_off, rate, row);
}

static void describe_time(const wn_feature *f, char *text, size_t size)
{
    size_t used = 0;
    for (int i = 0; i < f->n && used < size; i++)
        used += (size_t)snprintf(text + used, size - used, "%s%g", i ? ", " : " tau ", f->taus[i]);
    if (used < size) snprintf(text + used, size - used, " s");
}

/* ---- the kinds --------------------------------------------------------------------------------------------------- */

const wn_feature_type wn_feature_types[] = {
    [WN_FEATURE_SCALED] = {"scaled", scaled_keys, scaled_defaults, check_scaled, scaled_value, describe_scaled},
    [WN_FEATURE_ONEHOT] = {"one-hot", no_keys, one_hot_defaults, check_one_hot, one_hot_value, describe_one_hot},
    [WN_FEATURE_GAUSSIAN] = {"bumps", gaussian_keys, gaussian_defaults, check_gaussian, gaussian_value,
                             describe_gaussian},
    [WN_FEATURE_TIME_SINCE_ON] = {"age-on", time_keys, time_defaults, check_time, time_since_on_value, describe_time},
    [WN_FEATURE_TIME_SINCE_OFF] = {"age-off", time_keys, time_defaults, check_time, time_since_off_value,
                                   describe_time},
};
_Static_assert(sizeof wn_feature_types / sizeof *wn_feature_types == WN_FEATURE_COUNT,
               "a row for every kind of feature");
