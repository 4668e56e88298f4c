/* SPDX-License-Identifier: MIT
 * acoustic.h - the acoustic network of a voice: sentences of phones become rows of features for a vocoder.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_CLI_ACOUSTIC_H
#define WN_CLI_ACOUSTIC_H

#include "cli/phone_rows.h"

enum { WN_ACOUSTIC_BLOCK = 64 };

typedef struct wn_acoustic {
    const wn_voice *voice;
    wn_model *model;
    wn_model_info info;
    wn_processor *processor;
    wn_phone_rows rows;
    wn_sentence sentence; /* being spoken */
    int64_t t;            /* next row of the network's input, below 0 before the sentence */
    int spoken;           /* phone of the feature row made last */
    int voicing;          /* column of the features; the pitch follows it */
    double reference;     /* Hz of pitch 0 */
    float last_pitch;     /* of the voiced row before */
    float *in, *out;      /* [WN_ACOUSTIC_BLOCK][channels] */
} wn_acoustic;

/* Load the network of `voice`, the model called `name`, for the features of `vocoder`, called `vocoder_name`. `voice` must outlive
 * it. Call wn_acoustic_close afterwards, also after a failure. */
wn_status wn_acoustic_open(wn_acoustic *acoustic, const wn_voice *voice, const char *name, const wn_model *vocoder,
                           const char *vocoder_name, wn_cpu cpu, wn_error *error);
void wn_acoustic_close(wn_acoustic *acoustic);

/* Begin with acoustic->sentence, of at least one phone. */
void wn_acoustic_start(wn_acoustic *acoustic);

/* The next rows of features, up to WN_ACOUSTIC_BLOCK, into features [rows][channels of the vocoder]. Returns their number; below 0:
 * the sentence is over. 0 rows are not the end. */
int wn_acoustic_run(wn_acoustic *acoustic, float *features);

#endif
