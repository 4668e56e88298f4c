/* SPDX-License-Identifier: MIT
 * midi_options.h - notes played live, from the command line: which MIDI input, and what is told of it.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_CLI_MIDI_OPTIONS_H
#define WN_CLI_MIDI_OPTIONS_H

#include "audio/midi_input.h"
#include "cli/cli.h"
#include "play/synth.h"
#include "wavenet/audio.h"

typedef struct wn_midi_options {
    int requested;
    char *query; /* NULL: any */
    wn_midi_input *port;
} wn_midi_options;

/* clang-format off */
#define WN_CLI_MIDI(k) \
    { "midi", 0, POPT_ARG_NONE, &(k)->requested, 0, \
      "play the notes of the first MIDI input; if there is none, offer one for others to connect to", NULL }, \
    { "midi-port", 0, POPT_ARG_STRING, &(k)->query, 0, \
      "MIDI input: number or name from wavenet devices, or a part of it (default: the first)", "PORT" }
/* clang-format on */

/* Open the input and print its name as a note. Messages of the system's MIDI libraries are discarded. */
wn_status wn_midi_options_open(wn_midi_options *midi, const wn_cli *cli, wn_error *error);

/* Forget what was played so far: nobody could hear it. */
void wn_midi_options_start(wn_midi_options *midi);
void wn_midi_options_close(wn_midi_options *midi);

/* For a line of status: the voices that play, and the time from key to sound, as far as it is known. */
const char *wn_midi_options_status(char *text, size_t size, const wn_synth *synth, const wn_player_stats *counts);

/* The same for JSON, with all that was counted. */
json_t *wn_midi_options_json(const wn_midi_options *midi, const wn_synth *synth, const wn_player_stats *counts);

/* At the end. */
void wn_midi_options_report(const wn_midi_options *midi, const wn_cli *cli, const wn_synth *synth,
                            const wn_player_stats *counts);

#endif
