/* SPDX-License-Identifier: MIT
 * failing.h - allocations that fail on demand. Link with --wrap for malloc, calloc, realloc and strdup.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_TESTS_COMMON_FAILING_H
#define WN_TESTS_COMMON_FAILING_H

#include <stddef.h>

/* From now on the n-th allocation (from 0) fails, once; -1: none does. */
void fail_allocation(long n);

/* 1 if it has failed since. */
int allocation_failed(void);

#endif
