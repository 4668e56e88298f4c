/* SPDX-License-Identifier: MIT
 * live.c - live processor: gain, model, gain, at the device's rate.
 * Copyright (c) 2026 the wavenet authors
 *
 * Gains, model and bypass run at the models' rate, between the two resamplers, so the bypassed signal has exactly the
 * delay of the model's output. Peaks, monitors and the final fade-out are at the device's rate. */
#include <math.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/denormals.h"
#include "base/fifo.h"
#include "dsp/mix.h"
#include "dsp/peak_meter.h"
#include "dsp/realtime_resampler.h"
#include "dsp/smoother.h"
#include "model/model.h"
#include "wavenet/audio.h"

enum { DEFAULT_FRAMES = 1024, MAX_FRAMES = 65536, MONITOR_SECONDS = 10 };
#define DEFAULT_FADE 0.02 /* seconds */
#define MAX_FADE 10.0     /* seconds */
#define MAX_RATE 768000.0 /* Hz */

/* Written by the control thread, read by the audio thread. */
typedef struct commands {
    _Atomic(float) in, out; /* gain factors */
    atomic_bool bypass, fade;
} commands;

/* Written by the audio thread. */
typedef struct counters {
    atomic_llong frames, nonfinite_samples, dropped, clipped;
    atomic_bool silent, recording;
    wn_peak_meter in, out;
} counters;

struct wn_live {
    double rate, device_rate;
    int max_frames, block; /* maximum frames per run, at the device's rate and at the models' rate */
    int fade, device_fade; /* frames of a crossfade at the models' rate, and at the device's rate */
    commands targets;
    counters counts;
    wn_crossfade *models;
    wn_realtime_resampler *to_model, *to_device; /* both NULL at one rate */
    wn_smoother in, out, bypass, end;            /* gains, share of the dry signal, final fade-out */
    float *dry;                                  /* [max_frames] */
    float *model_in;                             /* [block] at the models' rate; unused at one rate */
    float *wet;                                  /* [block] at the models' rate */
    float *device_pcm;                           /* output of to_device; unused at one rate */
    int n_buffered;                              /* frames in device_pcm that belong to the next block */
    wn_fifo *dry_monitor, *wet_monitor;          /* dry is written first, so readers use the fill of wet */
};

/* ---- construction ---------------------------------------------------------------------------------------------- */

static wn_status check_config(const wn_live_config *c, wn_error *error)
{
    double device_rate = c->device_rate == 0 ? c->rate : c->device_rate;
    if (!(c->rate > 0 && c->rate <= MAX_RATE) || !(device_rate > 0 && device_rate <= MAX_RATE))
        return wn_fail(error, WN_ERROR_ARGUMENT, NULL, "models at %g Hz on a device at %g Hz, expected up to %g",
                       c->rate, device_rate, MAX_RATE);
    if (c->max_frames < 0 || c->max_frames > MAX_FRAMES)
        return wn_fail(error, WN_ERROR_ARGUMENT, NULL, "blocks of %d frames, expected 1 to %d", c->max_frames,
                       MAX_FRAMES);
    if (!(c->fade >= 0 && c->fade <= MAX_FADE))
        return wn_fail(error, WN_ERROR_ARGUMENT, NULL, "fades of %g seconds, expected up to %g", c->fade, MAX_FADE);
    return WN_OK;
}

static void init_sizes(wn_live *live, const wn_live_config *c)
{
    double fade = c->fade > 0 ? c->fade : DEFAULT_FADE;
    live->rate = c->rate;
    live->device_rate = c->device_rate > 0 ? c->device_rate : c->rate;
    live->max_frames = live->block = c->max_frames ? c->max_frames : DEFAULT_FRAMES;
    live->fade = (int)lround(fade * live->rate);
    live->device_fade = (int)lround(fade * live->device_rate);
    live->in = live->out = live->end = wn_smoother_at(1);
    live->bypass = wn_smoother_at(0);
}

static void init_commands(commands *c)
{
    atomic_init(&c->in, 1);
    atomic_init(&c->out, 1);
    atomic_init(&c->bypass, false);
    atomic_init(&c->fade, false);
}

