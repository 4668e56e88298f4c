/* SPDX-License-Identifier: MIT
 * score.h - a whole MIDI file as control changes of voices, sample by sample.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_AUDIO_SCORE_H
#define WN_AUDIO_SCORE_H

#include "audio/voices.h"

typedef struct wn_score_event {
    int64_t frame;
    wn_voice_change change;
} wn_score_event;

/* Sorted by frame; at frame 0 every gate is off, at the end again. Immutable. */
typedef struct wn_score {
    size_t n_events;
    wn_score_event *events;
    int64_t frames;                /* until the file ends */
    int64_t first[WN_VOICES_MOST]; /* frame of each voice's first note; INT64_MAX: none */
} wn_score;

/* Play `file` to `voices`, as wn_voices_init made them, at `rate` Hz. */
wn_status wn_score_new(wn_score **out, const wn_midi_file *file, wn_voices *voices, double rate, wn_error *error);
void wn_score_free(wn_score *score);

#endif
