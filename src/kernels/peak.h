/* SPDX-License-Identifier: MIT
 * peak.h - loops that do nothing but what bounds a kernel, to measure what a machine can do at best.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_KERNELS_PEAK_H
#define WN_KERNELS_PEAK_H

#include "peak_table.h"

/* The loops of the kernel set `cpu`, numbered as for wn_kernels_get, and NULL where that is. */
const wn_peak *wn_peak_get(int cpu);

/* Dot products of 8-bit integers summed in 32 bits, and of bfloat16 summed in float, by the best instructions this CPU
 * has for them beside those of the kernel set `cpu` (no `read`); NULL: none. */
const wn_peak *wn_peak_int8(int cpu);
const wn_peak *wn_peak_bf16(int cpu);

#endif