static void reset_counters(counters *c)
{
    atomic_llong *zero[] = {&c->frames, &c->nonfinite_samples, &c->dropped, &c->clipped};
    for (size_t i = 0; i < sizeof zero / sizeof *zero; i++) atomic_init(zero[i], 0);
    atomic_init(&c->silent, false);
    atomic_init(&c->recording, false);
    atomic_init(&c->in, 0);
    atomic_init(&c->out, 0);
}

static wn_status make_resamplers(wn_live *live, wn_error *error)
{
    if (live->device_rate == live->rate) return WN_OK;
    wn_status status = wn_realtime_resampler_new(&live->to_model, live->device_rate, live->rate, error);
    if (!status) status = wn_realtime_resampler_new(&live->to_device, live->rate, live->device_rate, error);
    if (!status) live->block = wn_realtime_resampler_get_capacity(live->to_model, live->max_frames);
    return status;
}

/* Each resampler rounds the number of its output frames up. Together they return at least the frames of a block. The
 * surplus is at most one frame, plus the equivalent of one sample at the models' rate. */
static wn_status make_buffers(wn_live *live, wn_error *error)
{
    size_t device_frames = (size_t)live->max_frames, model_frames = (size_t)live->block;
    size_t device_pcm =
        live->to_device ? (size_t)wn_realtime_resampler_get_capacity(live->to_device, live->block + 1) + 1 : 0;
    live->dry = calloc(device_frames + 2 * model_frames + device_pcm, sizeof *live->dry);
    if (!live->dry)
        return wn_fail(error, WN_ERROR_MEMORY, NULL, "out of memory for blocks of %d frames", live->max_frames);
    live->model_in = live->dry + device_frames;
    live->wet = live->model_in + model_frames;
    live->device_pcm = live->wet + model_frames;
    return WN_OK;
}

static wn_status make_monitor(wn_fifo **monitor, double rate, wn_error *error)
{
    wn_status status = wn_fifo_new(monitor, (size_t)ceil(MONITOR_SECONDS * rate), error);
    if (!status) wn_fifo_touch(*monitor);
    return status;
}

wn_status wn_live_new(wn_live **out, const wn_live_config *config, wn_error *error)
{
    *out = NULL;
    wn_status status = check_config(config, error);
    if (status) return status;
    wn_live *live = calloc(1, sizeof *live);
    if (!live) return wn_fail_memory(error, NULL);
    init_sizes(live, config);
    init_commands(&live->targets);
    reset_counters(&live->counts);
    status = make_resamplers(live, error);
    if (!status) status = make_buffers(live, error);
    if (!status) status = wn_crossfade_new(&live->models, live->block, live->fade, error);
    if (!status) status = make_monitor(&live->dry_monitor, live->device_rate, error);
    if (!status) status = make_monitor(&live->wet_monitor, live->device_rate, error);
    if (status)
        wn_live_free(live);
    else
        *out = live;
    return status;
}

void wn_live_free(wn_live *live)
{
    if (!live) return;
    wn_realtime_resampler_free(live->to_model);
    wn_realtime_resampler_free(live->to_device);
    wn_crossfade_free(live->models);
    wn_fifo_free(live->dry_monitor);
    wn_fifo_free(live->wet_monitor);
    free(live->dry);
    free(live);
}

/* ---- control thread -------------------------------------------------------------------------------------------- */

bool wn_live_set_stream(wn_live *live, wn_stream *stream) { return wn_crossfade_start(live->models, stream); }

bool wn_live_take_retired(wn_live *live, wn_stream **retired)
{
    return wn_crossfade_take_retired(live->models, retired);
}

int wn_live_get_block_frames(const wn_live *live) { return live->block; }

void wn_live_set_bypass(wn_live *live, bool on) { atomic_store(&live->targets.bypass, on != 0); }

void wn_live_set_gains(wn_live *live, double in_db, double out_db)
{
    atomic_store(&live->targets.in, wn_gain_from_db(in_db));
    atomic_store(&live->targets.out, wn_gain_from_db(out_db));
}

void wn_live_fade_out(wn_live *live) { atomic_store(&live->targets.fade, true); }

