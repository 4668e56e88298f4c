/* SPDX-License-Identifier: MIT
 * latency_probe.h - measures the latency from an event to its sound. Probes travel beside the samples.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_AUDIO_LATENCY_PROBE_H
#define WN_AUDIO_LATENCY_PROBE_H

#include <stdatomic.h>

#include "wavenet/audio.h"

enum { WN_MAX_LATENCY_PROBES = 64 }; /* pending at a time; further probes are ignored */

/* One thread sets probes, one plays them, any thread may read the results. All zero is the initial state. */
typedef struct wn_latency_probe {
    struct {
        int64_t frame; /* of the sound that answers the event */
        double when;   /* seconds: time of the event */
    } probe[WN_MAX_LATENCY_PROBES];
    _Atomic unsigned n_set, n_passed; /* probes so far; the difference is pending */
    _Atomic int64_t n_measured;
    _Atomic double latency_last, latency_sum, latency_worst; /* seconds */
} wn_latency_probe;

/* Setting thread: the sound at `frame` answers an event at `when`, seconds of CLOCK_MONOTONIC. Frames must not
 * decrease. */
WN_REALTIME void wn_latency_probe_set(wn_latency_probe *probes, int64_t frame, double when);

/* Playing thread: frames first .. first + frames - 1 are handed to the device now, at `rate` Hz; the first of them is
 * heard in `delay` seconds. */
WN_REALTIME void wn_latency_probe_advance(wn_latency_probe *probes, int64_t first, int frames, double rate,
                                          double delay);

/* Fill in the members `probes` and `latency_...` of *stats. */
void wn_latency_probe_get(const wn_latency_probe *probes, wn_player_stats *stats);

#endif
