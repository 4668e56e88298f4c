/* SPDX-License-Identifier: MIT
 * arena.h - memory arena: zeroed, aligned allocations that are freed together.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_BASE_ARENA_H
#define WN_BASE_ARENA_H

#include <stddef.h>

/* One thread at a time. */
/* One thread at a time. */
typedef struct wn_arena wn_arena;

/* NULL if memory fails. */
wn_arena *wn_arena_new(void);

/* Free all allocations. NULL is allowed. */
void wn_arena_free(wn_arena *arena);

/* Zeroed memory for n objects of `size` bytes, 64-byte aligned. NULL if memory fails, if the product overflows, or if
 * arena is NULL. n = 0 gives a valid pointer. */
void *wn_arena_alloc(wn_arena *arena, size_t n, size_t size);

/* A copy of `text`. NULL if `text` is NULL or memory fails. */
char *wn_arena_strdup(wn_arena *arena, const char *text);

/* Bytes allocated so far. */
size_t wn_arena_bytes(const wn_arena *arena);

#endif
