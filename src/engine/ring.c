/* SPDX-License-Identifier: MIT
 * ring.c - the past of one convolution.
 * Copyright (c) 2026 the wavenet authors */
#include "engine/ring.h"

#include <string.h>

/* Whole blocks: eight of them if that is little memory, or four. The more blocks a turn has, the smaller is the share that is
 * repeated in the padding. */
static int planar_capacity(int frames, int block, int channels)
{
    int fewest = 8 * block * channels <= 4096 ? 8 : 4, blocks = (frames + block - 1) / block;
    return (blocks < fewest ? fewest : blocks) * block;
}

void wn_tap_ring_init(wn_tap_ring *ring, wn_layout layout, int channels, int voices, int length, int block, int overrun)
{
    *ring = (wn_tap_ring){.layout = layout, .channels = channels, .voices = voices, .length = length};
    ring->capacity = length + block;
    if (layout == WN_PLANAR) {
        ring->capacity = planar_capacity(ring->capacity, block, channels);
        ring->padding = block;
    } else { /* what overruns a row falls on frames that have been read for the last time, or behind the last frame */
        ring->capacity += (overrun + channels - 1) / channels;
        ring->padding = overrun;
    }
    ring->wrap = ring->capacity;
}

size_t wn_tap_ring_floats(const wn_tap_ring *ring)
{
    if (ring->layout == WN_PLANAR) return (size_t)wn_tap_ring_stride(ring) * (size_t)ring->channels;
    return (size_t)ring->capacity * (size_t)ring->voices * (size_t)ring->channels + (size_t)ring->padding;
}

void wn_tap_ring_clear(const wn_tap_ring *ring, float *memory)
{
    float *at = memory + ring->offset;
    size_t n = wn_tap_ring_floats(ring);
    for (size_t i = 0; i < n; i++) at[i] = ring->empty;
}

void wn_tap_ring_fill(const wn_tap_ring *ring, float *memory, const float *rows, ptrdiff_t channel)
{
    float *at = memory + ring->offset;
    if (ring->layout == WN_PLANAR) {
        for (int c = 0; c < ring->channels; c++, rows += channel)
            for (ptrdiff_t i = 0; i < wn_tap_ring_stride(ring); i++) *at++ = *rows;
        return;
    }
    size_t row = (size_t)ring->voices * (size_t)ring->channels, all = row * (size_t)ring->capacity;
    memcpy(at, rows, row * sizeof *at);
    for (size_t done = row; done < all; done *= 2) /* of what is filled: twice as much each time */
        memcpy(at + done, at, (done < all - done ? done : all - done) * sizeof *at);
}

/* ---- interleaved ------------------------------------------------------------------------------------------------------- */

void wn_tap_ring_write(const wn_tap_ring *ring, float *memory, int position, const float *src, int frames)
{
    size_t frame_floats = (size_t)ring->voices * (size_t)ring->channels;
    float *at = memory + ring->offset;
    int first = ring->capacity - position;
    if (first > frames) first = frames;
    memcpy(at + (size_t)position * frame_floats, src, (size_t)first * frame_floats * sizeof(float));
    memcpy(at, src + (size_t)first * frame_floats, (size_t)(frames - first) * frame_floats * sizeof(float));
}

wn_fifo_walk wn_fifo_walk_of(const wn_tap_ring *ring, int taps)
{
    ptrdiff_t frame = (ptrdiff_t)ring->voices * ring->channels, step = ring->length / (taps - 1) * frame;
    return (wn_fifo_walk){.offset = ring->offset,
                          .index = ring->index,
                          .capacity = ring->capacity,
                          .frame = frame,
                          .step = step,
                          .reach = step * (taps - 1),
                          .end = ring->wrap * frame};
}

wn_fifo_walk wn_fifo_walk_none(void) { return (wn_fifo_walk){.index = -1}; }

/* ---- planar ------------------------------------------------------------------------------------------------------------ */

void wn_cursor_place(const wn_cursors *cursors, int index, const wn_tap_ring *ring, float *memory, int position,
                     int delay)
{
    const float *start = memory + ring->offset;
    cursors->at[index] = start + (position - delay + (position < delay ? ring->wrap : 0));
    cursors->end[index] = start + ring->capacity;
    cursors->wrap[index] = ring->wrap;
}

void wn_tap_ring_commit(const wn_tap_ring *ring, const wn_kernels *k, float *memory, float *newest, int frames)
{
    float *start = memory + ring->offset;
    int n = (int)wn_planar_stride(frames), at = (int)(newest - start), over = at + n - ring->capacity;
    int first = ring->padding - at < n ? ring->padding - at : n;
    ptrdiff_t stride = wn_tap_ring_stride(ring);
    if (first > 0) k->copy(ring->channels, first, newest, stride, newest + ring->capacity, stride);
    if (over > 0) k->copy(ring->channels, over, newest + n - over, stride, start, stride);
}

void wn_tap_ring_write_planar(const wn_tap_ring *ring, const wn_kernels *k, float *memory, float *newest,
                              const float *src, int frames)
{
    int n = (int)wn_planar_stride(frames);
    k->copy(ring->channels, n, src, n, newest, wn_tap_ring_stride(ring));
    wn_tap_ring_commit(ring, k, memory, newest, frames);
}

wn_tap_ring_plain wn_tap_ring_plain_range(const wn_tap_ring *ring, const float *memory, ptrdiff_t stride)
{
    const float *start = memory + ring->offset;
    return (wn_tap_ring_plain){start + ring->padding, start + ring->capacity - stride};
}
