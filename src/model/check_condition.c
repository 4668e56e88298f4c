/* SPDX-License-Identifier: MIT
 * check_condition.c - what the conditions of a model must satisfy: controls, features, pipeline, harmonic source.
 * Copyright (c) 2026 the wavenet authors */
#include "model/check_condition.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "kinds/analysis.h"
#include "model/check.h"
#include "model/feature.h"
#include "model/stage.h"

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
    if (!isfinite(c->minimum) || !isfinite(c->maximum) ||
        !(c->minimum <= c->default_value && c->default_value <= c->maximum))
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

static wn_status check_feature(const wn_check *check, const wn_feature *f, const wn_model *m)
{
    if (f->control < 0 || f->control >= m->n_controls)
        return wn_check_fail(check, "control", "is none of the controls");
    if ((unsigned)f->kind >= WN_FEATURE_COUNT) return wn_check_fail(check, "kind", "is unknown");
    wn_status status = wn_check_range(check, "n", f->n, 1, WN_MAX_CHANNELS);
    return status ? status : wn_feature_types[f->kind].check(check, f, &m->controls[f->control], m->sample_rate);
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

/* One kernel for all channels. A kind with a factor has a kernel as wide as that. */
static wn_status check_kernel_2d(const wn_check *check, const wn_stage *s)
{
    bool upsamples = wn_stage_has(s, WN_STAGE_HAS_FACTOR);
    wn_status status = wn_check_range(check, "height", s->height, 1, WN_MAX_CHANNELS);
    if (!status) status = wn_check_range(check, "width", s->width, 1, upsamples ? WN_MAX_HOP : WN_MAX_KERNEL);
    if (status) return status;
    if (s->height % 2 == 0) return wn_check_fail(check, "height", "is %d, expected an odd number", s->height);
    if (!upsamples && s->width % 2 == 0)
        return wn_check_fail(check, "width", "is %d, expected an odd number", s->width);
    if (upsamples && s->width != s->factor)
        return wn_check_fail(check, "width", "is %d, expected the factor %d", s->width, s->factor);
    return s->kernel ? WN_OK : wn_check_fail(check, "weight", "is missing");
}

static wn_status check_stage_conv(const wn_check *check, const wn_stage *s, int width)
{
    wn_status status = wn_check_conv(check, "conv", &s->conv, width, 0);
    if (status) return status;
    if (s->conv.dilation != 1 || s->conv.groups != 1) return wn_check_fail(check, "", "has a dilation or groups");
    if (!wn_stage_has(s, WN_STAGE_HAS_TRANSPOSED)) return WN_OK;
    status = wn_check_range(check, "trim", s->trim, 0, s->conv.kernel);
    return status ? status : wn_check_range(check, "kernel", s->conv.kernel, s->factor, WN_MAX_KERNEL);
}

/* Checks one stage that takes *width channels, and updates what flows on. */
static wn_status check_stage(const wn_check *check, const wn_stage *s, int *width, int64_t *rate)
{
    wn_status status = WN_OK;
    if (wn_stage_has(s, WN_STAGE_HAS_FACTOR)) status = wn_check_range(check, "factor", s->factor, 1, WN_MAX_HOP);
    if (!status && wn_stage_has(s, WN_STAGE_HAS_TRIM)) status = wn_check_range(check, "trim", s->trim, 0, WN_MAX_HOP);
    if (!status && wn_stage_has(s, WN_STAGE_HAS_CONV | WN_STAGE_HAS_TRANSPOSED))
        status = check_stage_conv(check, s, *width);
    if (!status && wn_stage_has(s, WN_STAGE_HAS_KERNEL_2D)) status = check_kernel_2d(check, s);
    if (status) return status;
    *width = wn_stage_channels(s, *width);
    *rate *= wn_stage_rate(s);
    status = wn_check_act(check, "act", &s->act, *width);
    return status ? status : wn_check_range(check, "factor", *rate, 1, WN_MAX_HOP);
}

static wn_status check_pipeline(wn_check *check, wn_model *m)
{
    wn_condition *c = &m->condition;
    int width = c->feature_channels;
    int64_t rate = 1;
    wn_status status = wn_check_range(check, "condition.stages", c->n_stages, 0, WN_MAX_STAGES);
    for (int i = 0; !status && i < c->n_stages; i++) {
        snprintf(check->place, sizeof check->place, "condition.stages.%d", i);
        if ((unsigned)c->stages[i].kind >= WN_STAGE_COUNT) return wn_check_fail(check, "kind", "is unknown");
        /* Controls come one row at a time: later rows are not there yet, and earlier ones are not kept. */
        if (c->source == WN_CONDITION_CONTROLS && wn_stage_needs_neighbours(&c->stages[i]))
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

/* Pitch and voicing of a harmonic source that reads them from the rows. */
static wn_status check_pitch_channels(const wn_check *check, const wn_model *m)
{
    const wn_harmonic_source *e = &m->condition.harmonic_source;
    int last = m->condition.feature_channels - 1;
    if (m->condition.source != WN_CONDITION_FEATURES)
        return wn_check_fail(check, "condition.excitation.pitch", "needs a condition of features");
    if (!(e->reference >= 1e-3 && e->reference <= 1e6))
        return wn_check_fail(check, "condition.excitation.reference", "is %g Hz, expected 0.001 to 1e6", e->reference);
    wn_status status = wn_check_range(check, "condition.excitation.pitch", e->pitch, 0, last);
    return status ? status : wn_check_range(check, "condition.excitation.voicing", e->voicing, -1, last);
}

static wn_status check_pitch_controls(const wn_check *check, const wn_model *m)
{
    const wn_harmonic_source *e = &m->condition.harmonic_source;
    if (e->key < 0 || e->key >= m->n_controls) return wn_check_fail(check, "condition.excitation.key", "is no control");
    if (e->bend < -1 || e->bend >= m->n_controls)
        return wn_check_fail(check, "condition.excitation.bend", "is no control");
    return WN_OK;
}

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
    if ((unsigned)e->lock > WN_LOCK_FUNDAMENTAL) return wn_check_fail(check, "condition.excitation.lock", "is unknown");
    if (!(e->limit > 0.0 && e->limit <= 0.5))
        return wn_check_fail(check, "condition.excitation.limit", "is %g, expected above 0 to 0.5", e->limit);
    return e->reference != 0.0 ? check_pitch_channels(check, m) : check_pitch_controls(check, m);
}

wn_status wn_check_analysis(wn_check *check, const char *place, const wn_analysis_config *a, int channels)
{
    const char *expected;
    snprintf(check->place, sizeof check->place, "%s", place);
    const char *key = wn_analysis_fault(a, &expected);
    if (key) return wn_check_fail(check, key, "expected %s", expected);
    if (wn_analysis_channels(a) != channels)
        return wn_check_fail(check, "", "makes %d channels, expected %d", wn_analysis_channels(a), channels);
    return WN_OK;
}

/* The rows must be those that the pipeline takes. */
static wn_status check_feature_analysis(wn_check *check, const wn_model *m)
{
    const wn_condition *c = &m->condition;
    const wn_analysis_config *a = &c->analysis;
    if (!c->has_analysis) return WN_OK;
    if (c->source != WN_CONDITION_FEATURES)
        return wn_check_fail(check, "condition.analysis", "needs features as the source");
    wn_status status = wn_check_analysis(check, "condition.analysis", a, c->feature_channels);
    if (status) return status;
    if (a->sample_rate != m->sample_rate)
        return wn_check_fail(check, "sample_rate", "is %g, but the model's is %g", a->sample_rate, m->sample_rate);
    if (a->hop != c->hop) return wn_check_fail(check, "hop", "is %d, but the condition's is %d", a->hop, c->hop);
    *check->place = '\0';
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
    if (c->nested->output != WN_OUTPUT_PCM || c->nested->autoregressive || c->nested->delay ||
        c->nested->condition.global_channels ||
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
    if (!status) status = check_feature_analysis(check, m);
    if (!status) status = check_global(check, c);
    if (status) return status;
    int from_input = c->nested ? c->nested->output_channels : m->input.channels;
    c->local_channels = c->source == WN_CONDITION_INPUT ? from_input : c->to_held ? 0 : c->pipeline_channels;
    c->local_channels += 2 * c->harmonic_source.n;
    c->held_channels = c->global_channels + (c->to_held ? c->pipeline_channels : 0);
    return wn_check_range(check, "condition", c->local_channels + c->held_channels, 0, 2 * WN_MAX_CHANNELS);
}
