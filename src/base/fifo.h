/* SPDX-License-Identifier: MIT
 * fifo.h - lock-free FIFO of floats between one writing and one reading thread.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_BASE_FIFO_H
#define WN_BASE_FIFO_H

#include "wavenet/wavenet.h"

typedef struct wn_fifo wn_fifo;

/* Make a FIFO of `capacity` >= 1 floats. */
wn_status wn_fifo_new(wn_fifo **out, size_t capacity, wn_error *error);

/* Before the threads start: write to every page, so that the writing thread causes no page faults later. */
void wn_fifo_touch(wn_fifo *ring);

/* Both threads must have stopped using it. NULL is allowed. */
void wn_fifo_free(wn_fifo *ring);

/* Writing thread: append as much of x [n] as fits. Returns the number of floats written. */
WN_REALTIME size_t wn_fifo_write(wn_fifo *ring, const float *x, size_t n);

/* Reading thread: remove up to `n` floats into x. Returns their number. */
WN_REALTIME size_t wn_fifo_read(wn_fifo *ring, float *x, size_t n);

/* Number of floats waiting to be read. The reading thread can read at least that many, and the writing thread can write
 * at least the capacity minus that many. On any other thread the number may be outdated. */
WN_REALTIME size_t wn_fifo_get_fill(const wn_fifo *ring);

/* Maximum number of floats waiting to be read. */
WN_REALTIME size_t wn_fifo_get_capacity(const wn_fifo *ring);

#endif
