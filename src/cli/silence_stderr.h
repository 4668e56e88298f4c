/* SPDX-License-Identifier: MIT
 * silence_stderr.h - keeps what other libraries print off the terminal.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_CLI_SILENCE_STDERR_H
#define WN_CLI_SILENCE_STDERR_H

/* From now on what is written to stderr is lost. The result goes to wn_silence_stderr_end, which undoes it. Meant for the few calls
 * in which the system's sound libraries look for devices: they report each one that is not there, on stderr. */
int wn_silence_stderr_begin(void);
void wn_silence_stderr_end(int kept_stderr);

#endif
