/* SPDX-License-Identifier: MIT
 * pair.h - two recordings of one performance, before and after equipment: aligned and checked.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_TRAIN_PAIR_H
#define WN_TRAIN_PAIR_H

#include "train/take.h"

/* Read both files at `rate` Hz, find delay and polarity, and check what the pair can teach. Everything found is added to
 * `findings`; a fault there is no failure of the function. Paths must outlive the pair, the spool its samples. */
wn_status wn_pair_read(wn_pair *pair, const char *dry, const char *wet, double rate, double gain, wn_spool *spool,
                       wn_findings *findings, wn_error *error);

#endif
