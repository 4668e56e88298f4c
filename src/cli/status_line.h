/* SPDX-License-Identifier: MIT
 * status_line.h - what is going on while something plays: a line that is redrawn, a line a second, or JSON.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_CLI_STATUS_LINE_H
#define WN_CLI_STATUS_LINE_H

#include "cli/cli.h"

/* On a terminal one line, redrawn; elsewhere a note a second on stderr; with JSON a line a second on stdout. */
typedef struct wn_status_line {
    const wn_cli *cli;
    bool json, terminal, drawn;
    double started, shown; /* on wn_clock_seconds' clock */
    double cpu;            /* seconds of processor time when it was last shown */
} wn_status_line;

void wn_status_line_start(wn_status_line *status_line, const wn_cli *cli, bool json);

/* Seconds since the start. */
double wn_status_line_seconds(const wn_status_line *status_line);

/* Is it time to show something? */
bool wn_status_line_due(const wn_status_line *status_line);

/* Share of one core that the process has used since it was last shown. */
double wn_status_line_cpu(const wn_status_line *status_line);

/* Show `text`, or `json` (which it takes over) where that is asked for; build only the one that wn_status_line.json names.
 * false: standard output is gone. */
bool wn_status_line_show(wn_status_line *status_line, const char *text, json_t *json);

/* A note, without tearing the line; the line is cleared. */
void wn_status_line_clear(wn_status_line *status_line);

/* "#####..... -12.3 dB" of a peak. */
const char *wn_status_line_level(char *text, size_t size, float peak);

/* "1:02" of seconds. */
const char *wn_status_line_clock(char *text, size_t size, double seconds);

#endif
