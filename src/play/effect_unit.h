/* SPDX-License-Identifier: MIT
 * effect_unit.h - what an effect plays: a model or a chain of models, ready to run at the rate of its host.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_PLAY_EFFECT_UNIT_H
#define WN_PLAY_EFFECT_UNIT_H

#include "wavenet/wavenet.h"

enum { WN_EFFECT_BLOCK = 1024 }; /* longest run in frames */
#define WN_EFFECT_FADE 0.02      /* seconds of every change of a gain, and of every crossfade */

/* One thread at a time. */
typedef struct wn_effect_unit wn_effect_unit;

/* What the levels in the models' files are used for. */
typedef struct wn_effect_levels {
    bool normalizes; /* the output of the last model comes to the normal loudness, where its file states one */
    bool calibrates; /* the first model gets the level that its file states, */
    double dbu;      /* from an interface whose input reaches full scale at this level */
} wn_effect_levels;

/* Make a unit of the chain `models` [n] for sound of `rate` Hz, a whole number from 4000 to 768000; with n = 0 the sound passes
 * unchanged. Every model turns one channel of sound into one and needs no features, speaker or global vector. The unit is
 * prewarmed. It takes ownership of the models, also on failure. */
wn_status wn_effect_unit_new(wn_effect_unit **out, wn_model *const *models, int n, double rate, wn_error *error);

/* NULL is allowed. */
void wn_effect_unit_free(wn_effect_unit *unit);

/* Attach a block of memory from malloc, which is freed with the unit. */
void wn_effect_unit_set_user(wn_effect_unit *unit, void *user);
void *wn_effect_unit_get_user(const wn_effect_unit *unit);

/* Frames from the input to the output: 0 unless the models have another rate. */
WN_REALTIME int wn_effect_unit_get_latency(const wn_effect_unit *unit);

/* Back to the state that endless silence leaves. Not for the audio thread. */
void wn_effect_unit_prewarm(wn_effect_unit *unit);

/* Run `frames` <= WN_EFFECT_BLOCK frames of finite `in` into `out`, another place. Changes of the levels fade. */
WN_REALTIME void wn_effect_unit_run(wn_effect_unit *unit, const wn_effect_levels *levels, int frames, const float *in,
                                    float *out);

/* The sound without the models: `in` [frames], as late as their output, into `out`, another place. */
WN_REALTIME void wn_effect_unit_delay(wn_effect_unit *unit, int frames, const float *in, float *out);

#endif
