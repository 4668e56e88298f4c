/* SPDX-License-Identifier: MIT
 * config_model.c - keys of the model itself, as reader and writer use them.
 * Copyright (c) 2026 the wavenet authors */
#include "format/config_model.h"

#define MODEL(name) offsetof(wn_model, name), 0
#define INPUT(name) offsetof(wn_encoding, name), 0
#define LEVEL -WN_MAX_LEVEL, WN_MAX_LEVEL, false

const wn_key wn_config_level_keys[] = {
    {"loudness", WN_KEY_DOUBLE, MODEL(loudness), LEVEL},
    {"input_level_dbu", WN_KEY_DOUBLE, MODEL(input_level_dbu), LEVEL},
    {"output_level_dbu", WN_KEY_DOUBLE, MODEL(output_level_dbu), LEVEL},
    {0},
};

const wn_key wn_config_sampling_keys[] = {
    {"temperature", WN_KEY_DOUBLE, MODEL(temperature), 0, 1e6, false},
    {"top_k", WN_KEY_INT, MODEL(top_k), 0, WN_MAX_CLASSES, false},
    {"top_p", WN_KEY_DOUBLE, MODEL(top_p), 1e-9, 1, false},
    {"temperature_channel", WN_KEY_INT, MODEL(temperature_channel), 0, WN_MAX_CHANNELS, false},
    {"temperature_below", WN_KEY_DOUBLE, MODEL(temperature_below), 0, 1e6, false},
    {0},
};

const wn_key wn_config_input_keys[] = {
    {"channels", WN_KEY_INT, INPUT(channels), 1, WN_MAX_CHANNELS, false},
    {"mu", WN_KEY_DOUBLE, INPUT(mu), 0, 1e9, false},
    {"first", WN_KEY_DOUBLE, INPUT(first), -1, 1, false},
    {"pre_emphasis", WN_KEY_DOUBLE, INPUT(pre_emphasis), 0, 1, false},
    {"gain", WN_KEY_DOUBLE, INPUT(gain), 1e-6, 1e6, false},
    {0},
};

#define DELAY \
    { \
        "delay", WN_KEY_INT, MODEL(delay), 0, WN_MAX_DELAY, false \
    }
#define MIXTURES \
    { \
        "mixtures", WN_KEY_INT, MODEL(n_mixtures), 1, WN_MAX_MIXTURES, true \
    }
#define LOG_SCALE_MIN \
    { \
        "log_scale_min", WN_KEY_FLOAT, MODEL(log_scale_min), -1e6, 1e6, false \
    }

static const wn_key pcm_keys[] = {
    {"channels", WN_KEY_INT, MODEL(output_channels), 1, WN_MAX_CHANNELS, false}, DELAY, {0}};
static const wn_key class_keys[] = {{"classes", WN_KEY_INT, MODEL(labels.n), 2, WN_MAX_CLASSES, false}, DELAY, {0}};
static const wn_key density_keys[] = {LOG_SCALE_MIN, {0}};
static const wn_key mixture_keys[] = {MIXTURES, LOG_SCALE_MIN, {0}};

const wn_key *wn_config_output_keys(wn_output_kind kind)
{
    unsigned parts = wn_distributions[kind].parts;
    if (parts & WN_DISTRIBUTION_MIXTURE) return mixture_keys;
    if (parts & WN_DISTRIBUTION_DENSITY) return density_keys;
    return parts & WN_DISTRIBUTION_CLASSES ? class_keys : pcm_keys;
}
