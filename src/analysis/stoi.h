/* SPDX-License-Identifier: MIT
 * stoi.h - short-time objective intelligibility of speech.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_ANALYSIS_STOI_H
#define WN_ANALYSIS_STOI_H

#include "wavenet/wavenet.h"

#define WN_STOI_RATE 10000.0 /* Hz */

/* Intelligibility of b [n] beside the clean speech a [n], both at WN_STOI_RATE: about 0 to 1. NaN if less than 0.4 s of `a`
 * is within 40 dB of its loudest frame. (Taal, Hendriks, Heusdens, Jensen, "An algorithm for intelligibility prediction of
 * time-frequency weighted noisy speech", 2011.) */
wn_status wn_stoi(double *stoi, const float *a, const float *b, int64_t n, wn_error *error);

#endif
