/* SPDX-License-Identifier: MIT
 * live.c - what a guitar player's callback does: gain, model, gain, at the device's rate.
 * Copyright (c) 2026 the wavenet authors
 *
 * Everything but the end's fade happens at the models' rate, between the two converters, so that the dry signal of a bypass
 * is exactly as late as what the model makes of it. */
#include <math.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "dsp/realtime_resampler.h"
#include "base/fifo.h"
#include "dsp/peak_meter.h"
#include "dsp/smoother.h"
#include "base/denormals.h"
#include "model/model.h"
#include "wavenet/audio.h"

enum { DEFAULT_FRAMES = 1024, MOST_FRAMES = 65536, SECONDS_KEPT = 10 };
#define DEFAULT_FADE 0.02
#define LONGEST_FADE 10.0 /* seconds */
#define FASTEST 768000.0  /* Hz */
#define MOST_GAIN 400.0   /* dB */

typedef struct commands {
    _Atomic(float) in, out; /* factors */
    atomic_bool bypass, fade;
} commands;

typedef struct counters {
    atomic_llong frames, nonfinite_samples, dropped, clipped;
    atomic_bool silent, recording;
    wn_peak_meter in, out;
} counters;

struct wn_live {
    double rate, device_rate;
    int max_frames, block;  /* of a part, at the device's rate and at the models' */
    int fade, line_fade;    /* frames, likewise */
    commands wanted;
    counters counts;
    wn_crossfade *models;
    wn_realtime_resampler *to_model, *to_line; /* both or none */
    wn_smoother in, out, bypass, end;
    float *dry;             /* [max_frames] */
    float *clean, *wet;     /* [block] each, at the models' rate; without converters `clean` is unused */
    float *back;            /* [a block and what waits] what has come back; unused without converters */
    int waiting;            /* frames in `back` that are not due yet */
    wn_fifo *dry_heard, *wet_heard; /* written alike; the second is what tells the reader how much there is */
};

/* ---- making --------------------------------------------------------------------------------------------------- */

static wn_status check(const wn_live_config *c, wn_error *error)
{
    double line = c->device_rate == 0 ? c->rate : c->device_rate;
    if (!(c->rate > 0 && c->rate <= FASTEST) || !(line > 0 && line <= FASTEST))
        return wn_fail(error, WN_ERROR_ARGUMENT, NULL, "models at %g Hz on a device at %g Hz, expected up to %g", c->rate,
                       line, FASTEST);
    if (c->max_frames < 0 || c->max_frames > MOST_FRAMES)
        return wn_fail(error, WN_ERROR_ARGUMENT, NULL, "blocks of %d frames, expected 1 to %d", c->max_frames,
                       MOST_FRAMES);
    if (!(c->fade >= 0 && c->fade <= LONGEST_FADE))
        return wn_fail(error, WN_ERROR_ARGUMENT, NULL, "fades of %g seconds, expected up to %g", c->fade, LONGEST_FADE);
    return WN_OK;
}

static void set_sizes(wn_live *d, const wn_live_config *c)
{
    double fade = c->fade > 0 ? c->fade : DEFAULT_FADE;
    d->rate = c->rate;
    d->device_rate = c->device_rate > 0 ? c->device_rate : c->rate;
    d->max_frames = d->block = c->max_frames ? c->max_frames : DEFAULT_FRAMES;
    d->fade = (int)lround(fade * d->rate);
    d->line_fade = (int)lround(fade * d->device_rate);
    d->in = d->out = d->end = wn_smoother_at(1);
    d->bypass = wn_smoother_at(0);
}

static void set_commands(commands *c)
{
    atomic_init(&c->in, 1);
    atomic_init(&c->out, 1);
    atomic_init(&c->bypass, false);
    atomic_init(&c->fade, false);
}

