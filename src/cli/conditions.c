/* SPDX-License-Identifier: MIT
 * conditions.c - features, speakers and controls of the command line, checked before anything runs.
 * Copyright (c) 2026 the wavenet authors */
#include "cli/conditions.h"

#include <stdlib.h>
#include <string.h>

#include "cli/suggestion.h"

/* ---- reading -------------------------------------------------------------------------------------------------- */

static wn_status load_features(wn_conditions *c, const char *path, const wn_model_info *info, wn_error *error)
{
    if (!path && info->feature_channels == 0) return WN_OK;
    if (!path)
        return wn_fail(error, WN_ERROR_ARGUMENT, "--cond",
                       "the model needs local features, %d channels every %d samples", info->feature_channels,
                       info->feature_hop);
    if (info->feature_channels == 0)
        return wn_fail(error, WN_ERROR_ARGUMENT, "--cond", "the model takes no local features");
    wn_status status = wn_npy_read(&c->cond, path, error);
    if (!status) status = wn_npy_expect(&c->cond, WN_NPY_FLOAT32, 2, path, error);
    if (!status && c->cond.shape[1] != info->feature_channels && c->cond.shape[0] == info->feature_channels)
        status = wn_fail(error, WN_ERROR_ARGUMENT, path,
                         "is [%lld][%lld], which looks transposed; [frames][%d] was expected",
                         (long long)c->cond.shape[0], (long long)c->cond.shape[1], info->feature_channels);
    else if (!status && c->cond.shape[1] != info->feature_channels)
        status = wn_fail(error, WN_ERROR_ARGUMENT, path, "%lld channels; the model's features have %d",
                         (long long)c->cond.shape[1], info->feature_channels);
    if (!status && c->cond.shape[0] == 0) status = wn_fail(error, WN_ERROR_FORMAT, path, "holds no features");
    return status;
}

static wn_status load_global(wn_conditions *c, const char *path, const wn_model_info *info, wn_error *error)
{
    if (info->global_channels == 0)
        return wn_fail(error, WN_ERROR_ARGUMENT, "--global", "the model takes no global vector");
    wn_status status = wn_npy_read(&c->global, path, error);
    if (!status) status = wn_npy_expect(&c->global, WN_NPY_FLOAT32, 1, path, error);
    if (!status && c->global.shape[0] != info->global_channels)
        status = wn_fail(error, WN_ERROR_ARGUMENT, path, "%lld values; the model's global vector has %d",
                         (long long)c->global.shape[0], info->global_channels);
    return status;
}

static wn_status load_speaker(wn_conditions *c, const char *text, const wn_model_info *info, wn_error *error)
{
    char *end;
    long speaker = strtol(text, &end, 10);
    if (info->n_speakers == 0) return wn_fail(error, WN_ERROR_ARGUMENT, "--speaker", "the model has no speakers");
    if (end == text || *end || speaker < 0 || speaker >= info->n_speakers)
        return wn_fail(error, WN_ERROR_ARGUMENT, "--speaker", "'%s' is no speaker; 0 to %d was expected", text,
                       info->n_speakers - 1);
    c->speaker = (int)speaker;
    return WN_OK;
}

static wn_status load_voice(wn_conditions *c, const wn_condition_options *o, const wn_model_info *info, wn_error *error)
{
    if (o->global && o->speaker)
        return wn_fail(error, WN_ERROR_ARGUMENT, "--global", "stands in for --speaker; only one of them can be given");
    if (o->global) return load_global(c, o->global, info, error);
    if (o->speaker) return load_speaker(c, o->speaker, info, error);
    if (info->n_speakers)
        return wn_fail(error, WN_ERROR_ARGUMENT, "--speaker", "the model needs a speaker, 0 to %d",
                       info->n_speakers - 1);
    if (info->global_channels)
        return wn_fail(error, WN_ERROR_ARGUMENT, "--global", "the model needs a global vector of %d values",
                       info->global_channels);
    return WN_OK;
}

static wn_status fail_control(const wn_model *model, const char *name, wn_error *error)
{
    char hint[96];
    wn_suggestion suggestion;
    wn_suggestion_start(&suggestion, name);
    for (int i = 0; i < wn_model_get_info(model).n_controls; i++)
        wn_suggestion_consider(&suggestion, wn_model_get_control(model, i).name);
    return wn_fail(error, WN_ERROR_ARGUMENT, "--control", "the model has no control '%s'%s (wavenet info lists them)",
                   name, wn_suggestion_text(&suggestion, "", hint, sizeof hint));
}

