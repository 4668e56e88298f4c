/* SPDX-License-Identifier: MIT
 * sound_info.h - what `info` prints about a sound file.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_CLI_SOUND_INFO_H
#define WN_CLI_SOUND_INFO_H

#include "cli/cli.h"

/* Read the file at `path` and print its format, length and levels, as JSON or text. Returns the exit status. */
int wn_cli_print_sound(const wn_cli *cli, const char *path, bool json);

/* Print the fault of the file at `path` that its reader makes up for, if it has one: a sound that is read by someone else. NULL:
 * no file. */
void wn_cli_note_sound(const wn_cli *cli, const char *path);

#endif
