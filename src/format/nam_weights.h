/* SPDX-License-Identifier: MIT
 * nam_weights.h - the one order of the flat list of weights, which counting, reading and writing share.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_FORMAT_NAM_WEIGHTS_H
#define WN_FORMAT_NAM_WEIGHTS_H

#include "format/nam_reader.h"

/* Called for each run of n weights; *data is NULL where they have no memory yet. Stops at the first non-OK. */
typedef wn_status wn_nam_run_fn(void *user, float **data, int64_t n);
wn_status wn_nam_runs(wn_model *model, bool head_scale, wn_nam_run_fn *fn, void *user);

/* The list of the file, `expected` floats; NULL with the failure recorded. */
const float *wn_nam_floats(wn_nam_reader *x, int64_t expected);

/* Fill a WaveNet with the list, which must have as many weights as the description asks for. */
void wn_nam_wavenet_weights(wn_nam_reader *x);

/* The next n of a list into a run that may have no memory yet. */
typedef struct wn_nam_cursor {
    wn_nam_reader *x;
    const float *next;
} wn_nam_cursor;
wn_status wn_nam_take(void *cursor, float **data, int64_t n);

#endif
