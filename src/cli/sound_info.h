/* SPDX-License-Identifier: MIT
 * sound_info.h - what `info` prints about a sound file.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_CLI_SOUND_INFO_H
#define WN_CLI_SOUND_INFO_H

#include "cli/cli.h"

/* Read the file at `path` and print its format, length and levels, as JSON or text. Returns the exit status. */
int wn_cli_print_sound(const wn_cli *cli, const char *path, bool json);

#endif
