/* SPDX-License-Identifier: MIT
 * peak.h - what this machine could do at best, so that a speed can be read as a share of it.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_CLI_PEAK_H
#define WN_CLI_PEAK_H

#include <stddef.h>

/* Single-precision multiply-accumulates per second of one thread in independent FMA chains held in registers, in the
 * widest vectors the machine has; measured over about `seconds`. */
double wn_peak_macs(double seconds);

/* Bytes per second that one thread reads from `data` [bytes], over and over, for about `seconds`. */
double wn_peak_bandwidth(const float *data, size_t bytes, double seconds);

/* "avx512, 16 lanes" ...: the vectors in use. */
const char *wn_peak_vectors(void);

#endif
