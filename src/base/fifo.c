/* SPDX-License-Identifier: MIT
 * fifo.c - a lock-free ring of floats between one thread that writes and one that reads.
 * Copyright (c) 2026 the wavenet authors */
#include "base/fifo.h"

#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"

enum {
    LINE = 64,  /* bytes of a cache line: the counters of the two threads are kept apart */
    PAGE = 4096 /* bytes of memory that a system gives out at once, or a part of them */
};

/* Both counters only grow, so that full and empty differ; they wrap with size_t, of whose range the size is a divisor. */
struct wn_fifo {
    size_t room;
    size_t size; /* of `floats`, a power of two, at least `room` */
    float *floats;
    char apart[LINE];
    atomic_size_t written; /* by the writing thread only */
    char more_apart[LINE];
    atomic_size_t read; /* by the reading thread only */
};

static size_t power_of_two(size_t least)
{
    size_t n = 1;
    while (n < least) n *= 2;
    return n;
}

wn_status wn_fifo_new(wn_fifo **out, size_t room, wn_error *error)
{
    *out = NULL;
    if (room < 1 || room > SIZE_MAX / 4 / sizeof(float))
        return wn_fail(error, WN_ERROR_ARGUMENT, NULL, "a ring of %zu samples cannot be", room);
    wn_fifo *r = calloc(1, sizeof *r);
    if (!r) return wn_fail_memory(error, NULL);
    r->room = room;
    r->size = power_of_two(room);
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
    for (size_t i = 0; i < ring->size; i += PAGE / sizeof *floats) floats[i] = 0;
}

void wn_fifo_free(wn_fifo *ring)
{
    if (!ring) return;
    free(ring->floats);
    free(ring);
}

static size_t at_most(size_t n, size_t limit) { return n < limit ? n : limit; }

size_t wn_fifo_write(wn_fifo *ring, const float *x, size_t n)
{
    size_t written = atomic_load_explicit(&ring->written, memory_order_relaxed);
    size_t read = atomic_load_explicit(&ring->read, memory_order_acquire); /* what is overwritten has been read */
    n = at_most(n, ring->room - (written - read));
    if (n == 0) return 0;
    size_t at = written & (ring->size - 1), first = at_most(n, ring->size - at);
    memcpy(ring->floats + at, x, first * sizeof *x);
    memcpy(ring->floats, x + first, (n - first) * sizeof *x);
    atomic_store_explicit(&ring->written, written + n, memory_order_release);
    return n;
}

size_t wn_fifo_read(wn_fifo *ring, float *x, size_t n)
{
    size_t read = atomic_load_explicit(&ring->read, memory_order_relaxed);
    size_t written = atomic_load_explicit(&ring->written, memory_order_acquire); /* what is read has been written */
    n = at_most(n, written - read);
    if (n == 0) return 0;
    size_t at = read & (ring->size - 1), first = at_most(n, ring->size - at);
    memcpy(x, ring->floats + at, first * sizeof *x);
    memcpy(x + first, ring->floats, (n - first) * sizeof *x);
    atomic_store_explicit(&ring->read, read + n, memory_order_release);
    return n;
}

size_t wn_fifo_get_fill(const wn_fifo *ring)
{
    /* In this order neither counter passes the other, but for a third thread that is kept waiting in between. */
    size_t read = atomic_load_explicit(&ring->read, memory_order_acquire);
    size_t written = atomic_load_explicit(&ring->written, memory_order_acquire);
    return at_most(written - read, ring->room);
}

size_t wn_fifo_get_capacity(const wn_fifo *ring) { return ring->room; }
