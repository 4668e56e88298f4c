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

enum { WN_MAX_CHECKPOINT_NAME = 1024 };

/* Whether `path` is a checkpoint, by its content. */
bool wn_checkpoint_is(const char *path);

/* The recipe and the model file of the run that wrote a checkpoint, absolute names. */
wn_status wn_checkpoint_read_names(const char *path, char recipe[WN_MAX_CHECKPOINT_NAME],
                                   char model[WN_MAX_CHECKPOINT_NAME], wn_error *error);

/* Checksum of the training clips' sound, by which a checkpoint knows its data. */
uint64_t wn_checkpoint_checksum(const wn_data *data);

#endif
