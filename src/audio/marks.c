/* SPDX-License-Identifier: MIT
 * marks.c - how long it takes from an event to its sound.
 * Copyright (c) 2026 the wavenet authors */
#include "audio/marks.h"

#include "audio/clock.h"

void wn_marks_set(wn_marks *m, int64_t frame, double when)
{
    unsigned set = atomic_load_explicit(&m->set, memory_order_relaxed);
    if (set - atomic_load_explicit(&m->passed, memory_order_acquire) >= WN_MARKS_MOST) return;
    m->mark[set % WN_MARKS_MOST].frame = frame;
    m->mark[set % WN_MARKS_MOST].when = when;
    atomic_store_explicit(&m->set, set + 1, memory_order_release);
}

static void count(wn_marks *m, double seconds)
{
    double sum = atomic_load_explicit(&m->sum, memory_order_relaxed);
    atomic_store_explicit(&m->last, seconds, memory_order_relaxed);
    atomic_store_explicit(&m->sum, sum + seconds, memory_order_relaxed);
    if (seconds > atomic_load_explicit(&m->worst, memory_order_relaxed))
        atomic_store_explicit(&m->worst, seconds, memory_order_relaxed);
    atomic_fetch_add_explicit(&m->n, 1, memory_order_relaxed);
}

void wn_marks_pass(wn_marks *m, int64_t first, int frames, double rate, double delay)
{
    unsigned passed = atomic_load_explicit(&m->passed, memory_order_relaxed);
    unsigned set = atomic_load_explicit(&m->set, memory_order_acquire);
    for (; passed != set && m->mark[passed % WN_MARKS_MOST].frame < first + frames; passed++) {
        double ahead = (double)(m->mark[passed % WN_MARKS_MOST].frame - first) / rate;
        double heard = wn_clock_seconds() + delay + (ahead > 0 ? ahead : 0);
        count(m, heard - m->mark[passed % WN_MARKS_MOST].when);
    }
    atomic_store_explicit(&m->passed, passed, memory_order_release);
}

void wn_marks_get(const wn_marks *m, wn_player_stats *counts)
{
    counts->probes = atomic_load_explicit(&m->n, memory_order_relaxed);
    counts->latency_last = atomic_load_explicit(&m->last, memory_order_relaxed);
    counts->latency_worst = atomic_load_explicit(&m->worst, memory_order_relaxed);
    counts->latency_mean = counts->probes ? atomic_load_explicit(&m->sum, memory_order_relaxed) / (double)counts->probes : 0;
}
