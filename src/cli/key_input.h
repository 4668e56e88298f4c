/* SPDX-License-Identifier: MIT
 * key_input.h - single keys while something plays, from a terminal or a pipe.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_CLI_KEY_INPUT_H
#define WN_CLI_KEY_INPUT_H

/* Take keys from standard input as they are hit. A terminal is told not to wait for a line's end, and not to show them; it
 * is left alone while another program has it. wn_key_input_close undoes that; so does a second Ctrl-C, which ends the program. */
void wn_key_input_open(void);
void wn_key_input_close(void);

/* Wait for a key for up to `seconds`: the next one, or 0. The end of what a pipe holds means no more keys. */
char wn_key_input_wait(double seconds);

#endif
