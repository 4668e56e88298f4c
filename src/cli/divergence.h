/* SPDX-License-Identifier: MIT
 * divergence.h - a model whose output is no sound ends the command with a line, instead of noise without a word.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_CLI_DIVERGENCE_H
#define WN_CLI_DIVERGENCE_H

#include "wavenet/wavenet.h"

/* Index of the first of x [n] that is not finite or beyond `limit`; -1: there is none. INFINITY: no limit. */
int64_t wn_find_divergence(const float *x, int64_t n, double limit);

/* Fail with the words for output `value` of a model, at `frame` and `rate` in Hz (0: unknown). `path`: the file that was
 * read or is not written. */
wn_status wn_fail_divergence(wn_error *error, const char *path, double value, int64_t frame, double rate);

#endif
