/* SPDX-License-Identifier: MIT
 * progress.h - how far, how fast, how long still.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_CLI_PROGRESS_H
#define WN_CLI_PROGRESS_H

#include "cli/cli.h"

/* A bar on a terminal; elsewhere a line every ten seconds. Everything goes to stderr. */
typedef struct wn_progress {
    const wn_cli *cli;
    int64_t total;      /* samples; 0 = unknown */
    double sample_rate; /* Hz, for "x real time"; 0 = unknown */
    double started, shown;
    bool terminal, drawn;
} wn_progress;

void wn_progress_start(wn_progress *progress, const wn_cli *cli, int64_t total, double sample_rate);
void wn_progress_update(wn_progress *progress, int64_t done);
/* Clears the bar. */
void wn_progress_end(wn_progress *progress);

#endif
