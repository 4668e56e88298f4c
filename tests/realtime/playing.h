/* SPDX-License-Identifier: MIT
 * playing.h - a player whose source falls behind and comes to an end, as a device's callback meets it.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_TESTS_PLAYING_H
#define WN_TESTS_PLAYING_H

#include <stdatomic.h>

#include "wavenet/audio.h"

enum { PLAYINGS = 4, LONGEST_READ = 300 };

typedef struct playing {
    wn_player *player;
    atomic_int late;      /* seconds the source sleeps, in thousandths */
    int generated, reads; /* frames of the source, blocks */
    int fades, probes;    /* 1: it is told to end, and what it makes answers events; 0: its source ends */
    float out[LONGEST_READ];
} playing;

/* Number `index` of PLAYINGS: at one rate and resampled, the first half without probes. It has enough ready to begin. A
 * failure ends the program. */
playing *playing_new(int index);
void playing_free(playing *p);

/* Some blocks of all lengths. */
void playing_run(playing *p);

/* Waits a little, as a device does between its blocks; after a few underruns the source catches up. 0: it is over. */
int playing_rest(playing *p);

#endif
