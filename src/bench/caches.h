/* SPDX-License-Identifier: MIT
 * caches.h - how large the caches are that weights are read from.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_BENCH_CACHES_H
#define WN_BENCH_CACHES_H

#include <stddef.h>

enum { WN_MAX_CACHES = 4 };

typedef struct wn_caches {
    int n;                       /* levels, of data */
    size_t bytes[WN_MAX_CACHES]; /* [n] level 1 first, growing */
} wn_caches;

/* The folder in which Linux describes the caches. */
#define WN_CACHES_FOLDER "/sys/devices/system/cpu/cpu0/cache"

/* The caches described in `folder`; where it tells nothing sensible, 32 KiB, 1 MiB and 16 MiB. */
void wn_caches_read(wn_caches *out, const char *folder);

/* The level, counted from 0, that holds `bytes` of each of `threads`; out->n: none, memory. The last cache is shared. */
int wn_caches_holding(const wn_caches *caches, double bytes, int threads);

/* How much to read to be sure to read from `level` (n: memory): between the sizes of the cache below and its own. A
 * multiple of 4096. */
size_t wn_caches_probe(const wn_caches *caches, int level);

#endif
