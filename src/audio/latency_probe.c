/* SPDX-License-Identifier: MIT
 * latency_probe.c - how long it takes from an event to its sound.
 * Copyright (c) 2026 the wavenet authors */
#include "audio/latency_probe.h"

#include "base/clock.h"

void wn_latency_probe_set(wn_latency_probe *m, int64_t frame, double when)
{
    unsigned set = atomic_load_explicit(&m->set, memory_order_relaxed);
    if (set - atomic_load_explicit(&m->passed, memory_order_acquire) >= WN_MAX_LATENCY_PROBES) return;
    m->mark[set % WN_MAX_LATENCY_PROBES].frame = frame;
    m->mark[set % WN_MAX_LATENCY_PROBES].when = when;
    atomic_store_explicit(&m->set, set + 1, memory_order_release);
}

static void count(wn_latency_probe *m, double seconds)
{
    double sum = atomic_load_explicit(&m->sum, memory_order_relaxed);
    atomic_store_explicit(&m->last, seconds, memory_order_relaxed);
    atomic_store_explicit(&m->sum, sum + seconds, memory_order_relaxed);
    if (seconds > atomic_load_explicit(&m->worst, memory_order_relaxed))
        atomic_store_explicit(&m->worst, seconds, memory_order_relaxed);
    atomic_fetch_add_explicit(&m->n, 1, memory_order_relaxed);
}

void wn_latency_probe_advance(wn_latency_probe *m, int64_t first, int frames, double rate, double delay)
{
    unsigned passed = atomic_load_explicit(&m->passed, memory_order_relaxed);
    unsigned set = atomic_load_explicit(&m->set, memory_order_acquire);
    for (; passed != set && m->mark[passed % WN_MAX_LATENCY_PROBES].frame < first + frames; passed++) {
        double ahead = (double)(m->mark[passed % WN_MAX_LATENCY_PROBES].frame - first) / rate;
        double heard = wn_clock_seconds() + delay + (ahead > 0 ? ahead : 0);
        count(m, heard - m->mark[passed % WN_MAX_LATENCY_PROBES].when);
    }
    atomic_store_explicit(&m->passed, passed, memory_order_release);
}

void wn_latency_probe_get(const wn_latency_probe *m, wn_player_stats *counts)
{
    counts->probes = atomic_load_explicit(&m->n, memory_order_relaxed);
    counts->latency_last = atomic_load_explicit(&m->last, memory_order_relaxed);
    counts->latency_worst = atomic_load_explicit(&m->worst, memory_order_relaxed);
    counts->latency_mean = counts->probes ? atomic_load_explicit(&m->sum, memory_order_relaxed) / (double)counts->probes : 0;
}
