/* SPDX-License-Identifier: MIT
 * check_condition.c - what the conditions of a model must satisfy: controls, features, pipeline, harmonic source.
 * Copyright (c) 2026 the wavenet authors */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "model/check.h"

/* ---- controls ------------------------------------------------------------------------------------------------- */

static bool same_text(const char *a, const char *b) { return a && b && !strcmp(a, b); }

static wn_status check_choices(const wn_check *check, const wn_model_control *c)
{
    wn_status status = wn_check_range(check, "choices", c->n_choices, 1, WN_MAX_CHOICES);
    if (status) return status;
    for (int i = 0; i < c->n_choices; i++) {
        if (!c->choices[i] || !*c->choices[i]) return wn_check_fail(check, "choices", "contains an empty name");
        if (!wn_check_printable(c->choices[i])) return wn_check_fail(check, "choices", "contains a control character");
        for (int k = 0; k < i; k++)
            if (same_text(c->choices[i], c->choices[k]))
                return wn_check_fail(check, "choices", "names \"%.64s\" twice", c->choices[i]);
    }
    if (c->minimum != 0.0 || c->maximum != c->n_choices - 1 || c->default_value != floor(c->default_value))
        return wn_check_fail(check, "default", "is not one of the choices");
    return WN_OK;
}

static wn_status check_control(wn_check *check, const wn_model *m, int index)
{
    const wn_model_control *c = &m->controls[index];
    snprintf(check->place, sizeof check->place, "controls.%d", index);
    if (!c->name || !*c->name) return wn_check_fail(check, "name", "is empty");
    if (!wn_check_printable(c->name)) return wn_check_fail(check, "name", "contains a control character");
    if (c->unit && !wn_check_printable(c->unit)) return wn_check_fail(check, "unit", "contains a control character");
    for (int i = 0; i < index; i++)
        if (same_text(m->controls[i].name, c->name))
            return wn_check_fail(check, "name", "\"%.64s\" is used twice", c->name);
    wn_status status = c->kind == WN_CONTROL_CHOICE ? check_choices(check, c) : WN_OK;
    if (status) return status;
    if (!isfinite(c->minimum) || !isfinite(c->maximum) || !(c->minimum <= c->default_value && c->default_value <= c->maximum))
        return wn_check_fail(check, "", "has range %g to %g and default %g, expected minimum <= default <= maximum",
                             c->minimum, c->maximum, c->default_value);
    return WN_OK;
}

static wn_status check_controls(wn_check *check, const wn_model *m)
{
    wn_status status = wn_check_range(check, "controls", m->n_controls, 0, WN_MAX_CONTROLS);
    for (int i = 0; !status && i < m->n_controls; i++) status = check_control(check, m, i);
    if (!status) *check->place = '\0';
    return status;
}

/* ---- features ------------------------------------------------------------------------------------------------- */

static wn_status check_taus(const wn_check *check, const wn_feature *f, const wn_model *m)
{
    if (m->sample_rate <= 0.0) return wn_check_fail(check, "", "needs to know the sample rate");
    for (int i = 0; i < f->n; i++)
        if (!f->taus || !(f->taus[i] > 0.0 && f->taus[i] <= 1e6))
            return wn_check_fail(check, "taus", "must be above 0 and at most 1e6 seconds");
    return WN_OK;
}

