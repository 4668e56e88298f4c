/* SPDX-License-Identifier: MIT
 * verify_gradients.h - wavenet verify --gradients.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_CLI_VERIFY_GRADIENTS_H
#define WN_CLI_VERIFY_GRADIENTS_H

#include "cli/cli.h"

/* Compare the trainer's gradients of the model with exact ones, and print the result. Returns the exit status. */
int wn_cli_verify_gradients(const wn_cli *cli, wn_model *model, bool json);

#endif
