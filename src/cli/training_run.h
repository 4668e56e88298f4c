/* SPDX-License-Identifier: MIT
 * training_run.h - a training run in a terminal: steps, validations, progress, the end.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_CLI_TRAINING_RUN_H
#define WN_CLI_TRAINING_RUN_H

#include "cli/cli.h"
#include "train/trainer.h"

/* What follows a run that has written its model, while the trainer and its data are still there. */
typedef struct wn_training_end {
    wn_status (*run)(void *user, const wn_trainer *trainer, wn_error *error);
    void *user;
} wn_training_end;

/* Make the trainer, print what the checks of pairs found, train to the end or to Ctrl-C, and write the model. Returns the
 * exit status. keep_best: a run that was stopped is validated once more, so that the file is the best of all steps; else
 * it ends with the state that a resumed run needs. `end`: NULL for none. */
int wn_training_run(wn_cli *cli, const wn_train_config *config, bool keep_best, const wn_training_end *end);

/* The meaning of an error-to-signal ratio for a listener, in words. */
const char *wn_esr_words(double esr);

#endif
