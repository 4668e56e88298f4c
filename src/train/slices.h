/* SPDX-License-Identifier: MIT
 * slices.h - the parts of training clips that streams play in one go, cut at pauses.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_TRAIN_SLICES_H
#define WN_TRAIN_SLICES_H

#include "train/data.h"

/* Make data->slices of the training clips: whole clips where seconds is 0. Otherwise a clip longer than that is cut, at whole
 * hops, into parts of half of it to all of it, each cut where the 50 ms around it are quietest. A slice only shuffles: its
 * conditions are those of the whole clip. Clips are sound of one channel at `rate` Hz. */
wn_status wn_slices_make(wn_data *data, double seconds, double rate, int hop, wn_error *error);

#endif
