/* SPDX-License-Identifier: MIT
 * sequencer.h - a MIDI file, played to a synth sample by sample.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_PLAY_SEQUENCER_H
#define WN_PLAY_SEQUENCER_H

#include "play/midi_file.h"
#include "play/synth.h"

typedef struct wn_sequencer wn_sequencer;

wn_status wn_sequencer_load(wn_sequencer **out, const char *path, double rate, wn_error *error);

/* As wn_sequencer_load, from a file that has been read; it is the song's from now on, also after a failure. */
wn_status wn_sequencer_new(wn_sequencer **out, wn_midi_file *file, double rate, wn_error *error);
void wn_sequencer_free(wn_sequencer *song);

/* Play it to `voices`, as wn_voices_init made them, without a sound: their counters then tell what is left out. */
void wn_sequencer_dry_run(const wn_sequencer *song, wn_voices *voices);

/* Back to the first frame. */
void wn_sequencer_start(wn_sequencer *song);

/* The next frames: pcm [frames] of the synth, each event at its own frame. At the end of the file all notes are let go, and
 * ring out for as long as one goes on. */
void wn_sequencer_run(wn_sequencer *song, wn_synth *synth, float *pcm, int64_t frames);

/* Frames until the file ends. */
int64_t wn_sequencer_frames(const wn_sequencer *song);

#endif
