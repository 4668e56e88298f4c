/* SPDX-License-Identifier: MIT
 * voice_data.h - what a voice knows besides its network: its phones, how long they last, and how espeak-ng calls them.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_CLI_VOICE_DATA_H
#define WN_CLI_VOICE_DATA_H

#include <stdbool.h>

#include "wavenet/wavenet.h"

enum { WN_VOICE_MAX_PHONES = 64, WN_VOICE_MAX_RULES = 256, WN_VOICE_NAME = 8, WN_VOICE_PHONEME = 24 };
enum { WN_VOICE_PAUSE, WN_VOICE_SILENT = -1 }; /* the first phone is the pause; no phone at all */

typedef enum wn_voice_place {
    WN_VOICE_AFTER_PAUSE,
    WN_VOICE_WITHIN,
    WN_VOICE_BEFORE_PAUSE,
    WN_VOICE_PLACES
} wn_voice_place;

typedef struct wn_voice_phone {
    char name[WN_VOICE_NAME];
    bool is_vowel;
    int ms[WN_VOICE_PLACES]; /* mean duration; those from the last vowel on stand before the pause. 0 for the pause */
} wn_voice_phone;

/* One phoneme of espeak-ng, with or without its place in the word: "V", "V after", "V after soft". */
typedef struct wn_voice_rule {
    char phoneme[WN_VOICE_PHONEME];
    int phone; /* or WN_VOICE_SILENT */
} wn_voice_rule;

typedef struct wn_voice {
    int n_phones, n_rules;
    wn_voice_phone phones[WN_VOICE_MAX_PHONES];
    wn_voice_rule rules[WN_VOICE_MAX_RULES];
    int start_ms, clause_ms, end_ms; /* pauses at the start, between clauses and at the end of a sentence */
    double pitch_scale;              /* of the pitch in the network's output */
    char vocoder[64], language[16];  /* name of the model; of espeak-ng's voice */
} wn_voice;

/* Read the JSON file `path`. */
wn_status wn_voice_read(wn_voice *voice, const char *path, wn_error *error);

/* Number of the phone called `name`, or -1. */
int wn_voice_find_phone(const wn_voice *voice, const char *name);

/* The rule for exactly `phoneme`, or NULL. */
const wn_voice_rule *wn_voice_find_rule(const wn_voice *voice, const char *phoneme);

#endif
