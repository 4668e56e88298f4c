/* SPDX-License-Identifier: MIT
 * status_line.c - what is going on while something plays.
 * Copyright (c) 2026 the wavenet authors */
#include "cli/status_line.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"

#define TERMINAL_INTERVAL 0.1 /* seconds between two drawings on a terminal */
#define PLAIN_INTERVAL 1.0    /* elsewhere */
#define BAR_MINIMUM -60.0     /* dB, where the bar begins */

void wn_status_line_start(wn_status_line *status_line, const wn_cli *cli, bool json)
{
    memset(status_line, 0, sizeof *status_line);
    status_line->cli = cli;
    status_line->json = json;
    status_line->terminal = !json && isatty(STDERR_FILENO);
    status_line->started = status_line->shown = wn_clock_seconds();
    status_line->cpu = wn_clock_process_seconds();
}

double wn_status_line_seconds(const wn_status_line *status_line) { return wn_clock_seconds() - status_line->started; }

bool wn_status_line_due(const wn_status_line *status_line)
{
    return wn_clock_seconds() - status_line->shown >= (status_line->terminal ? TERMINAL_INTERVAL : PLAIN_INTERVAL);
}

double wn_status_line_cpu(const wn_status_line *status_line)
{
    return (wn_clock_process_seconds() - status_line->cpu) / fmax(wn_clock_seconds() - status_line->shown, 1e-3);
}

static bool print_json(json_t *json)
{
    char *text = json ? json_dumps(json, JSON_COMPACT | JSON_REAL_PRECISION(6)) : NULL;
    bool ok = text && puts(text) >= 0 && fflush(stdout) == 0;
    free(text);
    json_decref(json);
    return ok;
}

bool wn_status_line_show(wn_status_line *status_line, const char *text, json_t *json)
{
    status_line->shown = wn_clock_seconds();
    status_line->cpu = wn_clock_process_seconds();
    if (status_line->json) return print_json(json);
    if (status_line->terminal) {
        fprintf(stderr, "\r%s\033[K", text);
        fflush(stderr);
        status_line->drawn = true;
    } else {
        wn_cli_note(status_line->cli, "%s", text);
    }
    return true;
}

void wn_status_line_clear(wn_status_line *status_line)
{
    if (status_line->drawn) fputs("\r\033[K", stderr);
    status_line->drawn = false;
}

const char *wn_status_line_level(char *text, size_t size, float peak)
{
    enum { WIDTH = 20 };
    char bar[WIDTH + 1];
    double db = peak > 0 ? 20 * log10((double)peak) : -INFINITY;
    int full = db > BAR_MINIMUM ? (int)fmin((db - BAR_MINIMUM) / -BAR_MINIMUM * WIDTH, WIDTH) : 0;
    for (int i = 0; i < WIDTH; i++) bar[i] = i < full ? '#' : '.';
    bar[WIDTH] = 0;
    if (isfinite(db))
        snprintf(text, size, "%s %5.1f dB", bar, db);
    else
        snprintf(text, size, "%s  silence", bar);
    return text;
}

const char *wn_status_line_clock(char *text, size_t size, double seconds)
{
    long s = lround(floor(fmin(fmax(seconds, 0), 3.6e8)));
    if (s >= 3600)
        snprintf(text, size, "%ld:%02ld:%02ld", s / 3600, s / 60 % 60, s % 60);
    else
        snprintf(text, size, "%ld:%02ld", s / 60, s % 60);
    return text;
}
