/* SPDX-License-Identifier: MIT
 * active_sensing.h - recognises a keyboard that was unplugged (MIDI 1.0, active sensing).
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_PLAY_ACTIVE_SENSING_H
#define WN_PLAY_ACTIVE_SENSING_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { WN_MIDI_ACTIVE_SENSING = 0xfe };
#define WN_ACTIVE_SENSING_LIMIT 0.3 /* seconds: a keyboard that senses sends something at least as often */

/* Zeroed at first. A keyboard that has never sent the message may be silent for ever. */
typedef struct wn_active_sensing {
    _Atomic int64_t last; /* nanoseconds: the last message of a keyboard that senses; 0: it does not, or is lost */
} wn_active_sensing;

/* Receiving thread: a message [n], complete, came at `now` seconds. Returns whether it was one of active sensing. */
static inline bool wn_active_sensing_receive(wn_active_sensing *s, const uint8_t *message, size_t n, double now)
{
    bool senses = n == 1 && message[0] == WN_MIDI_ACTIVE_SENSING;
    if (senses || atomic_load_explicit(&s->last, memory_order_relaxed))
        atomic_store_explicit(&s->last, (int64_t)(now * 1e9), memory_order_relaxed);
    return senses;
}

/* Any other thread: whether a keyboard that senses has been silent for too long at `now` seconds. True once; then the next
 * message of active sensing begins anew. */
static inline bool wn_active_sensing_is_lost(wn_active_sensing *s, double now)
{
    int64_t last = atomic_load_explicit(&s->last, memory_order_relaxed);
    if (!last || now - (double)last * 1e-9 <= WN_ACTIVE_SENSING_LIMIT) return false;
    return atomic_compare_exchange_strong_explicit(&s->last, &last, 0, memory_order_relaxed, memory_order_relaxed);
}

#endif
