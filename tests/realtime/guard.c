/* SPDX-License-Identifier: MIT
 * guard.c - replaces malloc and its family and pthread_mutex_lock for the whole program, see guard.h.
 * Copyright (c) 2026 the wavenet authors */
#define _GNU_SOURCE /* RTLD_NEXT */
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

#include "guard.h"

static _Thread_local int guarded, calls;

void guard_begin(void)
{
    guarded = 1;
    calls = 0;
}

int guard_end(void)
{
    guarded = 0;
    return calls;
}

#if GUARD_PRESENT

#pragma GCC visibility push(default) /* for a plug-in that the program loads; link with --export-dynamic */

/* glibc's own, under names that a replacement may use. */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *old, size_t size);
void *__libc_memalign(size_t alignment, size_t size);
void __libc_free(void *block);

static void note(void) { calls += guarded; }

void *malloc(size_t size)
{
    note();
    return __libc_malloc(size);
}

void *calloc(size_t n, size_t size)
{
    note();
    return __libc_calloc(n, size);
}

void *realloc(void *old, size_t size)
{
    note();
    return __libc_realloc(old, size);
}

void *aligned_alloc(size_t alignment, size_t size)
{
    note();
    return __libc_memalign(alignment, size);
}

int posix_memalign(void **out, size_t alignment, size_t size)
{
    note();
    *out = __libc_memalign(alignment, size);
    return *out ? 0 : ENOMEM;
}

void free(void *block)
{
    note();
    __libc_free(block);
}

int pthread_mutex_lock(pthread_mutex_t *mutex)
{
    static int (*real)(pthread_mutex_t *);
    note();
    if (!real) *(void **)&real = dlsym(RTLD_NEXT, "pthread_mutex_lock");
    return real(mutex);
}

#pragma GCC visibility pop

#endif
