/* SPDX-License-Identifier: MIT
 * check.c - random numbers, guarded buffers, comparisons.
 * Copyright (c) 2026 the wavenet authors */
#define _DEFAULT_SOURCE /* MAP_ANONYMOUS */
#include "check.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { PATTERN = 0x7fa5a5a5, FRONT = 64 }; /* a NaN that no kernel makes */

uint32_t random_bits(checker *check)
{ /* splitmix64 */
    uint64_t z = check->random += 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return (uint32_t)(z >> 32);
}

int random_int(checker *check, int low, int high)
{
    return low + (int)(random_bits(check) % (uint32_t)(high - low + 1));
}

int random_of(checker *check, const int *list, int n) { return list[random_int(check, 0, n - 1)]; }

float random_float(checker *check) { return (float)random_bits(check) * 0x1p-31f - 1.0f; }

static float odd_value(checker *check)
{
    static const float values[] = {0.0f, -0.0f, 1e-40f, -3e-42f, 1.0f, -1.0f, 1e6f, -1e6f, 3.5f, 1e-20f};
    return values[random_int(check, 0, (int)(sizeof values / sizeof *values) - 1)];
}

void random_fill(checker *check, float *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        p[i] = random_bits(check) % 32 == 0 ? odd_value(check)
                                            : random_float(check) * exp2f((float)random_int(check, -6, 3));
}

static void fill_pattern(float *p, size_t n)
{
    const int32_t pattern = PATTERN;
    for (size_t i = 0; i < n; i++) memcpy(p + i, &pattern, sizeof pattern);
}

buffer buffer_new(size_t n)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    size_t bytes = ((n + FRONT) * sizeof(float) + page - 1) / page * page;
    char *map = mmap(NULL, bytes + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (map == MAP_FAILED || mprotect(map + bytes, page, PROT_NONE) != 0) {
        perror("guarded buffer");
        exit(2);
    }
    buffer b = {(float *)(void *)(map + bytes) - n, n, map, bytes + page};
    fill_pattern(b.p - FRONT, n + FRONT);
    return b;
}

buffer buffer_random(checker *check, size_t n)
{
    buffer b = buffer_new(n);
    random_fill(check, b.p, n);
    return b;
}

buffer buffer_copy(const buffer *from)
{
    buffer b = buffer_new(from->n);
    memcpy(b.p, from->p, from->n * sizeof *b.p);
    return b;
}

bool buffer_intact(const buffer *b)
{
    const int32_t pattern = PATTERN;
    for (int i = 1; i <= FRONT; i++)
        if (memcmp(b->p - i, &pattern, sizeof pattern) != 0) return false;
    return true;
}

void buffer_free(buffer *b)
{
    munmap(b->map, b->bytes);
    *b = (buffer){0};
}

bool same_bits(const float *a, const float *b, size_t n)
{
    if (memcmp(a, b, n * sizeof *a) == 0) return true;
    for (size_t i = 0; i < n; i++)
        if (memcmp(a + i, b + i, sizeof *a) != 0 && !(isnan(a[i]) && isnan(b[i]))) return false;
    return true;
}

bool expect(checker *check, bool ok, const char *what, ...)
{
    check->cases++;
    if (ok) return true;
    if (check->failed++ < 20) {
        va_list args;
        va_start(args, what);
        fputs("FAILED: ", stdout);
        vprintf(what, args);
        putchar('\n');
        va_end(args);
    }
    return false;
}
