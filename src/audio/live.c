/* SPDX-License-Identifier: MIT
 * live.c - live processor: an effect with crossfades, its levels, counters and monitors, at the device's rate.
 * Copyright (c) 2026 the wavenet authors */
#include <math.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/denormals.h"
#include "base/error.h"
#include "base/fifo.h"
#include "dsp/mix.h"
#include "dsp/peak_meter.h"
#include "dsp/smoother.h"
#include "wavenet/audio.h"

enum { MONITOR_SECONDS = 10 };
#define MIN_RATE 4000.0   /* Hz */
#define MAX_RATE 768000.0 /* Hz */

/* Written by the control thread, read by the audio thread. */
typedef struct commands {
    _Atomic(float) in_db, out_db;
    atomic_bool bypass, fade;
} commands;

/* Written by the audio thread. */
typedef struct counters {
    atomic_llong frames, nonfinite_samples, dropped, clipped;
    atomic_bool silent, recording;
    wn_peak_meter in, out;
} counters;

struct wn_live {
    int fade; /* frames of the final fade-out */
    commands targets;
    counters counts;
    wn_effect_crossfade *effect;
    wn_smoother end;                    /* final fade-out */
    float dry[WN_EFFECT_BLOCK];         /* input of the part in hand */
    wn_fifo *dry_monitor, *wet_monitor; /* dry is written first, so readers use the fill of wet */
};

/* ---- construction ---------------------------------------------------------------------------------------------- */

static void init_commands(commands *c)
{
    atomic_init(&c->in_db, 0);
    atomic_init(&c->out_db, 0);
    atomic_init(&c->bypass, false);
    atomic_init(&c->fade, false);
}

static void init_counters(counters *c)
{
    atomic_llong *zero[] = {&c->frames, &c->nonfinite_samples, &c->dropped, &c->clipped};
    for (size_t i = 0; i < sizeof zero / sizeof *zero; i++) atomic_init(zero[i], 0);
    atomic_init(&c->silent, false);
    atomic_init(&c->recording, false);
    atomic_init(&c->in, 0);
    atomic_init(&c->out, 0);
}

static wn_status make_monitor(wn_fifo **monitor, double rate, wn_error *error)
{
    wn_status status = wn_fifo_new(monitor, (size_t)ceil(MONITOR_SECONDS * rate), error);
    if (!status) wn_fifo_touch(*monitor);
    return status;
}

wn_status wn_live_new(wn_live **out, double rate, wn_error *error)
{
    *out = NULL;
    if (!(rate >= MIN_RATE && rate <= MAX_RATE))
        return wn_fail(error, WN_ERROR_ARGUMENT, NULL, "a device at %g Hz, expected %g to %g", rate, MIN_RATE,
                       MAX_RATE);
    wn_live *live = calloc(1, sizeof *live);
    if (!live) return wn_fail_memory(error, NULL);
    live->fade = (int)lround(WN_EFFECT_FADE * rate);
    live->end = wn_smoother_at(1);
    init_commands(&live->targets);
    init_counters(&live->counts);
    wn_status status = wn_effect_crossfade_new(&live->effect, rate, error);
    if (!status) status = make_monitor(&live->dry_monitor, rate, error);
    if (!status) status = make_monitor(&live->wet_monitor, rate, error);
    if (status)
        wn_live_free(live);
    else
        *out = live;
    return status;
}

void wn_live_free(wn_live *live)
{
    if (!live) return;
    wn_effect_crossfade_free(live->effect);
    wn_fifo_free(live->dry_monitor);
    wn_fifo_free(live->wet_monitor);
    free(live);
}

/* ---- control thread -------------------------------------------------------------------------------------------- */

wn_effect_unit *wn_live_send(wn_live *live, wn_effect_unit *unit)
{
    return wn_effect_crossfade_send(live->effect, unit);
}

wn_effect_unit *wn_live_take_retired(wn_live *live) { return wn_effect_crossfade_take_retired(live->effect); }

void wn_live_set_bypass(wn_live *live, bool on) { atomic_store(&live->targets.bypass, on); }

void wn_live_set_gains(wn_live *live, double in_db, double out_db)
{
    atomic_store(&live->targets.in_db, (float)in_db);
    atomic_store(&live->targets.out_db, (float)out_db);
}

void wn_live_fade_out(wn_live *live) { atomic_store(&live->targets.fade, true); }

/* ---- audio thread ---------------------------------------------------------------------------------------------- */

