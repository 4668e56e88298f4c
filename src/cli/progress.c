/* SPDX-License-Identifier: MIT
 * progress.c - how far, how fast, how long still.
 * Copyright (c) 2026 the wavenet authors */
#include "cli/progress.h"

#include <math.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "cli/status_line.h"

void wn_progress_start(wn_progress *progress, const wn_cli *cli, int64_t total, double sample_rate)
{
    memset(progress, 0, sizeof *progress);
    progress->cli = cli;
    progress->total = total;
    progress->sample_rate = sample_rate;
    progress->started = progress->shown = wn_clock_seconds();
    progress->terminal = isatty(STDERR_FILENO);
}

/* "48 210 samples/s, 3.01 x real time, 0:12 left" */
static void rate_text(char *text, size_t size, const wn_progress *p, int64_t done, double now)
{
    double rate = (double)done / fmax(now - p->started, 1e-9);
    int used = snprintf(text, size, "%.0f samples/s", rate);
    if (p->sample_rate > 0)
        used += snprintf(text + used, size - (size_t)used, ", %.2f x real time", rate / p->sample_rate);
    if (p->total > 0 && done > 0) {
        char left[32];
        wn_status_line_clock(left, sizeof left, round(fmin((double)(p->total - done) / rate, 359999)));
        snprintf(text + used, size - (size_t)used, ", %s left", left);
    }
}

static void draw_bar(double share, const char *text)
{
    enum { WIDTH = 24 };
    char bar[WIDTH + 1];
    int full = (int)(share * WIDTH);
    for (int i = 0; i < WIDTH; i++) bar[i] = i < full ? '#' : '.';
    bar[WIDTH] = 0;
    fprintf(stderr, "\r[%s] %3.0f %%  %s\033[K", bar, 100 * share, text);
    fflush(stderr);
}

void wn_progress_update(wn_progress *progress, int64_t done)
{
    double now = wn_clock_seconds();
    if (now - progress->shown < (progress->terminal ? 0.2 : 10)) return;
    progress->shown = now;
    char text[160];
    rate_text(text, sizeof text, progress, done, now);
    double share = progress->total > 0 ? fmin((double)done / (double)progress->total, 1) : 0;
    if (progress->terminal)
        draw_bar(share, text);
    else if (progress->total > 0)
        wn_cli_note(progress->cli, "%.0f %%, %s", 100 * share, text);
    else
        wn_cli_note(progress->cli, "%s", text);
    progress->drawn = true;
}

void wn_progress_end(wn_progress *progress)
{
    if (progress->terminal && progress->drawn) fputs("\r\033[K", stderr);
    progress->drawn = false;
}
