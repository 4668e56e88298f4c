/* SPDX-License-Identifier: MIT
 * live_sound.h - a command's sound on a device while it is made, and what a microphone hears.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_CLI_LIVE_SOUND_H
#define WN_CLI_LIVE_SOUND_H

#include <stdatomic.h>

#include "base/fifo.h"
#include "cli/cli.h"
#include "cli/device_options.h"
#include "dsp/realtime_resampler.h"
#include "wavenet/audio.h"

typedef struct wn_live_sound_config {
    const char *output, *input; /* devices; NULL: the system's choice */
    bool records;               /* open the input, too */
    wn_device_options device;
    double rate;  /* Hz of the sound that is written and read */
    double began; /* seconds of the clock from which the first sound counts */
} wn_live_sound_config;

/* The command's thread writes and reads, the player's thread takes what was written, and the device's thread plays what the
 * player has ready and keeps what the microphone hears. The record must stay where it is while it is open. */
typedef struct wn_live_sound {
    const wn_cli *cli;
    wn_device *device;
    wn_device_description about;
    wn_player *player;
    wn_fifo *written, *recorded;      /* to the player, at the command's rate; from the device, at the device's */
    wn_realtime_resampler *resampler; /* of what is heard; NULL: none is needed */
    float *raw;                       /* [READ_FRAMES] of what is heard, at the device's rate */
    double rate, began;               /* Hz; seconds of the clock at which the command began */
    atomic_bool ended;                /* nothing more is written */
    atomic_llong lost;                /* frames of the microphone that found no room */
    bool is_first;                    /* the player has taken nothing yet; its own thread alone */
} wn_live_sound;

/* Open the device and start it. Call wn_live_sound_close afterwards, also after a failure. */
wn_status wn_live_sound_open(wn_live_sound *sound, const wn_cli *cli, const wn_live_sound_config *config,
                             wn_error *error);

/* Play pcm [frames] after what was written before. Waits while two seconds are waiting; returns early after an interrupt. It
 * is an error if the device is gone. */
wn_status wn_live_sound_write(wn_live_sound *sound, const float *pcm, int64_t frames, wn_error *error);

/* Up to `frames` frames that the microphone heard, *got of them; waits for at least one. 0 after an interrupt. */
wn_status wn_live_sound_read(wn_live_sound *sound, float *pcm, int frames, int64_t *got, wn_error *error);

/* Nothing more comes: wait until all of it has been heard, or fade out after an interrupt. */
wn_status wn_live_sound_finish(wn_live_sound *sound, wn_error *error);

/* Valid until closed. */
wn_player_stats wn_live_sound_get_stats(const wn_live_sound *sound);

void wn_live_sound_close(wn_live_sound *sound);

#endif
