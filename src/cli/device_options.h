/* SPDX-License-Identifier: MIT
 * device_options.h - a sound device from the command line, at the model's rate where it has that.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_CLI_DEVICE_OPTIONS_H
#define WN_CLI_DEVICE_OPTIONS_H

#include "cli/cli.h"
#include "wavenet/audio.h"

typedef struct wn_device_options {
    double rate; /* Hz; 0: not given */
    int frames;  /* 0: not given */
} wn_device_options;

/* clang-format off */
#define WN_CLI_DEVICE(l) \
    { "rate", 0, POPT_ARG_DOUBLE, &(l)->rate, 0, \
      "sample rate of the device in Hz (default: the model's, or else the device's choice)", "HZ" }, \
    { "buffer", 0, POPT_ARG_INT, &(l)->frames, 0, \
      "device block size in frames (default: the device's choice)", "N" }
/* clang-format on */

/* The description of the device, which stays valid after it was closed. */
typedef struct wn_device_description {
    double rate;    /* Hz */
    char text[256]; /* "NAME (HOST, RATE Hz)", one line */
} wn_device_description;

/* NULL, or what is wrong with the usage. */
const char *wn_cli_check_device(const wn_device_options *options);

/* Open the device that `config` names, with the rate and block of `options`: at the rate asked for, else at the model's,
 * else at the device's own, which is noted. What the system's sound libraries print is lost. */
wn_status wn_cli_open_device(wn_device **out, wn_device_description *about, const wn_cli *cli,
                             const wn_device_options *options, wn_device_config config, double model_rate,
                             wn_error *error);

/* Close it in silence. NULL is allowed. */
void wn_cli_close_device(wn_device *device);

#endif
