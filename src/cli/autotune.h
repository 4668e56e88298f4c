/* SPDX-License-Identifier: MIT
 * autotune.h - how many voices this machine plays in time, and on how many threads: measured.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_CLI_AUTOTUNE_H
#define WN_CLI_AUTOTUNE_H

#include "cli/session.h"

/* Choose, where they were not given, the voices of a rendering that plays notes live, and the threads of any that plays
 * notes: the most voices, and then the fewest threads, that keep well ahead of real time. Takes a moment. What was
 * found is noted. */
wn_status wn_autotune_voices(wn_session *rendering, wn_error *error);

#endif
