/* SPDX-License-Identifier: MIT
 * fifo.c - lock-free FIFO of floats between one writing and one reading thread.
 * Copyright (c) 2026 the wavenet authors */
#include "base/fifo.h"

#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"

enum {
    CACHE_LINE = 64, /* bytes */
    MIN_PAGE = 4096  /* bytes; no system has smaller pages */
};

/* Both counters only grow, so a full ring differs from an empty one. They wrap with size_t, whose range is a multiple
 * of the size. Padding keeps the counters of the two threads on separate cache lines. */
struct wn_fifo {
    size_t capacity;
    size_t size;   /* a power of two, at least the capacity */
    float *floats; /* [size] */
    char padding[CACHE_LINE];
    atomic_size_t written; /* floats written so far, by the writing thread only */
    char padding_read[CACHE_LINE];
    atomic_size_t read; /* floats read so far, by the reading thread only */
};

static size_t next_power_of_two(size_t minimum)
{
    size_t n = 1;
    while (n < minimum) n *= 2;
    return n;
}

wn_status wn_fifo_new(wn_fifo **out, size_t capacity, wn_error *error)
{
    *out = NULL;
    if (capacity < 1 || capacity > SIZE_MAX / 4 / sizeof(float))
        return wn_fail(error, WN_ERROR_ARGUMENT, NULL, "cannot make a FIFO of %zu samples", capacity);
    wn_fifo *r = calloc(1, sizeof *r);
    if (!r) return wn_fail_memory(error, NULL);
    r->capacity = capacity;
    r->size = next_power_of_two(capacity);
    atomic_init(&r->written, 0);
    atomic_init(&r->read, 0);
    r->floats = calloc(r->size, sizeof *r->floats);
    if (!r->floats) {
        wn_fifo_free(r);
        return wn_fail_memory(error, NULL);
    }
    *out = r;
    return WN_OK;
}

void wn_fifo_touch(wn_fifo *ring)
{
    volatile float *floats = ring->floats;
    for (size_t i = 0; i < ring->size; i += MIN_PAGE / sizeof *floats) floats[i] = 0;
}

void wn_fifo_free(wn_fifo *ring)
{
    if (!ring) return;
    free(ring->floats);
    free(ring);
}

static size_t min_size(size_t n, size_t limit) { return n < limit ? n : limit; }

size_t wn_fifo_write(wn_fifo *ring, const float *x, size_t n)
{
    size_t written = atomic_load_explicit(&ring->written, memory_order_relaxed);
    size_t read = atomic_load_explicit(&ring->read, memory_order_acquire); /* after the space was read */
    n = min_size(n, ring->capacity - (written - read));
    if (n == 0) return 0;
    size_t at = written & (ring->size - 1), first = min_size(n, ring->size - at);
    memcpy(ring->floats + at, x, first * sizeof *x);
    memcpy(ring->floats, x + first, (n - first) * sizeof *x);
    atomic_store_explicit(&ring->written, written + n, memory_order_release);
    return n;
}

size_t wn_fifo_read(wn_fifo *ring, float *x, size_t n)
{
    size_t read = atomic_load_explicit(&ring->read, memory_order_relaxed);
    size_t written = atomic_load_explicit(&ring->written, memory_order_acquire); /* after the floats were written */
    n = min_size(n, written - read);
    if (n == 0) return 0;
    size_t at = read & (ring->size - 1), first = min_size(n, ring->size - at);
    memcpy(x, ring->floats + at, first * sizeof *x);
    memcpy(x + first, ring->floats, (n - first) * sizeof *x);
    atomic_store_explicit(&ring->read, read + n, memory_order_release);
    return n;
}

size_t wn_fifo_get_fill(const wn_fifo *ring)
{
    /* Reading `read` first keeps the difference non-negative. A third thread that is suspended between the two loads
     * may see more than the capacity, hence the limit. */
    size_t read = atomic_load_explicit(&ring->read, memory_order_acquire);
    size_t written = atomic_load_explicit(&ring->written, memory_order_acquire);
    return min_size(written - read, ring->capacity);
}

size_t wn_fifo_get_capacity(const wn_fifo *ring) { return ring->capacity; }
