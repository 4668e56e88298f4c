/* SPDX-License-Identifier: MIT
 * fifo.h - a lock-free ring of floats between one thread that writes and one that reads.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_BASE_FIFO_H
#define WN_BASE_FIFO_H

#include "wavenet/wavenet.h"

typedef struct wn_fifo wn_fifo;

/* Holds up to `room` floats, 1 or more. */
wn_status wn_fifo_new(wn_fifo **out, size_t room, wn_error *error);

/* Before the threads begin: has the system lay out its memory, which else it does page by page when the writing thread first
 * gets there. */
void wn_fifo_touch(wn_fifo *ring);

/* Neither thread may use it any more. NULL is allowed. */
void wn_fifo_free(wn_fifo *ring);

/* Writing thread: append as much of x [n] as there is room for; how much that was. */
WN_REALTIME size_t wn_fifo_write(wn_fifo *ring, const float *x, size_t n);

/* Reading thread: take up to `n` floats; how many there were. */
WN_REALTIME size_t wn_fifo_read(wn_fifo *ring, float *x, size_t n);

/* Floats that wait to be read. On the reading thread at least as many can be read, on the writing thread at most; any other
 * thread learns what was so a moment ago. */
WN_REALTIME size_t wn_fifo_get_fill(const wn_fifo *ring);

/* The most that can wait. */
WN_REALTIME size_t wn_fifo_get_capacity(const wn_fifo *ring);

#endif
