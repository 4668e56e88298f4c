/* SPDX-License-Identifier: MIT
 * midi_file.h - reader of Standard MIDI Files: channel events with their times.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_PLAY_MIDI_FILE_H
#define WN_PLAY_MIDI_FILE_H

#include "play/midi_message.h"

enum { WN_MIDI_NOTE = 256 };

/* The events of a file, sorted by time; events of equal time keep the order of the file. Immutable. */
typedef struct wn_midi_file {
    size_t n_events;
    wn_midi_event *events;
    double seconds;          /* length of the longest track */
    char note[WN_MIDI_NOTE]; /* the first fault that was made up for, or "" */
} wn_midi_file;

/* Files beyond these limits are refused. */
enum { WN_MIDI_MAX_BYTES = 1 << 24, WN_MIDI_MAX_EVENTS = 1 << 20, WN_MIDI_MAX_SECONDS = 86400 };

/* Read a file of format 0 or 1, timed in quarter notes with tempo changes or in SMPTE frames. Events that voices do not
 * play (lyrics, key signatures, other controllers, pressure, system exclusive) are skipped. The file may be wrapped in a RIFF
 * file of type RMID. Wrong counts and lengths and a missing end of track are made up for, a damaged track ends at the damage;
 * the first such fault is noted. The rest is refused; the error names the byte, counted from 0. Free the result with wn_midi_file_free. */
wn_status wn_midi_file_load(wn_midi_file **out, const char *path, wn_error *error);

/* As wn_midi_file_load, from data [size]. Error messages call the data `name`. */
wn_status wn_midi_file_parse(wn_midi_file **out, const void *data, size_t size, const char *name, wn_error *error);

/* NULL is allowed. */
void wn_midi_file_free(wn_midi_file *file);

#endif
