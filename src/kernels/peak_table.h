/* SPDX-License-Identifier: MIT
 * peak_table.h - the loops of one instruction set that measure what a machine can do at best.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_KERNELS_PEAK_TABLE_H
#define WN_KERNELS_PEAK_TABLE_H

#include <stddef.h>

#include "kernels.h"

/* What `read` reads at a time, in floats, and from how many places at once: as many lines of a cache on their way as the
 * hardware's prefetchers like to follow. */
enum { WN_READ_STREAMS = 4, WN_READ_STEP = 128 };

/* Operations of a chain in which each waits for the one before. */
typedef enum wn_peak_link { WN_LINK_FMA, WN_LINK_ADD, WN_LINK_FUNCTION } wn_peak_link;

/* The loops of one instruction set. */
typedef struct wn_peak {
    const char *name; /* "avx512" */

    /* `rounds` rounds of a dozen independent chains in registers; returns the multiply-accumulates done. A dozen: more
     * than two units of four cycles latency need, and few enough for sixteen registers. */
    double (*spin)(int rounds);

    /* The sum of x [n], `passes` times over, WN_READ_STREAMS streams side by side: a load and an addition a vector, which
     * cores do at the rate of their loads. x is 64-byte aligned, n a multiple of WN_READ_STEP. NULL: not of these. */
    float (*read)(const float *x, size_t n, int passes);

    /* `links` operations on one vector, a chain; `f` is the function of WN_LINK_FUNCTION. Returns `links`. NULL: not of
     * these. */
    double (*chain)(wn_peak_link link, const wn_fn_param *f, int links);
} wn_peak;

/* The tables themselves; all but the first two exist in some builds only: reach them through the functions of peak.h. */
#define WN_DECLARE_PEAK(name) extern const wn_peak wn_peak_##name;
WN_KERNEL_SETS(WN_DECLARE_PEAK)
#undef WN_DECLARE_PEAK
extern const wn_peak wn_peak_int8_avx2, wn_peak_int8_avxvnni, wn_peak_int8_avx512, wn_peak_bf16_avx512;

#endif
