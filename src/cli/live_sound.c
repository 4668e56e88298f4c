/* SPDX-License-Identifier: MIT
 * live_sound.c - a command's sound on a device while it is made, and what a microphone hears.
 * Copyright (c) 2026 the wavenet authors */
#include "cli/live_sound.h"

#include <math.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/error.h"
#include "cli/interrupt.h"

enum { CHUNK = 64, BLOCK = 256, READ_FRAMES = 256 };
#define POLL_INTERVAL 0.002  /* seconds */
#define WRITTEN_SECONDS 2.0  /* of sound that may wait for the player */
#define RECORDED_SECONDS 2.0 /* the same of the microphone, for the command */
#define PLAYER_LATENCY 0.05  /* seconds that the player keeps ready: little, so that the first sound comes soon */
#define LAST_BLOCKS 2.0      /* seconds that a fade may take to come through */

/* ---- other threads --------------------------------------------------------------------------------------------- */

/* The player's source: it waits for the command. */
static int live_sound_source(void *user, float *pcm, int frames)
{
    wn_live_sound *s = user;
    for (;;) {
        bool ended = atomic_load(&s->ended); /* before the fill, so that nothing written before it is missed */
        size_t fill = wn_fifo_get_fill(s->written);
        if (fill >= (size_t)frames || ended) {
            if (s->is_first && fill) wn_player_probe_latency(s->player, s->began);
            s->is_first = s->is_first && !fill;
            return (int)wn_fifo_read(s->written, pcm, (size_t)frames);
        }
        wn_clock_sleep(POLL_INTERVAL);
    }
}

static WN_REALTIME void live_sound_callback(void *user, const wn_device_block *block)
{
    wn_live_sound *s = user;
    wn_player_callback(s->player, block);
    if (!block->in) return;
    size_t kept = wn_fifo_write(s->recorded, block->in, (size_t)block->frames);
    atomic_fetch_add(&s->lost, block->frames - (long long)kept);
}

/* ---- opening ------------------------------------------------------------------------------------------------------ */

static wn_status open_device(wn_live_sound *s, const wn_live_sound_config *c, wn_error *error)
{
    wn_device_config config = {.output = c->output, .input = c->input, .records = c->records};
    return wn_cli_open_device(&s->device, &s->about, s->cli, &c->device, config, c->rate, error);
}

static wn_status open_player(wn_live_sound *s, const wn_live_sound_config *c, wn_error *error)
{
    wn_player_config config = {.source = live_sound_source,
                               .user = s,
                               .rate = c->rate,
                               .device_rate = s->about.rate,
                               .chunk = CHUNK,
                               .block = c->device.frames ? c->device.frames : BLOCK,
                               .latency = PLAYER_LATENCY};
    wn_status status = wn_fifo_new(&s->written, (size_t)(WRITTEN_SECONDS * c->rate) + 1, error);
    return status ? status : wn_player_new(&s->player, &config, error);
}

static wn_status open_microphone(wn_live_sound *s, wn_error *error)
{
    wn_status status = wn_fifo_new(&s->recorded, (size_t)(RECORDED_SECONDS * s->about.rate) + 1, error);
    if (status) return status;
    wn_fifo_touch(s->recorded);
    if (s->about.rate != s->rate) status = wn_realtime_resampler_new(&s->resampler, s->about.rate, s->rate, error);
    if (status) return status;
    s->raw = calloc(READ_FRAMES, sizeof *s->raw);
    return s->raw ? WN_OK : wn_fail_memory(error, NULL);
}

wn_status wn_live_sound_open(wn_live_sound *s, const wn_cli *cli, const wn_live_sound_config *config, wn_error *error)
{
    *s = (wn_live_sound){.cli = cli, .rate = config->rate, .began = config->began, .is_first = true};
    wn_status status = open_device(s, config, error);
    if (!status) status = open_player(s, config, error);
    if (!status && config->records) status = open_microphone(s, error);
    if (!status) status = wn_player_start(s->player, error);
    return status ? status : wn_device_start(s->device, live_sound_callback, s, error);
}

/* ---- running ------------------------------------------------------------------------------------------------------ */

static wn_status check_device(const wn_live_sound *s, wn_error *error)
{
    if (wn_device_get_state(s->device) != WN_DEVICE_LOST) return WN_OK;
    return wn_fail(error, WN_ERROR_FILE, s->about.text, "the sound device is gone");
}

wn_status wn_live_sound_write(wn_live_sound *s, const float *pcm, int64_t frames, wn_error *error)
{
    wn_status status = WN_OK;
    while (frames > 0 && !status && !wn_interrupt_requested()) {
        size_t n = wn_fifo_write(s->written, pcm, (size_t)frames);
        pcm += n;
        frames -= (int64_t)n;
        if (frames == 0) break;
        wn_clock_sleep(POLL_INTERVAL);
        status = check_device(s, error);
    }
    return status;
}

/* Frames of the microphone that there are, up to `frames`, at the rate of the command. */
static int take_recorded(wn_live_sound *s, float *pcm, int frames)
{
    if (!s->resampler) return (int)wn_fifo_read(s->recorded, pcm, (size_t)frames);
    int most = READ_FRAMES;
    while (most > 1 && wn_realtime_resampler_get_capacity(s->resampler, most) > frames) most /= 2;
    int n = (int)wn_fifo_read(s->recorded, s->raw, (size_t)most);
    for (int t = 0; t < n; t++)
        if (!isfinite(s->raw[t])) s->raw[t] = 0;
    return wn_realtime_resampler_run(s->resampler, s->raw, n, pcm);
}

wn_status wn_live_sound_read(wn_live_sound *s, float *pcm, int frames, int64_t *got, wn_error *error)
{
    wn_status status = WN_OK;
    *got = 0;
    while (!status && !(*got = take_recorded(s, pcm, frames)) && !wn_interrupt_requested()) {
        wn_clock_sleep(POLL_INTERVAL);
        status = check_device(s, error);
    }
    return status;
}

wn_status wn_live_sound_finish(wn_live_sound *s, wn_error *error)
{
    double stopped = INFINITY;
    wn_status status = WN_OK;
    atomic_store(&s->ended, true);
    while (!status && !wn_player_get_stats(s->player).finished && wn_clock_seconds() - stopped < LAST_BLOCKS) {
        if (wn_interrupt_requested() && stopped == INFINITY) {
            wn_player_fade_out(s->player);
            stopped = wn_clock_seconds();
        }
        wn_clock_sleep(POLL_INTERVAL);
        status = check_device(s, error);
    }
    return status;
}

wn_player_stats wn_live_sound_get_stats(const wn_live_sound *s) { return wn_player_get_stats(s->player); }

/* The source must not wait for sound that will not come, or the player's thread would not end. */
void wn_live_sound_close(wn_live_sound *s)
{
    atomic_store(&s->ended, true);
    wn_cli_close_device(s->device);
    wn_player_free(s->player);
    wn_fifo_free(s->written);
    wn_fifo_free(s->recorded);
    wn_realtime_resampler_free(s->resampler);
    free(s->raw);
    *s = (wn_live_sound){0};
}
