/* SPDX-License-Identifier: MIT
 * ring_walk.h - how a kernel that works frame by frame finds the taps of a ring, and writes it.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_KERNELS_RING_WALK_H
#define WN_KERNELS_RING_WALK_H

#include <stddef.h>

/* Taps evenly apart in a ring [capacity][frame] in floats, and padding behind for the store of a whole vector. */
typedef struct wn_fifo_walk {
    size_t offset;   /* floats from the memory to the ring */
    int index;       /* of the ring's position; -1: there is no ring, and one tap */
    int capacity;    /* frames */
    ptrdiff_t frame; /* floats of a frame */
    ptrdiff_t step;  /* floats from tap to tap */
    ptrdiff_t reach; /* floats from the oldest tap to the newest */
    ptrdiff_t end;   /* floats of the whole ring */
} wn_fifo_walk;

/* Floats from the ring's start to the oldest tap, where the newest is written at frame `position`; to the next tap; to the
 * frame at `position`. */
static inline ptrdiff_t wn_fifo_walk_oldest(const wn_fifo_walk *w, int position)
{
    ptrdiff_t at = (ptrdiff_t)position * w->frame - w->reach;
    return at + (at < 0 ? w->end : 0);
}

static inline ptrdiff_t wn_fifo_walk_next(ptrdiff_t at, ptrdiff_t step, ptrdiff_t end)
{
    at += step;
    return at - end < 0 ? at : at - end;
}

static inline ptrdiff_t wn_fifo_walk_newest(const wn_fifo_walk *w, int position)
{
    return (ptrdiff_t)position * w->frame;
}

static inline int wn_fifo_walk_advance(const wn_fifo_walk *w, int position)
{
    return position + 1 < w->capacity ? position + 1 : 0;
}

#endif
