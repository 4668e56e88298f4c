/* SPDX-License-Identifier: MIT
 * midi_queue.c - a lock-free queue of MIDI events between one thread that receives and one that plays.
 * Copyright (c) 2026 the wavenet authors */
#include "play/midi_queue.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "model/model.h"

enum { CACHE_LINE = 64 }; /* bytes */

/* A single-producer, single-consumer ring. The counters only grow and wrap with size_t, whose range is a multiple of
 * the capacity. Padding keeps the counters of the two threads on separate cache lines. */
struct wn_midi_queue {
    wn_midi_event events[WN_MIDI_QUEUE_CAPACITY];
    char padding[CACHE_LINE];
    atomic_size_t pushed; /* written by the receiving thread only */
    _Atomic int64_t dropped;
    char padding_popped[CACHE_LINE];
    atomic_size_t popped; /* written by the playing thread only */
};

wn_status wn_midi_queue_new(wn_midi_queue **out, wn_error *error)
{
    wn_midi_queue *q = *out = calloc(1, sizeof *q);
    if (!q) return wn_fail_memory(error, NULL);
    atomic_init(&q->pushed, 0);
    atomic_init(&q->dropped, 0);
    atomic_init(&q->popped, 0);
    return WN_OK;
}

void wn_midi_queue_free(wn_midi_queue *queue) { free(queue); }

bool wn_midi_queue_push(wn_midi_queue *q, const wn_midi_event *event)
{
    size_t pushed = atomic_load_explicit(&q->pushed, memory_order_relaxed);
    size_t popped = atomic_load_explicit(&q->popped, memory_order_acquire); /* after the slot was read */
    if (pushed - popped == WN_MIDI_QUEUE_CAPACITY) {
        atomic_fetch_add_explicit(&q->dropped, 1, memory_order_relaxed);
        return false;
    }
    q->events[pushed % WN_MIDI_QUEUE_CAPACITY] = *event;
    atomic_store_explicit(&q->pushed, pushed + 1, memory_order_release);
    return true;
}

bool wn_midi_queue_pop(wn_midi_queue *q, wn_midi_event *event)
{
    size_t popped = atomic_load_explicit(&q->popped, memory_order_relaxed);
    if (popped == atomic_load_explicit(&q->pushed, memory_order_acquire)) return false; /* after the slot was written */
    *event = q->events[popped % WN_MIDI_QUEUE_CAPACITY];
    atomic_store_explicit(&q->popped, popped + 1, memory_order_release);
    return true;
}

int64_t wn_midi_queue_dropped(const wn_midi_queue *queue)
{
    return atomic_load_explicit(&queue->dropped, memory_order_relaxed);
}
