/* SPDX-License-Identifier: MIT
 * interrupt.c - Ctrl-C asks once, politely.
 * Copyright (c) 2026 the wavenet authors */
#include "cli/interrupt.h"

#include <signal.h>
#include <string.h>

#include "base/clock.h"

#define ECHO_SECONDS 0.25

/* A signal handler can reach nothing but variables of the file. */
static volatile sig_atomic_t interrupted, terminated;
static volatile double asked_at; /* when the first came */
static void (*volatile cleanup)(void);

/* The second of a kind kills as usual, unless it is an echo of the first: timeout(1) signals the program and then its process
 * group, so that a busy machine delivers both. */
static void note_signal(int number)
{
    volatile sig_atomic_t *seen = number == SIGINT ? &interrupted : &terminated;
    if (!*seen) {
        *seen = 1;
        asked_at = wn_clock_seconds();
        return;
    }
    if (wn_clock_seconds() - asked_at < ECHO_SECONDS) return;
    if (cleanup) cleanup();
    signal(number, SIG_DFL);
    raise(number);
}

void wn_interrupt_install(void)
{
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = note_signal;
    action.sa_flags = (int)SA_RESTART;
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

void wn_interrupt_set_cleanup(void (*function)(void)) { cleanup = function; }

bool wn_interrupt_requested(void) { return interrupted || terminated; }
