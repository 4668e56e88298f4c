/* SPDX-License-Identifier: MIT
 * stop.c - Ctrl-C asks once, politely.
 * Copyright (c) 2026 the wavenet authors */
#include <signal.h>
#include <string.h>

#include "cli/cli.h"

/* A signal handler can reach nothing but a variable of the file. */
static volatile sig_atomic_t wanted;

static void ask(int number)
{
    (void)number;
    wanted = 1;
}

void wn_stop_install(void)
{
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = ask;
    action.sa_flags = (int)(SA_RESETHAND | SA_RESTART);
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

bool wn_stop_wanted(void) { return wanted != 0; }