static wn_status check_feature(const wn_check *check, const wn_feature *f, const wn_model *m)
{
    if (f->control < 0 || f->control >= m->n_controls)
        return wn_check_fail(check, "control", "is none of the controls");
    const wn_model_control *control = &m->controls[f->control];
    wn_status status = wn_check_range(check, "n", f->n, 1, WN_MAX_CHANNELS);
    if (status) return status;
    switch (f->kind) {
    case WN_FEATURE_SCALED:
        if (f->n != 1 || (f->power != 1 && f->power != 2)) return wn_check_fail(check, "power", "is not 1 or 2");
        return isfinite(f->offset) && isfinite(f->scale) ? WN_OK : wn_check_fail(check, "scale", "is not finite");
    case WN_FEATURE_ONEHOT:
        if (control->kind != WN_CONTROL_CHOICE || f->n != control->n_choices)
            return wn_check_fail(check, "control", "\"%.64s\" is not a choice", control->name);
        return WN_OK;
    case WN_FEATURE_GAUSSIAN:
        if (!isfinite(f->lo) || !isfinite(f->hi) || !(f->hi > f->lo))
            return wn_check_fail(check, "hi", "is not above lo");
        return f->sigma > 0.0 && isfinite(f->sigma) ? WN_OK : wn_check_fail(check, "sigma", "is not above 0");
    case WN_FEATURE_TIME_SINCE_ON:
    case WN_FEATURE_TIME_SINCE_OFF: return check_taus(check, f, m);
    }
    return wn_check_fail(check, "kind", "is unknown");
}

/* The width of a row made from the controls must be what the pipeline takes. */
static wn_status check_features(wn_check *check, const wn_model *m)
{
    const wn_condition *c = &m->condition;
    int64_t width = 0;
    wn_status status = wn_check_range(check, "condition.features", c->n_features, 1, 1024);
    for (int i = 0; !status && i < c->n_features; i++) {
        snprintf(check->place, sizeof check->place, "condition.features.%d", i);
        status = check_feature(check, &c->features[i], m);
        width += c->features[i].n;
    }
    if (status) return status;
    *check->place = '\0';
    if (width != c->feature_channels)
        return wn_check_fail(check, "condition.features", "make %lld channels, expected %d", (long long)width,
                             c->feature_channels);
    return WN_OK;
}

/* ---- pipeline ------------------------------------------------------------------------------------------------- */

static wn_status check_kernel_2d(const wn_check *check, const wn_stage *s)
{
    bool smooth = s->kind == WN_STAGE_CONV_2D;
    wn_status status = wn_check_range(check, "height", s->height, 1, WN_MAX_CHANNELS);
    if (!status) status = wn_check_range(check, "width", s->width, 1, smooth ? WN_MAX_KERNEL : WN_MAX_HOP);
    if (status) return status;
    if (s->height % 2 == 0) return wn_check_fail(check, "height", "is %d, expected an odd number", s->height);
    if (smooth && s->width % 2 == 0) return wn_check_fail(check, "width", "is %d, expected an odd number", s->width);
    if (!smooth && s->width != s->factor)
        return wn_check_fail(check, "width", "is %d, expected the factor %d", s->width, s->factor);
    return s->kernel ? WN_OK : wn_check_fail(check, "weight", "is missing");
}

static wn_status check_transposed(const wn_check *check, const wn_stage *s)
{
    if (s->conv.dilation != 1 || s->conv.groups != 1) return wn_check_fail(check, "", "has a dilation or groups");
    wn_status status = wn_check_range(check, "trim", s->trim, 0, s->conv.kernel);
    return status ? status : wn_check_range(check, "kernel", s->conv.kernel, s->factor, WN_MAX_KERNEL);
}

/* Checks one stage that takes *width channels, and updates what flows on. */
static wn_status check_stage(const wn_check *check, const wn_stage *s, int *width, int64_t *rate)
{
    wn_status status = WN_OK;
    bool conv = s->kind == WN_STAGE_CONV || s->kind == WN_STAGE_TRANSPOSED;
    if ((unsigned)s->kind > WN_STAGE_CROP) return wn_check_fail(check, "kind", "is unknown");
    if (wn_stage_rate(s) != 1 || s->kind == WN_STAGE_UPSAMPLE || s->kind >= WN_STAGE_TRANSPOSED_2D)
        if (s->kind != WN_STAGE_CROP) status = wn_check_range(check, "factor", s->factor, 1, WN_MAX_HOP);
    if (!status && conv) status = wn_check_conv(check, "conv", &s->conv, *width, 0);
    if (!status && s->kind == WN_STAGE_TRANSPOSED) status = check_transposed(check, s);
    if (!status && s->kind == WN_STAGE_CONV && (s->conv.dilation != 1 || s->conv.groups != 1))
        return wn_check_fail(check, "", "has a dilation or groups");
    if (!status && (s->kind == WN_STAGE_CONV_2D || s->kind == WN_STAGE_TRANSPOSED_2D))
        status = check_kernel_2d(check, s);
    if (!status && s->kind == WN_STAGE_CROP) status = wn_check_range(check, "trim", s->trim, 0, WN_MAX_HOP);
    if (status) return status;
    *width = conv ? s->conv.out : *width;
    *rate *= wn_stage_rate(s);
    status = wn_check_act(check, "act", &s->act, *width);
    return status ? status : wn_check_range(check, "factor", *rate, 1, WN_MAX_HOP);
}

