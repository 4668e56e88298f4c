/* SPDX-License-Identifier: MIT
 * child_program.h - what another program says about a text: run without a shell, within a time limit.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_CLI_CHILD_PROGRAM_H
#define WN_CLI_CHILD_PROGRAM_H

#include <stddef.h>

#include "wavenet/wavenet.h"

/* Run argv[0], found on the PATH, with the arguments argv (ended by NULL) and `input` on its standard input, and take all that
 * it prints into output[size], ended by a zero. After `seconds` it is killed. Errors name it: it is missing, takes longer, prints
 * more than fits, prints a zero byte, was killed, or returned another exit status than 0. `hint` ends the message where it is
 * missing. */
wn_status wn_child_run(char *output, size_t size, const char *const *argv, const char *input, double seconds,
                       const char *hint, wn_error *error);

#endif
