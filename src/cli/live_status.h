/* SPDX-License-Identifier: MIT
 * live_status.h - how things stand while something is played live, in words and as JSON.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_CLI_LIVE_STATUS_H
#define WN_CLI_LIVE_STATUS_H

#include "cli/status_line.h"
#include "wavenet/audio.h"

typedef struct wn_live_status {
    wn_live_stats live;
    wn_device_stats device;
    double rate;              /* Hz, of the device */
    double output_gain, trim; /* dB: the one asked for, and what keys have added to it */
    int model;                /* from 1; 0: the dry signal */
    const char *name;         /* of the model */
    bool bypass;
} wn_live_status;

/* Times the device went without sound, or lost some. */
int64_t wn_live_status_gaps(const wn_live_status *s);

/* The state of both sides; peaks are the largest since wn_live_status_reset_peaks. */
void wn_live_status_update(wn_live_status *s, wn_live *live, const wn_device *device);
void wn_live_status_reset_peaks(wn_live_status *s);

/* Show a line of it: `word` says what is going on. */
wn_status wn_live_status_show(const wn_live_status *s, wn_status_line *status_line, const char *word, wn_error *error);

/* The summary at the end. */
void wn_live_status_report(const wn_live_status *s, const wn_cli *cli, const char *device);

#endif
