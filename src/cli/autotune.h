/* SPDX-License-Identifier: MIT
 * autotune.h - how many voices this machine plays in time, and on how many threads: measured.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_CLI_AUTOTUNE_H
#define WN_CLI_AUTOTUNE_H

#include "cli/cli.h"
#include "cli/conditions.h"

/* The models to play, and the settings to choose. */
typedef struct wn_autotune {
    const wn_model *model;
    const wn_conditions *conditions;
    double rate; /* Hz */
    bool chooses_voices, chooses_threads;
    wn_voice_group_config config; /* what is not to be chosen stays */
} wn_autotune;

/* Choose config.voices and config.threads: the most voices, then the fewest threads, that reach WN_REALTIME_MARGIN. Measures
 * for up to some seconds, and prints a note of the choice. Where nothing is to be chosen, nothing is done. */
wn_status wn_autotune_voices(wn_autotune *tune, const wn_cli *cli, wn_error *error);

#endif
