/* SPDX-License-Identifier: MIT
 * trainer.h - trains a model by a recipe: steps, validation and the model file.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_TRAIN_TRAINER_H
#define WN_TRAIN_TRAINER_H

#include "train/training_state.h"

/* Read the recipe and the data, and allocate everything. Continues from the checkpoint if config->resume is set. */
wn_status wn_trainer_new(wn_trainer **out, const wn_train_config *config, wn_error *error);

/* NULL is allowed. */
void wn_trainer_free(wn_trainer *trainer);

/* Whether the steps, or the time, of the whole run are over. */
bool wn_trainer_finished(const wn_trainer *trainer);

/* Samples trained on so far. */
double wn_trainer_samples(const wn_trainer *trainer);

/* Run one step. *bits: loss in bits per sample (PCM output: the loss itself). Fails if the loss or its gradient is not
 * finite. */
wn_status wn_trainer_step(wn_trainer *trainer, double *bits, wn_error *error);

/* Validate the parameters and their average; trainer->valid is the better of the two. For PCM output it is the
 * error-to-signal ratio of the whole validation part, for distributions bits per sample. The best set of all
 * validations is kept in trainer->best. */
void wn_trainer_validate(wn_trainer *trainer);

/* Name of the sound file of a render: "m-render.wav" for the model file "m.safetensors". To be freed; NULL if memory fails. */
char *wn_trainer_render_name(const wn_trainer *trainer);

/* Write the checkpoint, the render if the recipe wants one, and the model file, with the best parameters, or the average if
 * there was no validation. Each file appears only when it is complete. */
wn_status wn_trainer_save(wn_trainer *trainer, wn_error *error);

#endif
