/* SPDX-License-Identifier: MIT
 * midi_message.h - what the messages of MIDI say to a model that plays notes.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_PLAY_MIDI_MESSAGE_H
#define WN_PLAY_MIDI_MESSAGE_H

#include "wavenet/wavenet.h"

typedef enum wn_midi_kind {
    WN_MIDI_NOTE_OFF, /* number: key, value: velocity */
    WN_MIDI_NOTE_ON,  /* number: key, value: velocity, 1 or more */
    WN_MIDI_CONTROL,  /* number: one of wn_midi_controller, value */
    WN_MIDI_PROGRAM,  /* value: program */
    WN_MIDI_BEND      /* value: -8192 .. 8191 */
} wn_midi_kind;

/* The controllers that are understood; all others are left out. */
typedef enum wn_midi_controller {
    WN_MIDI_SUSTAIN = 64, /* 64 and more: the pedal is down */
    WN_MIDI_ALL_SOUND_OFF = 120,
    WN_MIDI_RESET = 121, /* pedal up, bend in the middle */
    WN_MIDI_ALL_NOTES_OFF = 123
} wn_midi_controller;

typedef struct wn_midi_event {
    double time;     /* seconds: from the start of a file, or, of what is played live, on CLOCK_MONOTONIC */
    uint8_t kind;    /* wn_midi_kind */
    uint8_t channel; /* 0 .. 15; 9 is the one of the drums */
    uint8_t number;  /* 0 .. 127 */
    int16_t value;   /* 0 .. 127, but for bends */
} wn_midi_event;

typedef enum wn_midi_result {
    WN_MIDI_TAKEN,    /* it is an event */
    WN_MIDI_LEFT_OUT, /* well formed, but nothing that a voice could play: pressure, other controllers, system messages */
    WN_MIDI_BROKEN    /* no status byte at its start, too short, too long, or with a data byte above 127 */
} wn_midi_result;

/* Read one complete message, bytes [n], its status byte first. *event is written only where it is WN_MIDI_TAKEN; its time
 * is 0. */
WN_REALTIME wn_midi_result wn_midi_message_read(wn_midi_event *event, const uint8_t *bytes, size_t n);

#endif
