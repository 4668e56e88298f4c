/* SPDX-License-Identifier: MIT
 * api.c - the public questions about a model.
 * Copyright (c) 2026 the wavenet authors */
#include <string.h>

#include "model/companding.h"
#include "model/model.h"
#include "model/receptive.h"
#include "model/stage.h"

const char *wn_version(void) { return WN_VERSION; }

wn_model_info wn_model_get_info(const wn_model *model)
{
    const wn_condition *c = &model->condition;
    return (wn_model_info){
        .name = model->name ? model->name : "",
        .sample_rate = model->sample_rate,
        .n_classes = model->input.n_classes,
        .input_channels = model->input.channels,
        .output_channels = model->output_channels,
        .output = model->output,
        .n_mixtures = model->n_mixtures,
        .n_labels = model->labels.n,
        .delay = model->delay,
        .feature_channels = c->source == WN_CONDITION_FEATURES ? c->feature_channels : 0,
        .feature_hop = c->hop,
        .feature_context = wn_condition_context(c),
        .n_speakers = c->n_speakers,
        .global_channels = c->global_channels,
        .n_controls = model->n_controls,
        .autoregressive = model->autoregressive,
        .silence_class = wn_model_encode(model, 0),
        .receptive_field = wn_model_receptive(model),
        .parameters = wn_model_parameters(model),
        .macs = wn_model_macs(model),
        .default_temperature = model->temperature,
        .default_top_k = model->top_k,
        .default_top_p = model->top_p,
        .temperature_channel = model->temperature_channel,
        .pre_emphasis = model->input.pre_emphasis,
        .gain = model->input.gain,
        .loudness = model->loudness,
        .input_level_dbu = model->input_level_dbu,
        .output_level_dbu = model->output_level_dbu,
        .note = model->note ? model->note : "",
    };
}

bool wn_model_get_analysis(const wn_model *model, wn_analysis_config *config)
{
    *config = model->input.has_analysis ? model->input.analysis : model->condition.analysis;
    return model->input.has_analysis || model->condition.has_analysis;
}

const char *wn_model_get_label(const wn_model *model, int index)
{
    const wn_labels *l = &model->labels;
    return l->names && index >= 0 && index < l->n ? l->names[index] : "";
}

wn_control wn_model_get_control(const wn_model *model, int index)
{
    if (index < 0 || index >= model->n_controls) return (wn_control){.name = "", .unit = ""};
    const wn_model_control *c = &model->controls[index];
    return (wn_control){
        .name = c->name,
        .unit = c->unit ? c->unit : "",
        .kind = c->kind,
        .minimum = c->minimum,
        .maximum = c->maximum,
        .default_value = c->default_value,
        .n_choices = c->n_choices,
        .choices = (const char *const *)c->choices,
    };
}

int wn_model_find_control(const wn_model *model, const char *name)
{
    for (int i = 0; name && i < model->n_controls; i++)
        if (!strcmp(model->controls[i].name, name)) return i;
    return -1;
}

int wn_model_encode(const wn_model *model, float x)
{
    return model->input.n_classes ? wn_compand_encode(model->input.companding, model->input.n_classes, x) : 0;
}

float wn_model_decode(const wn_model *model, int c)
{
    int n = model->input.n_classes;
    if (!n) return 0.0f;
    return model->input.values[c < 0 ? 0 : c >= n ? n - 1 : c];
}

int wn_model_get_local_channels(const wn_model *model)
{
    return model->condition.source == WN_CONDITION_INPUT ? 0 : model->condition.local_channels;
}

int wn_model_get_held_channels(const wn_model *model) { return model->condition.held_channels; }
