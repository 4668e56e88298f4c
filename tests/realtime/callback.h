/* SPDX-License-Identifier: MIT
 * callback.h - what a device's callback runs, made beforehand, with commands under way and a recorder that listens.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_TESTS_CALLBACK_H
#define WN_TESTS_CALLBACK_H

#include "../engine/drawn.h"
#include "wavenet/audio.h"

enum { CALLBACKS = 8, LONGEST_CALL = 100, CALLBACK_UNITS = 3 };

typedef struct callback {
    wn_effect_unit *units[CALLBACK_UNITS]; /* chains of one model and of two, at hand or with the live */
    bool at_hand[CALLBACK_UNITS];
    wn_effect_unit *first; /* that the live was made with; freed at the end */
    wn_live *live_effect;
    float in[LONGEST_CALL], out[LONGEST_CALL], dry[LONGEST_CALL], wet[LONGEST_CALL];
} callback;

/* Callback `index` of CALLBACKS: at one rate, up and down. A failure ends the program. */
callback *callback_new(int index);
void callback_free(callback *c);

/* Blocks of all lengths, while models are switched and bypassed, gains moved, NaN come in, and at last it fades. */
void callback_play(callback *c);

#endif