/* Whether an output frame of the stage depends on other input frames than its own. Controls come one row at a time:
 * later rows are not there yet, and earlier ones are not kept. */
static bool needs_neighbours(const wn_stage *s)
{
    switch (s->kind) {
    case WN_STAGE_CONV: return s->conv.kernel > 1;
    case WN_STAGE_UPSAMPLE: return s->linear;
    case WN_STAGE_CONV_2D: return s->width > 1;
    case WN_STAGE_TRANSPOSED: return s->trim > 0 || s->conv.kernel > s->factor;
    case WN_STAGE_CROP: return s->trim > 0;
    default: return false;
    }
}

static wn_status check_pipeline(wn_check *check, wn_model *m)
{
    wn_condition *c = &m->condition;
    int width = c->feature_channels;
    int64_t rate = 1;
    wn_status status = wn_check_range(check, "condition.stages", c->n_stages, 0, WN_MAX_STAGES);
    for (int i = 0; !status && i < c->n_stages; i++) {
        snprintf(check->place, sizeof check->place, "condition.stages.%d", i);
        if (c->source == WN_CONDITION_CONTROLS && needs_neighbours(&c->stages[i]))
            return wn_check_fail(check, "", "needs more frames than its own, which controls do not have");
        status = check_stage(check, &c->stages[i], &width, &rate);
    }
    if (status) return status;
    *check->place = '\0';
    if (rate != (c->to_held ? 1 : c->hop))
        return wn_check_fail(check, "condition.stages", "turn a frame into %lld, expected %d", (long long)rate,
                             c->to_held ? 1 : c->hop);
    c->pipeline_channels = width;
    return WN_OK;
}

/* ---- the rest --------------------------------------------------------------------------------------------------- */

static wn_status check_harmonic_source(const wn_check *check, const wn_model *m)
{
    const wn_harmonic_source *e = &m->condition.harmonic_source;
    wn_status status = wn_check_range(check, "condition.excitation.harmonics", e->n, 0, WN_MAX_CHANNELS / 2);
    if (status || !e->n) return status;
    if (m->sample_rate <= 0.0) return wn_check_fail(check, "condition.excitation", "needs to know the sample rate");
    if (m->condition.source == WN_CONDITION_INPUT)
        return wn_check_fail(check, "condition.excitation", "cannot be combined with the input as the condition");
    for (int i = 0; i < e->n; i++)
        if (!e->harmonics || e->harmonics[i] < 1 || e->harmonics[i] > 65536)
            return wn_check_fail(check, "condition.excitation.harmonics", "must be 1 to 65536");
    for (int i = 0; e->phase_offsets && i < e->n; i++)
        if (!(fabs(e->phase_offsets[i]) <= 1.0))
            return wn_check_fail(check, "condition.excitation.leads", "must be -1 to 1 cycle");
    if (e->key < 0 || e->key >= m->n_controls) return wn_check_fail(check, "condition.excitation.key", "is no control");
    if (e->bend < -1 || e->bend >= m->n_controls)
        return wn_check_fail(check, "condition.excitation.bend", "is no control");
    if (!(e->limit > 0.0 && e->limit <= 0.5))
        return wn_check_fail(check, "condition.excitation.limit", "is %g, expected above 0 to 0.5", e->limit);
    return WN_OK;
}

