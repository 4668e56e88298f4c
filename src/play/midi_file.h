/* SPDX-License-Identifier: MIT
 * midi_file.h - Standard MIDI Files: what is played, and when.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_PLAY_MIDI_FILE_H
#define WN_PLAY_MIDI_FILE_H

#include "play/midi_message.h"

/* A file's events in order of time; those of one time are in the order of the file. Immutable. */
typedef struct wn_midi_file {
    size_t n_events;
    wn_midi_event *events;
    double seconds; /* until the last track ends */
} wn_midi_file;

/* More is refused. */
enum { WN_MIDI_MAX_BYTES = 1 << 24, WN_MIDI_MAX_EVENTS = 1 << 20, WN_MIDI_MAX_SECONDS = 86400 };

/* Read formats 0 and 1, in quarter notes with tempo changes or in SMPTE frames. What no voice can play (lyrics, key
 * signatures, other controllers, pressure, system exclusive) is stepped over. A file that breaks the format is refused, with
 * the track and the byte, from 0, where it does. */
wn_status wn_midi_file_load(wn_midi_file **out, const char *path, wn_error *error);

/* As wn_midi_file_load, from `size` bytes. `name` is used in messages. */
wn_status wn_midi_file_parse(wn_midi_file **out, const void *data, size_t size, const char *name, wn_error *error);
void wn_midi_file_free(wn_midi_file *file);

#endif
