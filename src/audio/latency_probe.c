/* SPDX-License-Identifier: MIT
 * latency_probe.c - measures the latency from an event to its sound.
 * Copyright (c) 2026 the wavenet authors */
#include "audio/latency_probe.h"

#include "base/clock.h"

void wn_latency_probe_set(wn_latency_probe *probes, int64_t frame, double when)
{
    unsigned set = atomic_load_explicit(&probes->n_set, memory_order_relaxed);
    if (set - atomic_load_explicit(&probes->n_passed, memory_order_acquire) >= WN_MAX_LATENCY_PROBES) return;
    probes->probe[set % WN_MAX_LATENCY_PROBES].frame = frame;
    probes->probe[set % WN_MAX_LATENCY_PROBES].when = when;
    atomic_store_explicit(&probes->n_set, set + 1, memory_order_release);
}

static void add_latency(wn_latency_probe *probes, double seconds)
{
    double sum = atomic_load_explicit(&probes->latency_sum, memory_order_relaxed);
    atomic_store_explicit(&probes->latency_last, seconds, memory_order_relaxed);
    atomic_store_explicit(&probes->latency_sum, sum + seconds, memory_order_relaxed);
    if (seconds > atomic_load_explicit(&probes->latency_worst, memory_order_relaxed))
        atomic_store_explicit(&probes->latency_worst, seconds, memory_order_relaxed);
    atomic_fetch_add_explicit(&probes->n_measured, 1, memory_order_relaxed);
}

void wn_latency_probe_advance(wn_latency_probe *probes, int64_t first, int frames, double rate, double delay)
{
    unsigned passed = atomic_load_explicit(&probes->n_passed, memory_order_relaxed);
    unsigned set = atomic_load_explicit(&probes->n_set, memory_order_acquire);
    for (; passed != set && probes->probe[passed % WN_MAX_LATENCY_PROBES].frame < first + frames; passed++) {
        double ahead = (double)(probes->probe[passed % WN_MAX_LATENCY_PROBES].frame - first) / rate;
        double latency = wn_clock_seconds() + delay + (ahead > 0 ? ahead : 0);
        add_latency(probes, latency - probes->probe[passed % WN_MAX_LATENCY_PROBES].when);
    }
    atomic_store_explicit(&probes->n_passed, passed, memory_order_release);
}

void wn_latency_probe_get(const wn_latency_probe *probes, wn_player_stats *stats)
{
    stats->probes = atomic_load_explicit(&probes->n_measured, memory_order_relaxed);
    stats->latency_last = atomic_load_explicit(&probes->latency_last, memory_order_relaxed);
    stats->latency_worst = atomic_load_explicit(&probes->latency_worst, memory_order_relaxed);
    stats->latency_mean =
        stats->probes ? atomic_load_explicit(&probes->latency_sum, memory_order_relaxed) / (double)stats->probes : 0;
}
