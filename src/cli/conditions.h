/* SPDX-License-Identifier: MIT
 * conditions.h - what a model is to be conditioned on, from the command line.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_CLI_CONDITIONS_H
#define WN_CLI_CONDITIONS_H

#include "format/npy.h"
#include "play/voice_group.h"
#include "wavenet/audio.h"

typedef struct wn_condition_options {
    char *cond, *global, *track;
    char *speaker;
    char **controls; /* "NAME=VALUE", ended by NULL; NULL: none */
} wn_condition_options;

/* clang-format off */
#define WN_CLI_CONDITIONS(c) \
    { "cond", 0, POPT_ARG_STRING, &(c)->cond, 0, "local features, float32 [frames][channels]", "FILE.npy" }, \
    { "speaker", 0, POPT_ARG_STRING, &(c)->speaker, 0, "speaker number, from 0", "ID" }, \
    { "global", 0, POPT_ARG_STRING, &(c)->global, 0, "global vector instead of a speaker, float32 [channels]", "FILE.npy" }, \
    { "control", 0, POPT_ARG_ARGV, &(c)->controls, 0, "set a control for the whole run; may be repeated (default: the model's value)", "NAME=VALUE" }, \
    { "track", 0, POPT_ARG_STRING, &(c)->track, 0, "set controls over time: columns time (seconds) and control names", "FILE.csv" }
/* clang-format on */

typedef struct wn_conditions {
    wn_npy cond, global; /* count 0: not given */
    int speaker;         /* -1: not given */
    size_t n_constants;
    wn_track_event *constants; /* [n_constants], of frame 0 */
    wn_track *track;           /* NULL: none */
} wn_conditions;

/* Read and check everything against the model, also that nothing it needs is missing. wn_conditions_free afterwards, also
 * after a failure. */
wn_status wn_conditions_load(wn_conditions *out, const wn_condition_options *options, const wn_model *model,
                             wn_error *error);
void wn_conditions_free(wn_conditions *conditions);

/* Give a conditioner all that holds from the start; it borrows the features. */
wn_status wn_conditions_apply(const wn_conditions *conditions, wn_conditioner *conditioner, wn_error *error);

/* As wn_conditions_apply, to every voice. */
wn_status wn_conditions_apply_all(const wn_conditions *conditions, wn_voice_group *voice_group, wn_error *error);

/* Samples the features last; INT64_MAX without. */
wn_status wn_conditions_length(int64_t *length, const wn_conditions *conditions, const wn_model *model,
                               wn_error *error);

/* WN_OK if that is `frames` or more. */
wn_status wn_conditions_check_length(const wn_conditions *conditions, const wn_model *model, int64_t frames,
                                     wn_error *error);

/* Frame of track event number `event`; INT64_MAX when there is none. */
int64_t wn_conditions_next_event(const wn_conditions *conditions, size_t event);

/* Set the controls whose time has come at `frame`; *event moves on. */
void wn_conditions_events(const wn_conditions *conditions, size_t *event, int64_t frame, wn_conditioner *conditioner);

#endif
