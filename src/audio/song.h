/* SPDX-License-Identifier: MIT
 * song.h - a MIDI file, played to a synth sample by sample.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_AUDIO_SONG_H
#define WN_AUDIO_SONG_H

#include "audio/midi_file.h"
#include "audio/synth.h"

typedef struct wn_song wn_song;

wn_status wn_song_load(wn_song **out, const char *path, double rate, wn_error *error);

/* As wn_song_load, from a file that has been read; it is the song's from now on, also after a failure. */
wn_status wn_song_new(wn_song **out, wn_midi_file *file, double rate, wn_error *error);
void wn_song_free(wn_song *song);

/* Play it to `voices`, as wn_voices_init made them, without a sound: their counters then tell what is left out. */
void wn_song_rehearse(const wn_song *song, wn_voices *voices);

/* Back to the first frame. */
void wn_song_start(wn_song *song);

/* The next frames: pcm [frames] of the synth, each event at its own frame. At the end of the file all notes are let go, and
 * ring out for as long as one goes on. */
void wn_song_run(wn_song *song, wn_synth *synth, float *pcm, int64_t frames);

/* Frames until the file ends. */
int64_t wn_song_frames(const wn_song *song);

#endif
