/* SPDX-License-Identifier: MIT
 * autotune.h - how many voices this machine plays in time, and on how many threads: measured.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_CLI_AUTOTUNE_H
#define WN_CLI_AUTOTUNE_H

#include "cli/session.h"

/* Choose what was not given: the voices of a session that plays notes live, and the threads of any session that plays notes.
 * The most voices, then the fewest threads, that reach WN_REALTIME_MARGIN. Measures for up to some seconds, and prints a
 * note of the choice. */
wn_status wn_autotune_voices(wn_session *session, wn_error *error);

#endif
