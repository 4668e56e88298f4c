/* SPDX-License-Identifier: MIT
 * denormals.h - flush denormals to zero, because arithmetic on them is up to a hundred times slower.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_BASE_DENORMALS_H
#define WN_BASE_DENORMALS_H

#include <stdint.h>

#if defined(__SSE2__)
#include <xmmintrin.h>

/* Set FTZ and DAZ for this thread. Returns the previous state, for wn_denormals_restore. */
static inline uint64_t wn_denormals_flush(void)
{
    unsigned before = _mm_getcsr();
    _mm_setcsr(before | 0x8040u);
    return before;
}
static inline void wn_denormals_restore(uint64_t before) { _mm_setcsr((unsigned)before); }

#elif defined(__aarch64__)

static inline uint64_t wn_denormals_flush(void)
{
    uint64_t before, after;
    __asm__ volatile("mrs %0, fpcr" : "=r"(before));
    after = before | (UINT64_C(1) << 24);
    __asm__ volatile("msr fpcr, %0" : : "r"(after));
    return before;
}
static inline void wn_denormals_restore(uint64_t before) { __asm__ volatile("msr fpcr, %0" : : "r"(before)); }

#else

static inline uint64_t wn_denormals_flush(void) { return 0; }
static inline void wn_denormals_restore(uint64_t before) { (void)before; }

#endif
#endif