static void set_counters(counters *c)
{
    atomic_llong *zero[] = {&c->frames, &c->nonfinite_samples, &c->dropped, &c->clipped};
    for (size_t i = 0; i < sizeof zero / sizeof *zero; i++) atomic_init(zero[i], 0);
    atomic_init(&c->silent, false);
    atomic_init(&c->recording, false);
    atomic_init(&c->in, 0);
    atomic_init(&c->out, 0);
}

static wn_status make_converters(wn_live *d, wn_error *error)
{
    if (d->device_rate == d->rate) return WN_OK;
    wn_status status = wn_realtime_resampler_new(&d->to_model, d->device_rate, d->rate, error);
    if (!status) status = wn_realtime_resampler_new(&d->to_line, d->rate, d->device_rate, error);
    if (!status) d->block = wn_realtime_resampler_get_capacity(d->to_model, d->max_frames);
    return status;
}

/* Behind both converters there are never fewer frames than went in, since each rounds up, and never more than a sample of
 * the models' rate and one more. */
static wn_status make_buffers(wn_live *d, wn_error *error)
{
    size_t line = (size_t)d->max_frames, model = (size_t)d->block;
    size_t back = d->to_line ? (size_t)wn_realtime_resampler_get_capacity(d->to_line, d->block + 1) + 1 : 0;
    d->dry = calloc(line + 2 * model + back, sizeof *d->dry);
    if (!d->dry) return wn_fail(error, WN_ERROR_MEMORY, NULL, "out of memory for blocks of %d frames", d->max_frames);
    d->clean = d->dry + line;
    d->wet = d->clean + model;
    d->back = d->wet + model;
    return WN_OK;
}

static wn_status make_ring(wn_fifo **ring, double rate, wn_error *error)
{
    wn_status status = wn_fifo_new(ring, (size_t)ceil(SECONDS_KEPT * rate), error);
    if (!status) wn_fifo_touch(*ring);
    return status;
}

wn_status wn_live_new(wn_live **out, const wn_live_config *config, wn_error *error)
{
    *out = NULL;
    wn_status status = check(config, error);
    if (status) return status;
    wn_live *d = calloc(1, sizeof *d);
    if (!d) return wn_fail_memory(error, NULL);
    set_sizes(d, config);
    set_commands(&d->wanted);
    set_counters(&d->counts);
    status = make_converters(d, error);
    if (!status) status = make_buffers(d, error);
    if (!status) status = wn_crossfade_new(&d->models, d->block, d->fade, error);
    if (!status) status = make_ring(&d->dry_heard, d->device_rate, error);
    if (!status) status = make_ring(&d->wet_heard, d->device_rate, error);
    if (status)
        wn_live_free(d);
    else
        *out = d;
    return status;
}

void wn_live_free(wn_live *duplex)
{
    if (!duplex) return;
    wn_realtime_resampler_free(duplex->to_model);
    wn_realtime_resampler_free(duplex->to_line);
    wn_crossfade_free(duplex->models);
    wn_fifo_free(duplex->dry_heard);
    wn_fifo_free(duplex->wet_heard);
    free(duplex->dry);
    free(duplex);
}

/* ---- commanding ----------------------------------------------------------------------------------------------- */

bool wn_live_set_stream(wn_live *duplex, wn_stream *stream) { return wn_crossfade_start(duplex->models, stream); }

bool wn_live_take_retired(wn_live *duplex, wn_stream **retired) { return wn_crossfade_take_retired(duplex->models, retired); }

int wn_live_get_block_frames(const wn_live *duplex) { return duplex->block; }

void wn_live_set_bypass(wn_live *duplex, bool on) { atomic_store(&duplex->wanted.bypass, on != 0); }

static float factor(double db) { return (float)pow(10, fmin(fmax(db, -MOST_GAIN), MOST_GAIN) / 20); }

void wn_live_set_gains(wn_live *duplex, double in_db, double out_db)
{
    atomic_store(&duplex->wanted.in, factor(in_db));
    atomic_store(&duplex->wanted.out, factor(out_db));
}

