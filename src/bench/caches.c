/* SPDX-License-Identifier: MIT
 * caches.c - how large the caches are that weights are read from.
 * Copyright (c) 2026 the wavenet authors */
#include "bench/caches.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One word of folder/indexI/name; empty if there is none. */
static void read_word(char word[32], const char *folder, int i, const char *name)
{
    char path[512];
    *word = 0;
    if (snprintf(path, sizeof path, "%s/index%d/%s", folder, i, name) >= (int)sizeof path) return;
    FILE *f = fopen(path, "r");
    if (!f) return;
    if (fscanf(f, "%31s", word) != 1) *word = 0;
    fclose(f);
}

/* "48K" as bytes; 0 if it is none. */
static size_t size_of(const char *word)
{
    char *end;
    unsigned long n = strtoul(word, &end, 10);
    int shift = *end == 'K' ? 10 : *end == 'M' ? 20 : *end == 'G' ? 30 : 0;
    return n > 0 && n < 1ul << 22 ? (size_t)n << shift : 0;
}

/* Every level up to the last is there, and each is larger than the one below. */
static bool sensible(const wn_caches *c)
{
    for (int i = 0; i < c->n; i++)
        if (c->bytes[i] < (i ? 2 * c->bytes[i - 1] : 4096)) return false;
    return c->n > 0;
}

void wn_caches_read(wn_caches *out, const char *folder)
{
    memset(out, 0, sizeof *out);
    for (int i = 0; i < 10; i++) {
        char level[32], type[32], size[32];
        read_word(level, folder, i, "level");
        read_word(type, folder, i, "type");
        read_word(size, folder, i, "size");
        int l = atoi(level);
        if (l < 1 || l > WN_MAX_CACHES || !strcmp(type, "Instruction")) continue;
        out->bytes[l - 1] = size_of(size);
        if (l > out->n) out->n = l;
    }
    if (!sensible(out)) *out = (wn_caches){3, {(size_t)1 << 15, (size_t)1 << 20, (size_t)1 << 24}};
}

int wn_caches_holding(const wn_caches *c, double bytes, int threads)
{
    int level = 0;
    while (level < c->n && bytes * (level == c->n - 1 && level > 0 ? threads : 1) > (double)c->bytes[level]) level++;
    return level;
}

size_t wn_caches_probe(const wn_caches *c, int level)
{
    const double most = 512.0 * (1 << 20);
    double below = level ? (double)c->bytes[level - 1] : (double)c->bytes[0] / 4;
    double wanted = level < c->n ? sqrt(below * (double)c->bytes[level]) : fmin(4 * below, most);
    return (size_t)(wanted / 4096 + 0.5) * 4096;
}
