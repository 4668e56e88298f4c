/* SPDX-License-Identifier: MIT
 * status_line.c - what is going on while something plays.
 * Copyright (c) 2026 the wavenet authors */
#include "cli/status_line.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"

#define OFTEN 0.1   /* seconds between two drawings on a terminal */
#define SELDOM 1.0  /* elsewhere */
#define QUIET -60.0 /* dB, where the bar begins */

static double cpu_seconds(void)
{
    struct timespec used;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
    return (double)used.tv_sec + 1e-9 * (double)used.tv_nsec;
}

void wn_status_line_start(wn_status_line *meter, const wn_cli *cli, bool json)
{
    memset(meter, 0, sizeof *meter);
    meter->cli = cli;
    meter->json = json;
    meter->terminal = !json && isatty(STDERR_FILENO);
    meter->started = meter->shown = wn_clock_seconds();
    meter->cpu = cpu_seconds();
}

double wn_status_line_seconds(const wn_status_line *meter) { return wn_clock_seconds() - meter->started; }

bool wn_status_line_due(const wn_status_line *meter) { return wn_clock_seconds() - meter->shown >= (meter->terminal ? OFTEN : SELDOM); }

double wn_status_line_cpu(const wn_status_line *meter)
{
    return (cpu_seconds() - meter->cpu) / fmax(wn_clock_seconds() - meter->shown, 1e-3);
}

static bool print_json(json_t *json)
{
    char *text = json ? json_dumps(json, JSON_COMPACT | JSON_REAL_PRECISION(6)) : NULL;
    bool ok = text && puts(text) >= 0 && fflush(stdout) == 0;
    free(text);
    json_decref(json);
    return ok;
}

bool wn_status_line_show(wn_status_line *meter, const char *text, json_t *json)
{
    meter->shown = wn_clock_seconds();
    meter->cpu = cpu_seconds();
    if (meter->json) return print_json(json);
    if (meter->terminal) {
        fprintf(stderr, "\r%s\033[K", text);
        fflush(stderr);
        meter->drawn = true;
    } else {
        wn_cli_note(meter->cli, "%s", text);
    }
    return true;
}

void wn_status_line_clear(wn_status_line *meter)
{
    if (meter->drawn) fputs("\r\033[K", stderr);
    meter->drawn = false;
}

const char *wn_status_line_level(char *text, size_t size, float peak)
{
    enum { WIDTH = 20 };
    char bar[WIDTH + 1];
    double db = peak > 0 ? 20 * log10((double)peak) : -INFINITY;
    int full = db > QUIET ? (int)fmin((db - QUIET) / -QUIET * WIDTH, WIDTH) : 0;
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
