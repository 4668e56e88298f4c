/* SPDX-License-Identifier: MIT
 * compare_speech.h - wavenet compare --speech: what a listener hears of the difference of two recordings of speech.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_CLI_COMPARE_SPEECH_H
#define WN_CLI_COMPARE_SPEECH_H

#include "cli/cli.h"

/* Compare the two arguments of `cli` and print the figures. Returns the exit status. */
int wn_cli_compare_speech(const wn_cli *cli, bool json);

#endif
