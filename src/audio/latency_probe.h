/* SPDX-License-Identifier: MIT
 * latency_probe.h - how long it takes from an event to its sound: marks travel beside the samples.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_AUDIO_LATENCY_PROBE_H
#define WN_AUDIO_LATENCY_PROBE_H

#include <stdatomic.h>

#include "wavenet/audio.h"

enum { WN_MAX_LATENCY_PROBES = 64 }; /* on their way; more are not measured */

/* One thread sets marks, one passes them, any may ask. Zero is the beginning. */
typedef struct wn_latency_probe {
    struct {
        int64_t frame;
        double when;
    } mark[WN_MAX_LATENCY_PROBES];
    _Atomic unsigned set, passed; /* count up */
    _Atomic int64_t n;            /* measured */
    _Atomic double last, sum, worst;
} wn_latency_probe;

/* The sound at `frame` answers what happened at `when`, in seconds of CLOCK_MONOTONIC. Frames never go back. */
WN_REALTIME void wn_latency_probe_set(wn_latency_probe *marks, int64_t frame, double when);

/* Frames `first` .. first + frames - 1 leave now, and the first of them is heard in `delay` seconds. */
WN_REALTIME void wn_latency_probe_advance(wn_latency_probe *marks, int64_t first, int frames, double rate, double delay);

/* Fills the counts of marks. */
void wn_latency_probe_get(const wn_latency_probe *marks, wn_player_stats *counts);

#endif
