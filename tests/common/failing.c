/* SPDX-License-Identifier: MIT
 * failing.c - allocations that fail on demand.
 * Copyright (c) 2026 the wavenet authors */
#include "failing.h"

#include <stdlib.h>
#include <string.h>

static long left = -1;
static int failed;

void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *memory, size_t size);
char *__real_strdup(const char *text);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *memory, size_t size);
char *__wrap_strdup(const char *text);

void fail_allocation(long n)
{
    left = n;
    failed = 0;
}

int allocation_failed(void) { return failed; }

static int fails_now(void)
{
    if (left < 0) return 0;
    if (left-- > 0) return 0;
    failed = 1;
    return 1;
}

void *__wrap_malloc(size_t size) { return fails_now() ? NULL : __real_malloc(size); }
void *__wrap_calloc(size_t n, size_t size) { return fails_now() ? NULL : __real_calloc(n, size); }
void *__wrap_realloc(void *memory, size_t size) { return fails_now() ? NULL : __real_realloc(memory, size); }
char *__wrap_strdup(const char *text) { return fails_now() ? NULL : __real_strdup(text); }
