/* SPDX-License-Identifier: MIT
 * ring.h - the past of one convolution, in either layout. Nobody else computes a position.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_ENGINE_RING_H
#define WN_ENGINE_RING_H

#include <stdbool.h>

#include "kernels/kernels.h"
#include "kernels/ring_walk.h"

/* The layout of a block in memory. */
typedef enum wn_layout {
    WN_INTERLEAVED, /* [frames x voices][channels], voices fastest: lanes hold channels */
    WN_PLANAR       /* [channels][frames rounded up to WN_LANE_PAD], one voice: lanes hold frames */
} wn_layout;

/* A planar block of `frames` frames: floats from one channel to the next. */
static inline ptrdiff_t wn_planar_stride(int frames) { return (ptrdiff_t)wn_padded((size_t)frames); }

/* Row r and channel c of a block are at r * row + c * channel. */
typedef struct wn_pitch {
    ptrdiff_t row, channel;
} wn_pitch;

static inline wn_pitch wn_layout_pitch(wn_layout layout, int channels, int frames)
{
    return layout == WN_PLANAR ? (wn_pitch){1, wn_planar_stride(frames)} : (wn_pitch){channels, 1};
}

/* interleaved: [capacity][voices][channels] and padding floats.
 * planar: [channels][capacity + padding frames]; the padding repeats the first frames, so that any block can be read and
 * written in one piece. The last frames of a block's last vector fall on frames that the next block writes first.
 * The position, the frame that is written next, is in the stream. */
typedef struct wn_tap_ring {
    wn_layout layout;
    int channels, voices;
    int length;   /* frames that its taps look back at most */
    int capacity; /* frames until it wraps: length and a block, or more */
    int wrap;     /* frames that a tap jumps where it wraps: capacity */
    int padding;
    float empty;   /* of frames that have not been yet: 0, or -1 for classes, which adds no column */
    size_t offset; /* floats from the stream's memory */
    int index;     /* of its position in the stream */
} wn_tap_ring;

/* A ring for blocks of up to `block` frames. `overrun`: floats that kernels may store past the end of a row. */
void wn_tap_ring_init(wn_tap_ring *ring, wn_layout layout, int channels, int voices, int length, int block,
                      int overrun);

/* Floats of memory it takes. */
size_t wn_tap_ring_floats(const wn_tap_ring *ring);

/* Every frame empty; every frame the same row of each voice, channels `channel` floats apart (prewarm); a planar row may
 * stand in the ring itself. The position is then free: 0 will do. */
void wn_tap_ring_clear(const wn_tap_ring *ring, float *memory);
void wn_tap_ring_fill(const wn_tap_ring *ring, float *memory, const float *rows, ptrdiff_t channel);

/* ---- interleaved: a position per ring ---------------------------------------------------------------------------------- */

/* Copy `frames` frames to the position, which stays. */
void wn_tap_ring_write(const wn_tap_ring *ring, float *memory, int position, const float *src, int frames);

/* The frame `delay` frames before frame `done` of the block that begins at the position; *contiguous is lowered to the frames
 * that follow it in one piece. */
static inline float *wn_tap_ring_tap(const wn_tap_ring *ring, float *memory, int position, int done, int delay,
                                     int *contiguous)
{
    int row = position + done - delay;
    if (row >= ring->capacity) row -= ring->capacity;
    if (row < 0) row += ring->wrap;
    if (ring->capacity - row < *contiguous) *contiguous = ring->capacity - row;
    return memory + ring->offset + (ptrdiff_t)row * ring->voices * ring->channels;
}

static inline int wn_tap_ring_advance(const wn_tap_ring *ring, int position, int frames)
{
    return (position + frames) % ring->capacity;
}

/* For a kernel that works frame by frame: `taps` taps, the oldest of which is ring->length frames back. */
wn_fifo_walk wn_fifo_walk_of(const wn_tap_ring *ring, int taps);
wn_fifo_walk wn_fifo_walk_none(void);

/* ---- planar: a cursor per tap ------------------------------------------------------------------------------------------ */

/* Each cursor points at its tap's input for the block's first frame. The cursors of all rings of a program lie one behind the
 * other. The newest tap of a ring is where the block itself is written. */
typedef struct wn_cursors {
    const float **at;  /* [n] */
    const float **end; /* [n] where each wraps */
    ptrdiff_t *wrap;   /* [n] floats back then */
} wn_cursors;

/* Cursor `index` looks `delay` frames back from frame `position`. */
void wn_cursor_place(const wn_cursors *cursors, int index, const wn_tap_ring *ring, float *memory, int position,
                     int delay);

/* Branch-free: taps wrap at different times, so a branch would mispredict. */
static inline void wn_cursors_advance(const wn_cursors *c, int from, int to, int frames)
{
    for (int i = from; i < to; i++) {
        const float *next = c->at[i] + frames;
        c->at[i] = next - (c->wrap[i] & -(ptrdiff_t)(next >= c->end[i]));
    }
}

static inline ptrdiff_t wn_tap_ring_stride(const wn_tap_ring *ring)
{
    return ring->capacity + (ptrdiff_t)ring->padding;
}

/* A block of `frames` frames, planes wn_planar_stride apart, to where the newest tap points. */
void wn_tap_ring_write_planar(const wn_tap_ring *ring, const wn_kernels *k, float *memory, float *newest,
                              const float *src, int frames);

/* After a kernel has written a block there: repeat what the padding and the start have in common. */
void wn_tap_ring_commit(const wn_tap_ring *ring, const wn_kernels *k, float *memory, float *newest, int frames);

/* Blocks of `stride` frames that begin in this range need no commit. */
typedef struct wn_tap_ring_plain {
    const float *from, *to;
} wn_tap_ring_plain;

wn_tap_ring_plain wn_tap_ring_plain_range(const wn_tap_ring *ring, const float *memory, ptrdiff_t stride);

#endif
