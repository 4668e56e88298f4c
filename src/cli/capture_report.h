/* SPDX-License-Identifier: MIT
 * capture_report.h - a capture beside the recording it was made from: two sound files and a picture.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_CLI_CAPTURE_REPORT_H
#define WN_CLI_CAPTURE_REPORT_H

#include "cli/cli.h"
#include "train/trainer.h"

typedef struct wn_capture_report {
    const wn_cli *cli;
    const char *folder;
} wn_capture_report;

/* Make the folder before the training begins. WN_ERROR_FILE if it holds a report already and `force` is not set;
 * WN_ERROR_ARGUMENT if the capture goes to a device, from where it cannot be read. */
wn_status wn_capture_report_prepare(const char *folder, const char *model, bool force, wn_error *error);

/* A wn_training_end, `user` a wn_capture_report: render the model file over the validation part of the pair and write
 * recording.wav, model.wav and comparison.png. Memory is that of this part, at most nine seconds. */
wn_status wn_capture_report_write(void *user, const wn_trainer *trainer, wn_error *error);

#endif