void wn_live_fade_out(wn_live *duplex) { atomic_store(&duplex->wanted.fade, true); }

double wn_live_get_latency(const wn_live *duplex)
{
    if (!duplex->to_model) return 0;
    return wn_realtime_resampler_get_delay(duplex->to_model) + wn_realtime_resampler_get_delay(duplex->to_line);
}

/* ---- running -------------------------------------------------------------------------------------------------- */

static void add(atomic_llong *counter, int64_t n)
{
    if (n) atomic_fetch_add_explicit(counter, n, memory_order_relaxed);
}

/* Copies x [frames] to y, which may be x; returns how many of them were not finite. */
static int mend(const float *x, int frames, float *y)
{
    int bad = 0;
    for (int t = 0; t < frames; t++) {
        bool good = isfinite(x[t]);
        bad += !good;
        y[t] = good ? x[t] : 0.0f;
    }
    return bad;
}

static void look(wn_live *d)
{
    wn_smoother_set_target(&d->in, atomic_load_explicit(&d->wanted.in, memory_order_relaxed), d->fade);
    wn_smoother_set_target(&d->out, atomic_load_explicit(&d->wanted.out, memory_order_relaxed), d->fade);
    wn_smoother_set_target(&d->bypass, atomic_load_explicit(&d->wanted.bypass, memory_order_relaxed), d->fade);
    if (atomic_load_explicit(&d->wanted.fade, memory_order_relaxed)) wn_smoother_set_target(&d->end, 0, d->line_fade);
}

/* Straight lines that add up to one, as the switch's. */
static void mix(wn_smoother *bypass, const float *dry, int frames, float *wet)
{
    int t = 0;
    for (; t < frames && wn_smoother_is_moving(bypass); t++) {
        float part = wn_smoother_next(bypass);
        wet[t] = (1.0f - part) * wet[t] + part * dry[t];
    }
    if (bypass->to == 1) memcpy(wet + t, dry + t, (size_t)(frames - t) * sizeof *wet);
}

/* From dry to d->wet, [frames] at the models' rate. */
static void run_model(wn_live *d, const float *dry, int frames)
{
    memcpy(d->wet, dry, (size_t)frames * sizeof *dry);
    wn_smoother_run(&d->in, d->wet, frames);
    add(&d->counts.nonfinite_samples, mend(d->wet, frames, d->wet));
    wn_crossfade_run(d->models, frames, d->wet, d->wet);
    wn_smoother_run(&d->out, d->wet, frames);
    mix(&d->bypass, dry, frames, d->wet);
    add(&d->counts.nonfinite_samples, mend(d->wet, frames, d->wet));
}

/* d->wet [made] at the models' rate to `out` [frames]; what is too early by part of a sample waits. */
static void come_back(wn_live *d, int made, float *out, int frames)
{
    int there = d->waiting + wn_realtime_resampler_run(d->to_line, d->wet, made, d->back + d->waiting);
    d->waiting = there - frames;
    add(&d->counts.nonfinite_samples, mend(d->back, frames, out));
    memmove(d->back, d->back + frames, (size_t)d->waiting * sizeof *out);
}

static bool is_over(const wn_live *d) { return d->end.to == 0 && !wn_smoother_is_moving(&d->end); }

static void keep(wn_live *d, const float *out, int frames)
{
    if (!atomic_load_explicit(&d->counts.recording, memory_order_relaxed)) return;
    size_t free_dry = wn_fifo_get_capacity(d->dry_heard) - wn_fifo_get_fill(d->dry_heard);
    size_t free_wet = wn_fifo_get_capacity(d->wet_heard) - wn_fifo_get_fill(d->wet_heard);
    size_t n = free_dry < free_wet ? free_dry : free_wet;
    if (n > (size_t)frames) n = (size_t)frames;
    wn_fifo_write(d->dry_heard, d->dry, n);
    wn_fifo_write(d->wet_heard, out, n);
    add(&d->counts.dropped, frames - (int64_t)n);
}

