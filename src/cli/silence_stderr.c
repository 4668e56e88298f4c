/* SPDX-License-Identifier: MIT
 * silence_stderr.c - keeps what other libraries print off the terminal.
 * Copyright (c) 2026 the wavenet authors */
#include "cli/silence_stderr.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

/* -1: stderr stays as it is. */
int wn_silence_stderr_begin(void)
{
    fflush(stderr);
    int silence = open("/dev/null", O_WRONLY | O_CLOEXEC);
    int kept = silence < 0 ? -1 : fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    if (kept >= 0) dup2(silence, STDERR_FILENO);
    if (silence >= 0) close(silence);
    return kept;
}

void wn_silence_stderr_end(int kept_stderr)
{
    if (kept_stderr < 0) return;
    fflush(stderr);
    dup2(kept_stderr, STDERR_FILENO);
    close(kept_stderr);
}
