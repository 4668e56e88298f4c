/* SPDX-License-Identifier: MIT
 * key_input.c - single keys while something plays, from a terminal or a pipe.
 * Copyright (c) 2026 the wavenet authors */
#include "cli/key_input.h"

#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "base/clock.h"
#include "cli/cli.h"
#include "cli/interrupt.h"

/* A signal handler can reach nothing but variables of the file: how the terminal was, and how it is while keys are read. */
static struct termios before, during;
static volatile sig_atomic_t changed;
static bool over; /* nothing more can come */

/* Whoever touches a terminal that another program has is stopped by the system. Safe within a signal handler, as is all of
 * what follows up to watch_resume. */
static bool is_ours(void) { return tcgetpgrp(STDIN_FILENO) == getpgrp(); }

static void restore_terminal(void)
{
    if (changed && is_ours()) tcsetattr(STDIN_FILENO, TCSANOW, &before);
    changed = 0;
}

/* After Ctrl-Z and fg the shell has put its own settings in place. */
static void resume_terminal(int number)
{
    (void)number;
    if (changed && is_ours()) tcsetattr(STDIN_FILENO, TCSANOW, &during);
}

static void watch_resume(void)
{
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = resume_terminal;
    action.sa_flags = (int)SA_RESTART;
    sigemptyset(&action.sa_mask);
    sigaction(SIGCONT, &action, NULL);
}

void wn_key_input_open(void)
{
    over = false;
    if (!isatty(STDIN_FILENO)) return;
    over = !is_ours() || tcgetattr(STDIN_FILENO, &before) != 0;
    if (over) return;
    during = before;
    during.c_lflag &= ~(tcflag_t)(ICANON | ECHO); /* Ctrl-C stays a signal */
    during.c_cc[VMIN] = 1;
    during.c_cc[VTIME] = 0;
    changed = 1;
    wn_interrupt_set_cleanup(restore_terminal);
    watch_resume();
    tcsetattr(STDIN_FILENO, TCSANOW, &during);
}

void wn_key_input_close(void)
{
    wn_interrupt_set_cleanup(NULL);
    restore_terminal();
}

char wn_key_input_wait(double seconds)
{
    char key = 0;
    struct pollfd in = {.fd = STDIN_FILENO, .events = POLLIN};
    if (over || (changed && !is_ours()))
        wn_clock_sleep(seconds);
    else if (poll(&in, 1, (int)(seconds * 1000)) > 0)
        over = read(STDIN_FILENO, &key, 1) != 1;
    return over ? 0 : key;
}
