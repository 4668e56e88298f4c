/* SPDX-License-Identifier: MIT
 * effect.h - a model that turns sound into sound, with the gains before and behind it.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_CLI_EFFECT_H
#define WN_CLI_EFFECT_H

#include "cli/cli.h"

typedef struct wn_effect_options {
    double slim, input_dbu, output_dbu; /* or WN_NOT_GIVEN */
    double gain, output_gain;           /* dB */
    int normalize;
} wn_effect_options;

/* The initial values of wn_effect_options. */
/* clang-format off */
#define WN_EFFECT_DEFAULT { .slim = WN_NOT_GIVEN, .input_dbu = WN_NOT_GIVEN, .output_dbu = WN_NOT_GIVEN }

#define WN_CLI_EFFECT(e) \
    { "gain", 'g', POPT_ARG_DOUBLE, &(e)->gain, 0, "gain before the model (drive) in dB (default 0)", "DB" }, \
    { "input-gain", 0, POPT_ARG_DOUBLE | POPT_ARGFLAG_DOC_HIDDEN, &(e)->gain, 0, "as --gain", "DB" }, \
    { "input-dbu", 0, POPT_ARG_DOUBLE, &(e)->input_dbu, 0, \
      "level in dBu at your interface's input that gives full scale; sets the gain that the model file asks for", "DBU" }, \
    { "output-gain", 0, POPT_ARG_DOUBLE, &(e)->output_gain, 0, "gain after the model in dB (default 0)", "DB" }, \
    { "output-dbu", 0, POPT_ARG_DOUBLE, &(e)->output_dbu, 0, \
      "level in dBu at your interface's output for full scale; sets the level that the model file states", "DBU" }, \
    { "normalize", 0, POPT_ARG_NONE, &(e)->normalize, 0, \
      "bring the output to -18 dB, by the loudness that the model file states", NULL }, \
    { "slim", 0, POPT_ARG_DOUBLE, &(e)->slim, 0, \
      "share of a slimmable model to use, 0 to 1; a smaller share is faster (default 1)", "X" }
/* clang-format on */

typedef struct wn_effect {
    wn_model *model;
    wn_model_info info;
    double rate;          /* Hz; 48000 where the model names none */
    double db_in, db_out; /* gains before and behind the model */
} wn_effect;

/* NULL, or what is wrong with the usage. */
const char *wn_effect_check(const wn_effect_options *options);

/* Load MODEL, which must be one that turns sound into sound, and work out its gains. wn_effect_free afterwards, also after a
 * failure. */
wn_status wn_effect_load(wn_effect *effect, const char *name, const wn_effect_options *options, wn_error *error);
void wn_effect_free(wn_effect *effect);

#endif
