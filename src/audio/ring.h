/* SPDX-License-Identifier: MIT
 * ring.h - a lock-free ring of floats between one thread that writes and one that reads.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_AUDIO_RING_H
#define WN_AUDIO_RING_H

#include "wavenet/wavenet.h"

typedef struct wn_ring wn_ring;

/* Holds up to `room` floats, 1 or more. */
wn_status wn_ring_new(wn_ring **out, size_t room, wn_error *error);

/* Before the threads begin: has the system lay out its memory, which else it does page by page when the writing thread first
 * gets there. */
void wn_ring_touch(wn_ring *ring);

/* Neither thread may use it any more. NULL is allowed. */
void wn_ring_free(wn_ring *ring);

/* Writing thread: append as much of x [n] as there is room for; how much that was. */
WN_REALTIME size_t wn_ring_write(wn_ring *ring, const float *x, size_t n);

/* Reading thread: take up to `n` floats; how many there were. */
WN_REALTIME size_t wn_ring_read(wn_ring *ring, float *x, size_t n);

/* Floats that wait to be read. On the reading thread at least as many can be read, on the writing thread at most; any other
 * thread learns what was so a moment ago. */
WN_REALTIME size_t wn_ring_fill(const wn_ring *ring);

/* The most that can wait. */
WN_REALTIME size_t wn_ring_room(const wn_ring *ring);

#endif
