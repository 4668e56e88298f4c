/* SPDX-License-Identifier: MIT
 * voices.h - voice allocator: what MIDI plays, shared out among the voices of a model with controls.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_PLAY_VOICES_H
#define WN_PLAY_VOICES_H

#include <stdbool.h>

#include "play/midi_file.h"

enum {
    WN_MAX_VOICES = 64,
    WN_MAX_VOICE_CHANGES = 2 * WN_MAX_VOICES + 6, /* an event's, at most: a pedal and a bend for each voice, or one note */
    WN_MIDI_CHANNELS = 16,
    WN_MIDI_DRUMS = 9,
    WN_MIDI_PROGRAMS = 128
};

/* Control `control` of `voice` takes `value`. */
typedef struct wn_voice_change {
    int voice, control;
    double value;
} wn_voice_change;

typedef enum wn_voice_state {
    WN_VOICE_RELEASED, /* or never played */
    WN_VOICE_HELD,     /* its key is down */
    WN_VOICE_SUSTAINED /* its key is up, the pedal is down */
} wn_voice_state;

/* A plain value, made by wn_voices_init; nothing to free. One thread at a time. The same events give the same changes. */
typedef struct wn_voices {
    int n;
    int key, velocity, gate, instrument, bend; /* controls of the model, or -1 */
    int lowest, highest;                       /* keys */
    double bend_range;                         /* two semitones, in the control's unit */
    int choices[WN_MIDI_PROGRAMS];             /* of the instrument control */
    uint64_t now;                              /* counts events */
    struct {
        wn_voice_state state;
        int channel, key; /* -1: never played */
        uint64_t since;   /* its last start or release */
    } voice[WN_MAX_VOICES];
    struct {
        int program, bend; /* bend -8192 .. 8191 */
        bool pedal;
    } channel[WN_MIDI_CHANNELS];
    int64_t notes, drums, outside, stolen; /* notes so far: played, left out (two kinds), and taken another's voice */
} wn_voices;

/* For 1 .. WN_MAX_VOICES voices of `model`, which needs the controls key and gate; velocity, instrument and bend are used
 * where there are such. */
wn_status wn_voices_init(wn_voices *voices, const wn_model *model, int n, wn_error *error);

/* What is to be set before anything is played: every gate off. Returns how many changes. */
WN_REALTIME int wn_voices_start(const wn_voices *voices, wn_voice_change changes[WN_MAX_VOICE_CHANGES]);

/* What an event changes, in the order to be set, all at the time of the event. A note takes the voice that was released
 * the longest ago, or else the one that has played the longest; its gate then goes off and on in one moment, which starts
 * a note anew. A key that is struck again releases its earlier note. Bends also move notes that ring out. Programs, of
 * later notes, become instruments by their General MIDI family. The drum channel and keys beyond the model's are left out,
 * and counted. */
WN_REALTIME int wn_voices_event(wn_voices *voices, const wn_midi_event *event,
                                wn_voice_change changes[WN_MAX_VOICE_CHANGES]);

/* Let go of every key and pedal. */
WN_REALTIME int wn_voices_release(wn_voices *voices, wn_voice_change changes[WN_MAX_VOICE_CHANGES]);

#endif