/* "key=60" */
static wn_status parse_constant(wn_track_event *event, const char *text, const wn_model *model, wn_error *error)
{
    char name[256];
    const char *equals = strchr(text, '=');
    size_t n = equals ? (size_t)(equals - text) : 0;
    if (!equals || n == 0 || n >= sizeof name)
        return wn_fail(error, WN_ERROR_ARGUMENT, "--control", "'%s'; NAME=VALUE was expected", text);
    memcpy(name, text, n);
    name[n] = 0;
    event->frame = 0;
    event->control = wn_model_find_control(model, name);
    if (event->control < 0) return fail_control(model, name, error);
    wn_control control = wn_model_get_control(model, event->control);
    return wn_control_parse(&event->value, &control, equals + 1, "--control", error);
}

static wn_status load_constants(wn_conditions *c, char **controls, const wn_model *model, wn_error *error)
{
    size_t n = 0;
    while (controls && controls[n]) n++;
    if (n == 0) return WN_OK;
    c->constants = calloc(n, sizeof *c->constants);
    if (!c->constants) return wn_fail_memory(error, "--control");
    wn_status status = WN_OK;
    for (; c->n_constants < n && !status; c->n_constants++)
        status = parse_constant(&c->constants[c->n_constants], controls[c->n_constants], model, error);
    return status;
}

wn_status wn_conditions_load(wn_conditions *out, const wn_condition_options *options, const wn_model *model,
                             wn_error *error)
{
    wn_model_info info = wn_model_get_info(model);
    memset(out, 0, sizeof *out);
    out->speaker = -1;
    wn_status status = load_features(out, options->cond, &info, error);
    if (!status) status = load_voice(out, options, &info, error);
    if (!status) status = load_constants(out, options->controls, model, error);
    if (!status && options->track && info.n_controls == 0)
        status = wn_fail(error, WN_ERROR_ARGUMENT, "--track", "the model has no controls");
    if (!status && options->track) status = wn_track_load(&out->track, options->track, model, error);
    return status;
}

void wn_conditions_free(wn_conditions *conditions)
{
    wn_npy_free(&conditions->cond);
    wn_npy_free(&conditions->global);
    wn_track_free(conditions->track);
    free(conditions->constants);
    memset(conditions, 0, sizeof *conditions);
}

/* ---- using ---------------------------------------------------------------------------------------------------- */

wn_status wn_conditions_apply(const wn_conditions *c, wn_conditioner *conditioner, wn_error *error)
{
    wn_status status = WN_OK;
    if (c->cond.count) status = wn_conditioner_set_features(conditioner, c->cond.floats, c->cond.shape[0], error);
    if (!status && c->global.count)
        status = wn_conditioner_set_global(conditioner, c->global.floats, (int)c->global.shape[0], error);
    if (!status && c->speaker >= 0) status = wn_conditioner_set_speaker(conditioner, c->speaker, error);
    for (size_t i = 0; i < c->n_constants && !status; i++)
        wn_conditioner_set_control(conditioner, c->constants[i].control, c->constants[i].value);
    return status;
}

wn_status wn_conditions_apply_all(const wn_conditions *c, wn_voice_group *voice_group, wn_error *error)
{
    wn_status status = WN_OK;
    for (int v = 0; v < wn_voice_group_get_voices(voice_group) && !status; v++)
        status = wn_conditions_apply(c, wn_voice_group_get_conditioner(voice_group, v), error);
    return status;
}

wn_status wn_conditions_length(int64_t *length, const wn_conditions *c, const wn_model *model, wn_error *error)
{
    wn_conditioner *conditioner;
    *length = INT64_MAX;
    wn_status status = wn_conditioner_new(&conditioner, model, error);
    if (!status) status = wn_conditions_apply(c, conditioner, error);
    if (!status) *length = wn_conditioner_get_length(conditioner);
    wn_conditioner_free(conditioner);
    return status;
}

wn_status wn_conditions_check_length(const wn_conditions *c, const wn_model *model, int64_t frames, wn_error *error)
{
    int64_t length;
    wn_status status = wn_conditions_length(&length, c, model, error);
    if (status || length >= frames) return status;
    return wn_fail(error, WN_ERROR_ARGUMENT, "--cond", "the features last for %lld samples, %lld are needed",
                   (long long)length, (long long)frames);
}

int64_t wn_conditions_next_event(const wn_conditions *c, size_t event)
{
    return c->track && event < c->track->n_events ? c->track->events[event].frame : INT64_MAX;
}

void wn_conditions_events(const wn_conditions *c, size_t *event, int64_t frame, wn_conditioner *conditioner)
{
    while (wn_conditions_next_event(c, *event) <= frame) {
        wn_conditioner_set_control(conditioner, c->track->events[*event].control, c->track->events[*event].value);
        (*event)++;
    }
}
