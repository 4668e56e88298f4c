/* SPDX-License-Identifier: MIT
 * arena.c - memory arena: many allocations, one free.
 * Copyright (c) 2026 the wavenet authors */
#ifndef _DEFAULT_SOURCE
#define _DEFAULT_SOURCE /* madvise */
#endif
#include "base/arena.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#ifdef __linux__
#include <sys/mman.h>
#endif

enum { ALIGNMENT = 64, MIN_CHUNK = 1 << 14, LARGE_PAGE = 1 << 21, MAX_CHUNK = 1 << 24 }; /* bytes */

/* Objects share chunks, and each chunk is as large as all before it together, so the weights of a large network lie in
 * few pieces. Chunks come from calloc rather than memset, so pages cost nothing until they are used. */
struct chunk {
    struct chunk *next;
    char *next_free;  /* next free byte, always aligned */
    size_t remaining; /* bytes */
};

struct wn_arena {
    struct chunk *chunks; /* newest first; objects are allocated from the first */
    size_t bytes;         /* allocated so far */
};

wn_arena *wn_arena_new(void) { return calloc(1, sizeof(wn_arena)); }

void wn_arena_free(wn_arena *arena)
{
    if (!arena) return;
    for (struct chunk *c = arena->chunks, *next; c; c = next) {
        next = c->next;
        free(c);
    }
    free(arena);
}

size_t wn_arena_bytes(const wn_arena *arena) { return arena ? arena->bytes : 0; }

/* Request large pages before any page is touched. A generated frame reads all weights, and looking up small pages takes
 * a sixth of its time. A system without large pages ignores the request. */
static void advise_large_pages(char *first, size_t size)
{
#if defined(__linux__) && defined(MADV_HUGEPAGE)
    madvise(first, size / LARGE_PAGE * LARGE_PAGE, MADV_HUGEPAGE);
#else
    (void)first;
    (void)size;
#endif
}

static struct chunk *chunk_new(size_t size)
{
    size_t align = size < LARGE_PAGE ? ALIGNMENT : LARGE_PAGE;
    struct chunk *c = calloc(1, sizeof(struct chunk) + align + size);
    if (!c) return NULL;
    uintptr_t first = (uintptr_t)(c + 1);
    c->next_free = (char *)(c + 1) + (align - first % align) % align;
    c->remaining = size;
    if (align == LARGE_PAGE) advise_large_pages(c->next_free, size);
    return c;
}

/* Size of a new chunk: at least `bytes`, and about as much as has been allocated so far. */
static size_t chunk_size(const wn_arena *arena, size_t bytes)
{
    size_t size = MIN_CHUNK;
    while (size < arena->bytes && size < MAX_CHUNK) size *= 2;
    return bytes < size ? size : bytes;
}

void *wn_arena_alloc(wn_arena *arena, size_t n, size_t size)
{
    if (!arena || (size && n > (SIZE_MAX / 4) / size)) return NULL;
    size_t bytes = (n * size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    struct chunk *c = arena->chunks;
    if (!c || c->remaining < bytes) {
        c = chunk_new(chunk_size(arena, bytes));
        if (!c) return NULL;
        c->next = arena->chunks;
        arena->chunks = c;
    }
    void *p = c->next_free;
    c->next_free += bytes;
    c->remaining -= bytes;
    arena->bytes += bytes;
    return p;
}

char *wn_arena_strdup(wn_arena *arena, const char *text)
{
    if (!text) return NULL;
    size_t size = strlen(text) + 1;
    char *copy = wn_arena_alloc(arena, size, 1);
    return copy ? memcpy(copy, text, size) : NULL;
}
