/* SPDX-License-Identifier: MIT
 * interrupt.h - Ctrl-C asks once, politely.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_CLI_INTERRUPT_H
#define WN_CLI_INTERRUPT_H

#include <stdbool.h>

/* From now on SIGINT and SIGTERM only ask: the work in hand is finished cleanly. A second one kills as usual. */
void wn_interrupt_install(void);

/* Called at a second interrupt, before the process ends; must be safe within a signal handler. NULL: nothing. */
void wn_interrupt_set_cleanup(void (*function)(void));
bool wn_interrupt_requested(void);

#endif
