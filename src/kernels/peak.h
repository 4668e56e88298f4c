/* SPDX-License-Identifier: MIT
 * peak.h - loops that do nothing but what bounds a kernel, to measure what a machine can do at best.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_KERNELS_PEAK_H
#define WN_KERNELS_PEAK_H

#include <stddef.h>

/* What `read` reads at a time, in floats, and from how many places at once: as many lines of a cache on their way as the
 * hardware's prefetchers like to follow. */
enum { WN_READ_STREAMS = 4, WN_READ_STEP = 128 };

/* The loops of one instruction set. */
typedef struct wn_peak {
    const char *name; /* "avx512" */

    /* `rounds` rounds of a dozen independent chains in registers; returns the multiply-accumulates done. A dozen: more
     * than two units of four cycles latency need, and few enough for sixteen registers. */
    double (*spin)(int rounds);

    /* The sum of x [n], `passes` times over, WN_READ_STREAMS streams side by side: a load and an addition a vector, which
     * cores do at the rate of their loads. x is 64-byte aligned, n a multiple of WN_READ_STEP. NULL: not of these. */
    float (*read)(const float *x, size_t n, int passes);
} wn_peak;

/* The loops of the kernel set `cpu`, numbered as for wn_kernels_get, and NULL where that is. */
const wn_peak *wn_peak_get(int cpu);

/* Dot products of 8-bit integers summed in 32 bits, and of bfloat16 summed in float, by the best instructions this CPU
 * has for them beside those of the kernel set `cpu` (no `read`); NULL: none. */
const wn_peak *wn_peak_int8(int cpu);
const wn_peak *wn_peak_bf16(int cpu);

/* The tables themselves; all but the first two exist in some builds only: reach them through the functions above. */
extern const wn_peak wn_peak_c, wn_peak_portable, wn_peak_avx2, wn_peak_avx512, wn_peak_neon;
extern const wn_peak wn_peak_int8_avx2, wn_peak_int8_avxvnni, wn_peak_int8_avx512, wn_peak_bf16_avx512;

#endif
