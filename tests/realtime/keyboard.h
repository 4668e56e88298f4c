/* SPDX-License-Identifier: MIT
 * keyboard.h - a model played live: messages read and queued as a port's callback does it, followed as a synth does it.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_TESTS_KEYBOARD_H
#define WN_TESTS_KEYBOARD_H

#include "play/synth.h"

enum { KEYBOARDS = 2, LONGEST_CHUNK = 16 };

typedef struct keyboard {
    wn_model *model;
    wn_voice_group *group;
    wn_synth *synth;
    wn_midi_queue *queue;
    uint32_t random;
    int received;
    float out[LONGEST_CHUNK];
} keyboard;

/* Keyboard `index` of KEYBOARDS: of one voice and of several, for the model of a file. A failure ends the program. */
keyboard *keyboard_new(int index, const char *model);
void keyboard_free(keyboard *k);

/* Random messages, broken ones among them, and the sound of the notes; at last the queue runs over. */
void keyboard_play(keyboard *k);

#endif
