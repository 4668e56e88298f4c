/* SPDX-License-Identifier: MIT
 * program.h - the operations of a model and how this machine runs them, for `info --program`.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_CLI_PROGRAM_H
#define WN_CLI_PROGRAM_H

#include "wavenet/wavenet.h"

/* Print what `plan` uses, and its operations, one per line. */
void wn_cli_print_program(const wn_plan *plan);

#endif