static void counter_add(atomic_llong *counter, int64_t n)
{
    if (n) atomic_fetch_add_explicit(counter, n, memory_order_relaxed);
}

static wn_effect_settings read_commands(wn_live *live)
{
    commands *c = &live->targets;
    if (atomic_load_explicit(&c->fade, memory_order_relaxed)) wn_smoother_set_target(&live->end, 0, live->fade);
    return (wn_effect_settings){.in_db = (double)atomic_load_explicit(&c->in_db, memory_order_relaxed),
                                .out_db = (double)atomic_load_explicit(&c->out_db, memory_order_relaxed),
                                .bypassed = atomic_load_explicit(&c->bypass, memory_order_relaxed)};
}

static bool has_ended(const wn_live *live) { return live->end.to == 0 && !wn_smoother_is_moving(&live->end); }

static void write_monitors(wn_live *live, const float *out, int frames)
{
    if (!atomic_load_explicit(&live->counts.recording, memory_order_relaxed)) return;
    size_t free_dry = wn_fifo_get_capacity(live->dry_monitor) - wn_fifo_get_fill(live->dry_monitor);
    size_t free_wet = wn_fifo_get_capacity(live->wet_monitor) - wn_fifo_get_fill(live->wet_monitor);
    size_t n = free_dry < free_wet ? free_dry : free_wet;
    if (n > (size_t)frames) n = (size_t)frames;
    wn_fifo_write(live->dry_monitor, live->dry, n);
    wn_fifo_write(live->wet_monitor, out, n);
    counter_add(&live->counts.dropped, frames - (int64_t)n);
}

static void update_counters(wn_live *live, const float *out, int frames)
{
    int clipped = 0;
    for (int t = 0; t < frames; t++) clipped += fabsf(out[t]) > 1;
    wn_peak_meter_update(&live->counts.in, live->dry, frames);
    wn_peak_meter_update(&live->counts.out, out, frames);
    counter_add(&live->counts.clipped, clipped);
    counter_add(&live->counts.frames, frames);
    if (has_ended(live)) atomic_store_explicit(&live->counts.silent, true, memory_order_relaxed);
}

static void run_part(wn_live *live, const float *in, float *out, int frames)
{
    wn_effect_settings settings = read_commands(live);
    if (in)
        counter_add(&live->counts.nonfinite_samples, wn_sanitize(in, frames, live->dry));
    else
        memset(live->dry, 0, (size_t)frames * sizeof *live->dry);
    counter_add(&live->counts.nonfinite_samples,
                wn_effect_crossfade_run(live->effect, &settings, frames, live->dry, out));
    bool ended = has_ended(live);
    wn_smoother_run(&live->end, out, frames);
    if (ended) return;
    write_monitors(live, out, frames);
    update_counters(live, out, frames);
}

void wn_live_run(wn_live *live, const float *in, float *out, int frames)
{
    uint64_t before = wn_denormals_flush();
    for (int at = 0, n; at < frames; at += n) {
        n = frames - at < WN_EFFECT_BLOCK ? frames - at : WN_EFFECT_BLOCK;
        run_part(live, in ? in + at : NULL, out + at, n);
    }
    wn_denormals_restore(before);
}

void wn_live_callback(void *user, const wn_device_block *block)
{
    wn_live_run(user, block->in, block->out, block->frames);
}

/* ---- queries --------------------------------------------------------------------------------------------------- */

int wn_live_monitor(wn_live *live, float *dry, float *wet, int frames)
{
    atomic_store_explicit(&live->counts.recording, true, memory_order_relaxed);
    size_t n = wn_fifo_get_fill(live->wet_monitor);
    if (frames < 0) frames = 0;
    if (n > (size_t)frames) n = (size_t)frames;
    wn_fifo_read(live->dry_monitor, dry, n);
    return (int)wn_fifo_read(live->wet_monitor, wet, n);
}

static int64_t counter_read(const atomic_llong *counter) { return atomic_load_explicit(counter, memory_order_relaxed); }

wn_live_stats wn_live_get_stats(wn_live *live)
{
    counters *c = &live->counts;
    return (wn_live_stats){.frames = counter_read(&c->frames),
                           .nonfinite_samples = counter_read(&c->nonfinite_samples),
                           .dropped = counter_read(&c->dropped),
                           .clipped = counter_read(&c->clipped),
                           .peak_in = wn_peak_meter_take(&c->in),
                           .peak_out = wn_peak_meter_take(&c->out),
                           .silent = atomic_load_explicit(&c->silent, memory_order_relaxed)};
}
