/* SPDX-License-Identifier: MIT
 * guard.h - counts calls of the allocator and of locks while a section is guarded.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_TESTS_GUARD_H
#define WN_TESTS_GUARD_H

#include <stddef.h> /* __GLIBC__ comes with any header */

/* Sanitizers bring an allocator of their own, and only glibc lends its own to a replacement. */
#ifdef __has_feature
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define GUARD_OF_SANITIZER
#endif
#endif
#if !defined(__GLIBC__) || defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || defined(GUARD_OF_SANITIZER)
#define GUARD_PRESENT 0
#else
#define GUARD_PRESENT 1
#endif

void guard_begin(void);
int guard_end(void); /* calls since guard_begin on this thread */

#endif
