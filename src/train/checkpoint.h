/* SPDX-License-Identifier: MIT
 * checkpoint.h - writes and reads the state of a training run.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_TRAIN_CHECKPOINT_H
#define WN_TRAIN_CHECKPOINT_H

#include "train/training_state.h"

/* Write everything that a resumed run needs to continue with the same results to config.checkpoint. */
wn_status wn_checkpoint_write(wn_trainer *trainer, wn_error *error);

/* Read it into a trainer made from the same recipe and data. WN_ERROR_FORMAT if the file is damaged or of another
 * run. */
wn_status wn_checkpoint_read(wn_trainer *trainer, wn_error *error);

#endif
