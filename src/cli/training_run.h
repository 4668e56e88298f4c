/* SPDX-License-Identifier: MIT
 * training_run.h - a training run in a terminal: steps, validations, progress, the end.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_CLI_TRAINING_RUN_H
#define WN_CLI_TRAINING_RUN_H

#include "cli/cli.h"
#include "train/trainer.h"

/* Called after the model is written and before the trainer and its data are freed. */
typedef struct wn_training_end {
    wn_status (*run)(void *user, const wn_trainer *trainer, wn_error *error);
    void *user;
} wn_training_end;

/* Make the trainer, print what the checks of pairs found, train until the last step, the time limit or Ctrl-C, and write the model. Returns the
 * exit status. keep_best: a run that was stopped is validated once more, and the file is the best validated step; else
 * it ends with the state that a resumed run needs. `end`: NULL for none. */
int wn_training_run(wn_cli *cli, const wn_train_config *config, bool keep_best, const wn_training_end *end);

/* The meaning of an error-to-signal ratio for a listener, in words. */
const char *wn_esr_words(double esr);

#endif
