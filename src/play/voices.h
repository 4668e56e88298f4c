/* SPDX-License-Identifier: MIT
 * voices.h - voice allocator: distributes MIDI notes among the voices of a model with controls.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_PLAY_VOICES_H
#define WN_PLAY_VOICES_H

#include <stdbool.h>

#include "play/midi_file.h"

enum {
    WN_MAX_VOICES = 64,
    WN_MAX_VOICE_CHANGES = 2 * WN_MAX_VOICES + 6, /* per event: a gate and a bend for each voice, or one note */
    WN_MIDI_CHANNELS = 16,
    WN_MIDI_DRUMS = 9,
    WN_MIDI_NO_PARAMETER = 0x3fff,
    WN_MIDI_PROGRAMS = 128
};

/* Control number `control` of voice `voice` is to be set to `value`. */
typedef struct wn_voice_change {
    int voice, control;
    double value;
} wn_voice_change;

typedef enum wn_voice_state {
    WN_VOICE_RELEASED, /* also before its first note */
    WN_VOICE_HELD,     /* its key is down */
    WN_VOICE_SUSTAINED /* its key is up, the pedal is down */
} wn_voice_state;

/* Initialised by wn_voices_init; owns no memory. One thread at a time. Deterministic: the same events give the same
 * changes. */
typedef struct wn_voices {
    int n;
    int key, velocity, gate, instrument, bend; /* control numbers of the model, or -1 */
    int lowest, highest;                       /* keys of the model */
    double semitone;                           /* in the unit of the control bend */
    double lowest_bend, highest_bend;          /* of that control */
    int choices[WN_MIDI_PROGRAMS];             /* choice of the control instrument for each program */
    int choice;                                /* of the control instrument for every note; -1: by the program */
    double tuning;                             /* added to every bend, in the unit of the control bend */
    uint64_t now;                              /* events so far, which serves as the clock */
    struct {
        wn_voice_state state;
        int channel, key; /* -1: never played */
        uint64_t since;   /* time of its last start or release */
    } voice[WN_MAX_VOICES];
    struct {
        int program, bend;              /* bend -8192 .. 8191 */
        int volume, expression;         /* 0 .. 127; full where the song sets none */
        int parameter;                  /* registered one that is chosen; WN_MIDI_NO_PARAMETER: none */
        int bend_semitones, bend_cents; /* range of a full bend */
        bool pedal;
    } channel[WN_MIDI_CHANNELS];
    int64_t notes;   /* notes played so far */
    int64_t drums;   /* notes skipped so far because they are on the drum channel */
    int64_t outside; /* notes skipped so far because their key is outside lowest .. highest */
    int64_t bends;   /* bends skipped so far because the model has no control bend */
    int64_t stolen;  /* notes so far that cut off another note to use its voice */
} wn_voices;

/* Prepare n = 1 .. WN_MAX_VOICES voices of `model`, which needs the controls key and gate; velocity, instrument and
 * bend are optional. WN_ERROR_ARGUMENT if `n` is out of range or a control is missing. */
wn_status wn_voices_init(wn_voices *voices, const wn_model *model, int n, wn_error *error);

/* The changes to apply before anything is played: every gate off. Returns their number. */
WN_REALTIME int wn_voices_start(const wn_voices *voices, wn_voice_change changes[WN_MAX_VOICE_CHANGES]);

/* The changes of an event, to be applied in order at the time of the event. Returns their number. A note takes the
 * voice that was released the longest ago or, if all are playing, the one that started first; its gate then goes off
 * and on at the same time, which starts a new note. A repeated note-on of a key releases its earlier note. Bends also
 * apply to released notes; their range is two semitones until registered parameter 0 sets another. A program change selects the instrument of later notes by General MIDI family. Notes on the
 * drum channel and outside the model's keys are skipped and counted. */
WN_REALTIME int wn_voices_event(wn_voices *voices, const wn_midi_event *event,
                                wn_voice_change changes[WN_MAX_VOICE_CHANGES]);

/* Instrument of later notes: a choice of that control, or -1: by the program of the channel, as at first. */
WN_REALTIME void wn_voices_set_instrument(wn_voices *voices, int choice);

/* Tune every note, sounding ones included, `semitones` higher. Returns the number of changes. No effect without a control bend. */
WN_REALTIME int wn_voices_set_tuning(wn_voices *voices, double semitones,
                                     wn_voice_change changes[WN_MAX_VOICE_CHANGES]);

/* Factor of voice `voice` by volume and expression of its channel, 0 .. 1: the square of each, as General MIDI recommends, 127
 * being full. */
WN_REALTIME double wn_voices_gain(const wn_voices *voices, int voice);

/* Release every key and pedal. Returns the number of changes. */
WN_REALTIME int wn_voices_release(wn_voices *voices, wn_voice_change changes[WN_MAX_VOICE_CHANGES]);

#endif