static void count(wn_live *d, const float *out, int frames)
{
    int clipped = 0;
    for (int t = 0; t < frames; t++) clipped += fabsf(out[t]) > 1;
    wn_peak_meter_update(&d->counts.in, d->dry, frames);
    wn_peak_meter_update(&d->counts.out, out, frames);
    add(&d->counts.clipped, clipped);
    add(&d->counts.frames, frames);
    if (is_over(d)) atomic_store_explicit(&d->counts.silent, true, memory_order_relaxed);
}

static void run_part(wn_live *d, const float *in, float *out, int frames)
{
    look(d);
    if (in)
        add(&d->counts.nonfinite_samples, mend(in, frames, d->dry));
    else
        memset(d->dry, 0, (size_t)frames * sizeof *d->dry);
    if (d->to_model) {
        int made = wn_realtime_resampler_run(d->to_model, d->dry, frames, d->clean);
        run_model(d, d->clean, made);
        come_back(d, made, out, frames);
    } else {
        run_model(d, d->dry, frames);
        memcpy(out, d->wet, (size_t)frames * sizeof *out);
    }
    bool over = is_over(d);
    wn_smoother_run(&d->end, out, frames);
    if (over) return;
    keep(d, out, frames);
    count(d, out, frames);
}

void wn_live_run(wn_live *d, const float *in, float *out, int frames)
{
    uint64_t before = wn_denormals_flush();
    for (int at = 0, n; at < frames; at += n) {
        n = frames - at < d->max_frames ? frames - at : d->max_frames;
        run_part(d, in ? in + at : NULL, out + at, n);
    }
    wn_denormals_restore(before);
}

void wn_live_callback(void *user, const wn_device_block *block)
{
    wn_live_run(user, block->in, block->out, block->frames);
}

/* Whole turns of the converters, so that they stand as at the beginning; longer than a fade and both filters. Nobody
 * hears it. */
void wn_live_prewarm(wn_live *d)
{
    bool recording = atomic_exchange(&d->counts.recording, false);
    int unit = d->to_model ? wn_realtime_resampler_get_period(d->to_model) : 1;
    int least = d->line_fade + d->max_frames + (int)(2 * wn_live_get_latency(d) * d->device_rate);
    for (int left = (least / unit + 1) * unit, n; left > 0; left -= n) {
        n = left < d->max_frames ? left : d->max_frames;
        run_part(d, NULL, d->dry, n);
    }
    set_counters(&d->counts);
    atomic_store(&d->counts.recording, recording);
}

/* ---- asking --------------------------------------------------------------------------------------------------- */

int wn_live_monitor(wn_live *duplex, float *dry, float *wet, int frames)
{
    atomic_store_explicit(&duplex->counts.recording, true, memory_order_relaxed);
    size_t n = wn_fifo_get_fill(duplex->wet_heard);
    if (frames < 0) frames = 0;
    if (n > (size_t)frames) n = (size_t)frames;
    wn_fifo_read(duplex->dry_heard, dry, n);
    return (int)wn_fifo_read(duplex->wet_heard, wet, n);
}

static int64_t read(const atomic_llong *counter) { return atomic_load_explicit(counter, memory_order_relaxed); }

wn_live_stats wn_live_get_stats(wn_live *duplex)
{
    counters *c = &duplex->counts;
    return (wn_live_stats){.frames = read(&c->frames),
                              .nonfinite_samples = read(&c->nonfinite_samples),
                              .dropped = read(&c->dropped),
                              .clipped = read(&c->clipped),
                              .peak_in = wn_peak_meter_take(&c->in),
                              .peak_out = wn_peak_meter_take(&c->out),
                              .silent = atomic_load_explicit(&c->silent, memory_order_relaxed)};
}