double wn_live_get_latency(const wn_live *live)
{
    if (!live->to_model) return 0;
    return wn_realtime_resampler_get_delay(live->to_model) + wn_realtime_resampler_get_delay(live->to_device);
}

/* ---- audio thread ---------------------------------------------------------------------------------------------- */

static void counter_add(atomic_llong *counter, int64_t n)
{
    if (n) atomic_fetch_add_explicit(counter, n, memory_order_relaxed);
}

static void read_commands(wn_live *live)
{
    wn_smoother_set_target(&live->in, atomic_load_explicit(&live->targets.in, memory_order_relaxed), live->fade);
    wn_smoother_set_target(&live->out, atomic_load_explicit(&live->targets.out, memory_order_relaxed), live->fade);
    wn_smoother_set_target(&live->bypass, atomic_load_explicit(&live->targets.bypass, memory_order_relaxed),
                           live->fade);
    if (atomic_load_explicit(&live->targets.fade, memory_order_relaxed))
        wn_smoother_set_target(&live->end, 0, live->device_fade);
}

/* Run the model from dry [frames] to live->wet [frames], both at the models' rate. */
static void run_model(wn_live *live, const float *dry, int frames)
{
    memcpy(live->wet, dry, (size_t)frames * sizeof *dry);
    wn_smoother_run(&live->in, live->wet, frames);
    counter_add(&live->counts.nonfinite_samples, wn_sanitize(live->wet, frames, live->wet));
    wn_crossfade_run(live->models, frames, live->wet, live->wet);
    wn_smoother_run(&live->out, live->wet, frames);
    wn_mix(&live->bypass, dry, frames, live->wet);
    counter_add(&live->counts.nonfinite_samples, wn_sanitize(live->wet, frames, live->wet));
}

/* Resample live->wet [n] to `out` [frames]. Surplus frames stay buffered for the next block. */
static void resample_to_device(wn_live *live, int n, float *out, int frames)
{
    int available = live->n_buffered +
                    wn_realtime_resampler_run(live->to_device, live->wet, n, live->device_pcm + live->n_buffered);
    live->n_buffered = available - frames;
    counter_add(&live->counts.nonfinite_samples, wn_sanitize(live->device_pcm, frames, out));
    memmove(live->device_pcm, live->device_pcm + frames, (size_t)live->n_buffered * sizeof *out);
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

static void run_block(wn_live *live, const float *in, float *out, int frames)
{
    read_commands(live);
    if (in)
        counter_add(&live->counts.nonfinite_samples, wn_sanitize(in, frames, live->dry));
    else
        memset(live->dry, 0, (size_t)frames * sizeof *live->dry);
    if (live->to_model) {
        int n = wn_realtime_resampler_run(live->to_model, live->dry, frames, live->model_in);
        run_model(live, live->model_in, n);
        resample_to_device(live, n, out, frames);
    } else {
        run_model(live, live->dry, frames);
        memcpy(out, live->wet, (size_t)frames * sizeof *out);
    }
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
        n = frames - at < live->max_frames ? frames - at : live->max_frames;
        run_block(live, in ? in + at : NULL, out + at, n);
    }
    wn_denormals_restore(before);
}

void wn_live_callback(void *user, const wn_device_block *block)
{
    wn_live_run(user, block->in, block->out, block->frames);
}

/* Runs silence for a fade, a block and the delay of both resamplers, rounded up to whole resampler periods, which
 * returns the resamplers to their initial phase. */
void wn_live_prewarm(wn_live *live)
{
    bool recording = atomic_exchange(&live->counts.recording, false);
    int unit = live->to_model ? wn_realtime_resampler_get_period(live->to_model) : 1;
    int min_frames = live->device_fade + live->max_frames + (int)(2 * wn_live_get_latency(live) * live->device_rate);
    for (int left = (min_frames / unit + 1) * unit, n; left > 0; left -= n) {
        n = left < live->max_frames ? left : live->max_frames;
        run_block(live, NULL, live->dry, n);
    }
    reset_counters(&live->counts);
    atomic_store(&live->counts.recording, recording);
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
