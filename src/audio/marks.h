/* SPDX-License-Identifier: MIT
 * marks.h - how long it takes from an event to its sound: marks travel beside the samples.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_AUDIO_MARKS_H
#define WN_AUDIO_MARKS_H

#include <stdatomic.h>

#include "wavenet/audio.h"

enum { WN_MARKS_MOST = 64 }; /* on their way; more are not measured */

/* One thread sets marks, one passes them, any may ask. Zero is the beginning. */
typedef struct wn_marks {
    struct {
        int64_t frame;
        double when;
    } mark[WN_MARKS_MOST];
    _Atomic unsigned set, passed; /* count up */
    _Atomic int64_t n;            /* measured */
    _Atomic double last, sum, worst;
} wn_marks;

/* The sound at `frame` answers what happened at `when`, in seconds of CLOCK_MONOTONIC. Frames never go back. */
WN_REALTIME void wn_marks_set(wn_marks *marks, int64_t frame, double when);

/* Frames `first` .. first + frames - 1 leave now, and the first of them is heard in `delay` seconds. */
WN_REALTIME void wn_marks_pass(wn_marks *marks, int64_t first, int frames, double rate, double delay);

/* Fills the counts of marks. */
void wn_marks_get(const wn_marks *marks, wn_player_stats *counts);

#endif
