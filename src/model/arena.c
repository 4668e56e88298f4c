/* SPDX-License-Identifier: MIT
 * arena.c - memory that lives as long as its model: many allocations, one free.
 * Copyright (c) 2026 the wavenet authors */
#include <stdlib.h>
#include <string.h>

#include "model/model.h"

enum { ALIGNMENT = 64, CHUNK = 1 << 14 };

/* Small objects share a chunk; a big one gets a chunk to itself. calloc rather than memset, so that the pages of a
 * large zeroed tensor cost nothing until they are used. */
struct chunk {
    struct chunk *next;
    char *free; /* next free byte, always aligned */
    size_t left;
};

struct wn_arena {
    struct chunk *chunks; /* the newest shared chunk first */
    size_t bytes;
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

static struct chunk *chunk_new(size_t size)
{
    struct chunk *c = calloc(1, sizeof(struct chunk) + ALIGNMENT + size);
    if (!c) return NULL;
    uintptr_t first = (uintptr_t)(c + 1);
    c->free = (char *)(c + 1) + (ALIGNMENT - first % ALIGNMENT) % ALIGNMENT;
    c->left = size;
    return c;
}

/* Put a chunk where its free space will be looked for (first), or where it will not (second). */
static void chunk_link(wn_arena *arena, struct chunk *c, bool shared)
{
    struct chunk **at = shared || !arena->chunks ? &arena->chunks : &arena->chunks->next;
    c->next = *at;
    *at = c;
}

void *wn_arena_alloc(wn_arena *arena, size_t n, size_t size)
{
    if (!arena || (size && n > (SIZE_MAX / 4) / size)) return NULL;
    size_t bytes = (n * size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    struct chunk *c = arena->chunks;
    if (!c || c->left < bytes) {
        bool shared = bytes <= CHUNK / 4;
        c = chunk_new(shared ? CHUNK : bytes);
        if (!c) return NULL;
        chunk_link(arena, c, shared);
    }
    void *p = c->free;
    c->free += bytes;
    c->left -= bytes;
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
