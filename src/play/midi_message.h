/* SPDX-License-Identifier: MIT
 * midi_message.h - parser of MIDI channel messages.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_PLAY_MIDI_MESSAGE_H
#define WN_PLAY_MIDI_MESSAGE_H

#include "wavenet/wavenet.h"

typedef enum wn_midi_kind {
    WN_MIDI_NOTE_OFF, /* number: key, value: velocity */
    WN_MIDI_NOTE_ON,  /* number: key, value: velocity, 1 .. 127 */
    WN_MIDI_CONTROL,  /* number: one of wn_midi_controller, value */
    WN_MIDI_PROGRAM,  /* value: program */
    WN_MIDI_BEND      /* value: -8192 .. 8191 */
} wn_midi_kind;

/* The supported controllers; all others are ignored. */
typedef enum wn_midi_controller {
    WN_MIDI_DATA = 6, /* semitones of the parameter that was chosen, if it is the bend range */
    WN_MIDI_VOLUME = 7,
    WN_MIDI_EXPRESSION = 11,
    WN_MIDI_DATA_FINE = 38,  /* hundredths of a semitone of the same */
    WN_MIDI_SUSTAIN = 64,    /* the pedal is down at values of 64 and more */
    WN_MIDI_OTHER_FINE = 98, /* chooses a parameter that is not registered: none of ours */
    WN_MIDI_OTHER = 99,
    WN_MIDI_PARAMETER_FINE = 100, /* with the next: chooses a registered parameter; 0 is the bend range */
    WN_MIDI_PARAMETER = 101,
    WN_MIDI_ALL_SOUND_OFF = 120,
    WN_MIDI_RESET = 121, /* pedal up, bend 0, full expression, no parameter chosen */
    WN_MIDI_ALL_NOTES_OFF = 123
} wn_midi_controller;

typedef struct wn_midi_event {
    double time;     /* seconds: from the start of a file or, for live input, on CLOCK_MONOTONIC */
    uint8_t kind;    /* wn_midi_kind */
    uint8_t channel; /* 0 .. 15; 9 is the drum channel */
    uint8_t number;  /* 0 .. 127 */
    int16_t value;   /* 0 .. 127; bends: -8192 .. 8191 */
} wn_midi_event;

typedef enum wn_midi_result {
    WN_MIDI_ACCEPTED, /* *event was written */
    WN_MIDI_IGNORED,  /* well formed, but not for voices: pressure, other controllers, system messages */
    WN_MIDI_MALFORMED /* the first byte is no status byte, the length is wrong, or a data byte is above 127 */
} wn_midi_result;

/* Parse one complete message, bytes [n], whose first byte is its status. *event is written, with time 0, only if the
 * result is WN_MIDI_ACCEPTED. */
WN_REALTIME wn_midi_result wn_midi_message_read(wn_midi_event *event, const uint8_t *bytes, size_t n);

#endif
