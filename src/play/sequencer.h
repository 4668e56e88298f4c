/* SPDX-License-Identifier: MIT
 * sequencer.h - MIDI sequencer: plays a MIDI file on a synth, sample-accurately.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_PLAY_SEQUENCER_H
#define WN_PLAY_SEQUENCER_H

#include "play/midi_file.h"
#include "play/synth.h"

/* One thread at a time. */
typedef struct wn_sequencer wn_sequencer;

/* Load the MIDI file `path`, to be played at `rate` Hz. */
wn_status wn_sequencer_load(wn_sequencer **out, const char *path, double rate, wn_error *error);

/* The fault of the file that was made up for, or "". */
const char *wn_sequencer_note(const wn_sequencer *sequencer);

/* As wn_sequencer_load, from a loaded file. Takes ownership of `file`, also on failure. */
wn_status wn_sequencer_new(wn_sequencer **out, wn_midi_file *file, double rate, wn_error *error);
void wn_sequencer_free(wn_sequencer *sequencer);

/* Send all events to `voices`, which wn_voices_init made, without generating sound: their counters then tell how many
 * notes would be skipped or stolen. */
void wn_sequencer_dry_run(const wn_sequencer *sequencer, wn_voices *voices);

/* Rewind to the first frame. */
void wn_sequencer_start(wn_sequencer *sequencer);

/* Generate the next frames: pcm [frames] of the synth, with every event at its exact frame. The end of the file
 * releases all notes; later frames contain their decay. */
void wn_sequencer_run(wn_sequencer *sequencer, wn_synth *synth, float *pcm, int64_t frames);

/* Length of the file in frames. */
int64_t wn_sequencer_frames(const wn_sequencer *sequencer);

#endif
