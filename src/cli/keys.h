/* SPDX-License-Identifier: MIT
 * keys.h - single keys while something plays, from a terminal or a pipe.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_CLI_KEYS_H
#define WN_CLI_KEYS_H

/* Take keys from standard input as they are hit. A terminal is told not to wait for a line's end, and not to show them; it
 * is left alone while another program has it. wn_keys_close undoes that; so does a second Ctrl-C, which ends the program. */
void wn_keys_open(void);
void wn_keys_close(void);

/* Wait for a key for up to `seconds`: the next one, or 0. The end of what a pipe holds means no more keys. */
char wn_keys_wait(double seconds);

#endif
