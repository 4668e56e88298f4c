/* SPDX-License-Identifier: MIT
 * channels.h - sound through a feed-forward model: each channel through a stream of its own, or all of them through one.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_CLI_CHANNELS_H
#define WN_CLI_CHANNELS_H

#include "cli/conditions.h"

typedef struct wn_channels wn_channels;

typedef struct wn_channels_config {
    wn_cpu cpu;
    int channels; /* of the sound; a model that hears several at once takes exactly these */
    int block;    /* most frames the engine takes at once */
    int threads;  /* as many as there are streams can be used */
    bool settle;  /* begin as after endless silence, not with empty histories */
    const wn_conditions *conditions;
} wn_channels_config;

/* `model` and the conditions must outlive it. On failure *out is NULL. */
wn_status wn_channels_new(wn_channels **out, const wn_model *model, const wn_channels_config *config, wn_error *error);
void wn_channels_free(wn_channels *channels);

/* Channels that come out: those the model makes of each stream's input, stream by stream. */
int wn_channels_width(const wn_channels *channels);

/* Run the next `frames` frames: in [frames][channels], out [frames][width]. A channel's samples do not depend on the
 * block, the threads, or what else the sound holds. */
void wn_channels_run(wn_channels *channels, int frames, const float *in, float *out);

/* The kernel set in use. */
const char *wn_channels_cpu(const wn_channels *channels);

#endif
