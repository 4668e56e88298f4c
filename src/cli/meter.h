/* SPDX-License-Identifier: MIT
 * meter.h - what is going on while something plays: a line that is redrawn, a line a second, or JSON.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_CLI_METER_H
#define WN_CLI_METER_H

#include "cli/cli.h"

/* On a terminal one line, redrawn; elsewhere a note a second on stderr; with JSON a line a second on stdout. */
typedef struct wn_meter {
    const wn_cli *cli;
    bool json, terminal, drawn;
    double started, shown; /* on wn_seconds' clock */
    double cpu;            /* seconds of processor time when it was last shown */
} wn_meter;

void wn_meter_start(wn_meter *meter, const wn_cli *cli, bool json);

/* Seconds since the start. */
double wn_meter_seconds(const wn_meter *meter);

/* Is it time to show something? */
bool wn_meter_due(const wn_meter *meter);

/* Share of one core that the process has used since it was last shown. */
double wn_meter_cpu(const wn_meter *meter);

/* Show `text`, or `json` (which it takes over) where that is asked for; build only the one that wn_meter.json names.
 * false: standard output is gone. */
bool wn_meter_show(wn_meter *meter, const char *text, json_t *json);

/* A note, without tearing the line; the line is cleared. */
void wn_meter_clear(wn_meter *meter);

/* "#####..... -12.3 dB" of a peak. */
const char *wn_meter_level(char *text, size_t size, float peak);

/* "1:02" of seconds. */
const char *wn_meter_clock(char *text, size_t size, double seconds);

#endif