static wn_status check_global(const wn_check *check, const wn_condition *c)
{
    wn_status status = wn_check_range(check, "condition.global", c->global_channels, 0, WN_MAX_CHANNELS);
    if (!status) status = wn_check_range(check, "condition.speakers", c->n_speakers, 0, WN_MAX_SPEAKERS);
    if (status) return status;
    if (c->n_speakers && !c->global_channels)
        return wn_check_fail(check, "condition.global", "is missing for the speakers");
    if ((c->n_speakers > 0) != (c->embedding != NULL))
        return wn_check_fail(check, "condition.speakers", "and the embedding do not match");
    return WN_OK;
}

/* The audio input, or what a nested model makes of it. */
static wn_status check_from_input(const wn_check *check, const wn_model *m)
{
    const wn_condition *c = &m->condition;
    if (m->input.n_classes) return wn_check_fail(check, "condition", "is the input, expected a PCM model");
    if (c->n_stages || c->to_held || c->n_features || c->feature_channels)
        return wn_check_fail(check, "condition", "is the input, expected no features and no stages");
    if (!c->nested) return WN_OK;
    if (c->nested->output != WN_OUTPUT_PCM || c->nested->autoregressive || c->nested->condition.global_channels ||
        (c->nested->condition.source != WN_CONDITION_NONE && c->nested->condition.source != WN_CONDITION_INPUT))
        return wn_check_fail(check, "condition.nested",
                             "is not a plain effect: PCM in, PCM out, no conditions of its own");
    if (c->nested->input.channels != m->input.channels)
        return wn_check_fail(check, "condition.nested", "takes %d channels, expected %d", c->nested->input.channels,
                             m->input.channels);
    if (c->nested->sample_rate != m->sample_rate)
        return wn_check_fail(check, "condition.nested", "has sample rate %g, expected %g", c->nested->sample_rate,
                             m->sample_rate);
    return WN_OK;
}

static wn_status check_source(wn_check *check, wn_model *m)
{
    wn_condition *c = &m->condition;
    if (c->nested && c->source != WN_CONDITION_INPUT)
        return wn_check_fail(check, "condition.nested", "needs the input as the source");
    switch (c->source) {
    case WN_CONDITION_INPUT: return check_from_input(check, m);
    case WN_CONDITION_NONE:
        if (c->n_stages || c->to_held || c->n_features || c->feature_channels)
            return wn_check_fail(check, "condition", "has features or stages, but no source");
        return WN_OK;
    case WN_CONDITION_FEATURES:
    case WN_CONDITION_CONTROLS: break;
    default: return wn_check_fail(check, "condition.source", "is unknown");
    }
    wn_status status = wn_check_range(check, "condition.channels", c->feature_channels, 1, WN_MAX_CHANNELS);
    if (!status) status = wn_check_range(check, "condition.hop", c->hop, 1, WN_MAX_HOP);
    if (!status && c->source == WN_CONDITION_CONTROLS) status = check_features(check, m);
    return status ? status : check_pipeline(check, m);
}

wn_status wn_check_condition(wn_check *check, wn_model *m)
{
    wn_condition *c = &m->condition;
    c->pipeline_channels = 0;
    wn_status status = check_controls(check, m);
    if (!status) status = check_source(check, m);
    if (!status) status = check_harmonic_source(check, m);
    if (!status) status = check_global(check, c);
    if (status) return status;
    int from_input = c->nested ? c->nested->output_channels : m->input.channels;
    c->local_channels = c->source == WN_CONDITION_INPUT ? from_input : c->to_held ? 0 : c->pipeline_channels;
    c->local_channels += 2 * c->harmonic_source.n;
    c->held_channels = c->global_channels + (c->to_held ? c->pipeline_channels : 0);
    return wn_check_range(check, "condition", c->local_channels + c->held_channels, 0, 2 * WN_MAX_CHANNELS);
}
