/* SPDX-License-Identifier: MIT
 * spool.h - recordings in one temporary file that is mapped into memory, so that their length does not cost memory.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_TRAIN_SPOOL_H
#define WN_TRAIN_SPOOL_H

#include "base/error.h"

/* A nameless temporary file: nothing is left behind, whatever ends the program. One thread at a time. */
typedef struct wn_spool wn_spool;

/* Create the file in the folder of the file name `beside`. */
wn_status wn_spool_new(wn_spool **out, const char *beside, wn_error *error);

/* Unmaps everything. NULL is allowed. */
void wn_spool_free(wn_spool *spool);

/* Append samples x [n] to the recording in progress. */
wn_status wn_spool_write(wn_spool *spool, const float *x, int64_t n, wn_error *error);

/* End the recording in progress: *x [*n], valid until wn_spool_free. At least one sample must have been written. */
wn_status wn_spool_finish(wn_spool *spool, const float **x, int64_t *n, wn_error *error);

/* Give the memory of all recordings back to the system. They stay where they are and are read again when needed. No
 * other thread may read meanwhile. */
void wn_spool_release(wn_spool *spool);

#endif
