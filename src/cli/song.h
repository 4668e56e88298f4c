/* SPDX-License-Identifier: MIT
 * song.h - a MIDI file to be rendered: its score, and the mix of its voices.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_CLI_SONG_H
#define WN_CLI_SONG_H

#include "audio/score.h"
#include "cli/cli.h"

#define WN_SONG_GAIN (-6.0) /* dB; of the mix, so that four or five loud notes at once stay below full scale */
#define WN_SONG_TAIL 1.0    /* seconds that follow the end of the file, for the last notes to ring out */
enum { WN_SONG_VOICES = 8 };

typedef struct wn_song {
    wn_score *score;
    int voices;
    double gain; /* a factor */
} wn_song;

/* Read `path` for `voices` voices of `model` at `rate` Hz, and say what is left out. wn_song_free afterwards, also after
 * a failure. */
wn_status wn_song_load(wn_song *out, const wn_cli *cli, const char *path, const wn_model *model, double rate,
                       int voices, double gain_db, wn_error *error);
void wn_song_free(wn_song *song);

/* pcm [frames][voices], from sample `frame` of the song on, becomes pcm [frames]: the sum of all voices, times the
 * gain. A voice is heard from its first note on: what a model makes of a gate that was never on is no part of the song. */
void wn_song_mix(const wn_song *song, float *pcm, int64_t frame, int frames);

#endif
