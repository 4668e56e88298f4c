/* SPDX-License-Identifier: MIT
 * player.c - a thread that generates sound ahead of time, and a reader that never waits for it.
 * Copyright (c) 2026 the wavenet authors */
#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "audio/latency_probe.h"
#include "base/clock.h"
#include "base/fifo.h"
#include "base/thread.h"
#include "dsp/peak_meter.h"
#include "dsp/realtime_resampler.h"
#include "model/model.h"
#include "wavenet/audio.h"

enum { DEFAULT_CHUNK = 256, DEFAULT_BLOCK = 256, MAX_FRAMES = 1 << 20 };
#define DEFAULT_LATENCY 0.2    /* seconds */
#define MAX_LATENCY 3600.0     /* seconds */
#define MAX_RATE 768000.0      /* Hz */
#define FADE_TIME 0.02         /* seconds of every fade */
#define MIN_CAPACITY 1.0       /* minimum seconds of half the ring, so that the target can grow */
#define GROWTH 1.5             /* factor of the latency per underrun */
#define MONITOR_SECONDS 4.0    /* seconds that a recorder may be late */
#define SPEED_WINDOW 1.0       /* seconds of sound after which the speed's sums are halved */
#define MIN_SPEED_SECONDS 0.05 /* minimum seconds of sound before the speed is published, */
#define MIN_SPEED_WORK 0.2     /* or of work */

struct wn_player {
    wn_player_config c; /* defaults filled in */
    wn_fifo *ring;      /* from the thread to the reader, at the device's rate */
    wn_fifo *monitored; /* from the reader to a recorder */
    wn_latency_probe probes;

    /* generating thread */
    pthread_t thread;
    bool started;
    wn_realtime_resampler *resampler; /* NULL: none is needed */
    float *raw;                       /* [chunk] output of the source */
    float *generated;                 /* output of the resampler for a chunk, at the device's rate */
    int64_t written;                  /* frames written to the ring */
    int64_t handled_underruns;        /* underruns that have raised the latency */
    double latency;                   /* frames buffered beyond the longest block */
    double source_seconds;            /* seconds of sound generated in the speed's window ... */
    double wall_seconds, cpu_seconds; /* ... and the wall-clock and processor time that took */

    /* reading thread */
    bool playing;
    int fade;         /* frames of a fade */
    int fade_in;      /* gain of the ring's sound in steps of 1 / fade, 0 .. fade */
    int tail;         /* frames left of a linear fade from tail_start to silence */
    float tail_start; /* last sample before the ring ran empty */
    float last;       /* last sample read from the ring */
    int64_t n_read;   /* frames read from the ring */

    /* between threads */
    atomic_int quit, stopping, prefilled;
    atomic_int ended;      /* the source has ended and the ring holds the rest of its sound */
    atomic_int finished;   /* the reader returns only silence from now on */
    _Atomic size_t target; /* frames to be buffered */
    atomic_int longest;    /* largest number of frames requested by one read */
    _Atomic int64_t n_generated, n_played, n_underruns, n_underrun_frames, n_dropped;
    _Atomic double speed, cpu_speed;
    wn_peak_meter peak;
};

/* ---- generating thread ----------------------------------------------------------------------------------------- */

/* Add a chunk to the measured speed, an average in which older chunks weigh less and less. */
static void measure_speed(wn_player *p, int frames, double seconds, double processor)
{
    p->source_seconds += frames / p->c.rate;
    p->wall_seconds += seconds;
    p->cpu_seconds += processor;
    if (p->source_seconds >= MIN_SPEED_SECONDS || p->wall_seconds >= MIN_SPEED_WORK) {
        atomic_store_explicit(&p->speed, p->source_seconds / fmax(p->wall_seconds, 1e-9), memory_order_relaxed);
        atomic_store_explicit(&p->cpu_speed, p->source_seconds / fmax(p->cpu_seconds, 1e-9), memory_order_relaxed);
    }
    if (p->source_seconds < SPEED_WINDOW) return;
    p->source_seconds /= 2;
    p->wall_seconds /= 2;
    p->cpu_seconds /= 2;
}

/* Resample frames and append them to the ring. They always fit: the ring's capacity exceeds the maximum target by more
 * than a chunk. */
static void push_frames(wn_player *p, const float *raw, int frames)
{
    int n = p->resampler ? wn_realtime_resampler_run(p->resampler, raw, frames, p->generated) : frames;
    p->written += (int64_t)wn_fifo_write(p->ring, p->resampler ? p->generated : raw, (size_t)n);
}

/* End of the source: flush the resampler with silence and tell the reader. */
static void flush_source(wn_player *p)
{
    int remaining = p->resampler ? (int)ceil(wn_realtime_resampler_get_delay(p->resampler) * p->c.rate) : 0;
    memset(p->raw, 0, (size_t)p->c.chunk * sizeof *p->raw);
    for (; remaining > 0; remaining -= p->c.chunk)
        push_frames(p, p->raw, remaining < p->c.chunk ? remaining : p->c.chunk);
    atomic_store_explicit(&p->ended, 1, memory_order_release);
    atomic_store_explicit(&p->prefilled, 1, memory_order_release);
}

/* Generate one chunk. Returns false at the end of the source. */
static bool generate_chunk(wn_player *p)
{
    double start = wn_clock_seconds(), cpu_start = wn_clock_thread_seconds();
    int n = p->c.source(p->c.user, p->raw, p->c.chunk);
    if (n > 0) {
        measure_speed(p, n, wn_clock_seconds() - start, wn_clock_thread_seconds() - cpu_start);
        push_frames(p, p->raw, n < p->c.chunk ? n : p->c.chunk);
        atomic_fetch_add_explicit(&p->n_generated, n, memory_order_relaxed);
    }
    if (n < p->c.chunk) flush_source(p);
    return n == p->c.chunk;
}

/* Target = the longest block so far plus the latency, which grows with every underrun up to half the ring. */
static void update_target(wn_player *p)
{
    int longest = atomic_load_explicit(&p->longest, memory_order_relaxed);
    int64_t underruns = atomic_load_explicit(&p->n_underruns, memory_order_relaxed);
    double limit = (double)(wn_fifo_get_capacity(p->ring) / 2);
    for (; p->handled_underruns < underruns; p->handled_underruns++) p->latency = fmin(p->latency * GROWTH, limit);
    atomic_store_explicit(&p->target, (size_t)fmin(longest + ceil(p->latency), limit), memory_order_relaxed);
}

/* Sleep for half a chunk, 0.2 to 5 ms. The thread polls because the reader, being real-time safe, cannot wake it. */
static void sleep_half_chunk(const wn_player *p)
{
    wn_clock_sleep(fmin(fmax(p->c.chunk / p->c.rate / 2, 0.0002), 0.005));
}

static void *player_thread(void *user)
{
    wn_player *p = user;
    while (!atomic_load_explicit(&p->quit, memory_order_acquire) && !atomic_load(&p->finished)) {
        update_target(p);
        if (wn_fifo_get_fill(p->ring) < atomic_load_explicit(&p->target, memory_order_relaxed)) {
            if (!generate_chunk(p)) break;
        } else {
            atomic_store_explicit(&p->prefilled, 1, memory_order_release);
            sleep_half_chunk(p);
        }
    }
    return NULL;
}

/* ---- reading thread -------------------------------------------------------------------------------------------- */

/* Add the linear fade from the last sample before a gap to silence. New sound may already be in `out`. */
static void add_tail(wn_player *p, float *out, int frames)
{
    for (int t = 0; t < frames && p->tail > 0; t++) out[t] += p->tail_start * (float)--p->tail / (float)p->fade;
}

static size_t min_size(size_t n, size_t limit) { return n < limit ? n : limit; }

/* Whether to read from the ring: after a start or an underrun, only once the target is buffered. */
static bool can_play(wn_player *p, int frames)
{
    if (frames > atomic_load_explicit(&p->longest, memory_order_relaxed))
        atomic_store_explicit(&p->longest, frames, memory_order_relaxed);
    if (p->playing) return true;
    if (!atomic_load_explicit(&p->prefilled, memory_order_acquire)) return false;
    bool ended = atomic_load_explicit(&p->ended, memory_order_acquire);
    size_t min_fill = ended ? 1 : atomic_load_explicit(&p->target, memory_order_relaxed);
    if (!ended && min_fill < (size_t)frames) min_fill = min_size((size_t)frames, wn_fifo_get_capacity(p->ring) / 2);
    p->playing = wn_fifo_get_fill(p->ring) >= min_fill;
    return p->playing;
}

/* Fill the frames that the ring could not supply, at the end of the source or in an underrun. */
static void fill_underrun(wn_player *p, float *out, int frames, bool ended)
{
    if (p->playing) {
        p->playing = false;
        p->tail_start = p->last;
        p->tail = p->fade;
        p->fade_in = 0;
        if (!ended) atomic_fetch_add_explicit(&p->n_underruns, 1, memory_order_relaxed);
    }
    if (!ended && p->n_read > 0) atomic_fetch_add_explicit(&p->n_underrun_frames, frames, memory_order_relaxed);
    memset(out, 0, (size_t)frames * sizeof *out);
    add_tail(p, out, frames);
    if (ended && p->tail == 0) atomic_store_explicit(&p->finished, 1, memory_order_release);
}

/* Fade the sound in after an underrun, and out when the player is stopping. */
static void apply_fades(wn_player *p, float *out, int frames)
{
    bool stopping = atomic_load_explicit(&p->stopping, memory_order_relaxed);
    if (stopping && !p->playing) p->fade_in = 0;
    for (int t = 0; t < frames && (stopping || p->fade_in < p->fade); t++) {
        p->fade_in = stopping ? (p->fade_in > 0 ? p->fade_in - 1 : 0) : p->fade_in + 1;
        out[t] *= (float)p->fade_in / (float)p->fade;
    }
    add_tail(p, out, frames);
    if (stopping && p->fade_in == 0 && p->tail == 0) atomic_store_explicit(&p->finished, 1, memory_order_release);
}

static void write_monitor(wn_player *p, const float *out, int frames)
{
    wn_peak_meter_update(&p->peak, out, frames);
    size_t kept = wn_fifo_write(p->monitored, out, (size_t)frames);
    if (kept < (size_t)frames) atomic_fetch_add_explicit(&p->n_dropped, frames - (int64_t)kept, memory_order_relaxed);
}

void wn_player_read(wn_player *p, float *out, int frames, double delay)
{
    bool finished = atomic_load_explicit(&p->finished, memory_order_acquire);
    bool ended = atomic_load_explicit(&p->ended, memory_order_acquire); /* must be read before the ring */
    int got = !finished && can_play(p, frames) ? (int)wn_fifo_read(p->ring, out, (size_t)frames) : 0;
    wn_latency_probe_advance(&p->probes, p->n_read, got, p->c.device_rate, delay);
    p->n_read += got;
    atomic_fetch_add_explicit(&p->n_played, got, memory_order_relaxed);
    apply_fades(p, out, got);
    if (got > 0) p->last = out[got - 1];
    if (finished)
        memset(out, 0, (size_t)frames * sizeof *out);
    else if (got < frames)
        fill_underrun(p, out + got, frames - got, ended);
    if (!finished) write_monitor(p, out, frames);
}

void wn_player_callback(void *user, const wn_device_block *block)
{
    wn_player_read(user, block->out, block->frames, block->delay);
}

/* ---- construction ---------------------------------------------------------------------------------------------- */

static wn_status set_config(wn_player *p, const wn_player_config *config, wn_error *error)
{
    p->c = *config;
    if (!(p->c.device_rate > 0)) p->c.device_rate = p->c.rate;
    if (p->c.chunk == 0) p->c.chunk = DEFAULT_CHUNK;
    if (p->c.block == 0) p->c.block = DEFAULT_BLOCK;
    if (p->c.latency == 0) p->c.latency = DEFAULT_LATENCY;
    bool rates = p->c.rate > 0 && p->c.rate <= MAX_RATE && p->c.device_rate <= MAX_RATE;
    bool frames = p->c.chunk >= 1 && p->c.chunk <= MAX_FRAMES && p->c.block >= 1 && p->c.block <= MAX_FRAMES;
    if (p->c.source && rates && frames && p->c.latency > 0 && p->c.latency <= MAX_LATENCY) return WN_OK;
    return wn_fail(
        error, WN_ERROR_ARGUMENT, "player",
        "expected a source, rates up to %g Hz, chunks and blocks of 1 to %d frames, and a latency of at most %g s",
        MAX_RATE, MAX_FRAMES, MAX_LATENCY);
}

static wn_status make_rings(wn_player *p, wn_error *error)
{
    p->latency = p->c.latency * p->c.device_rate;
    double target = p->c.block + ceil(p->latency);
    int chunk = p->resampler ? wn_realtime_resampler_get_capacity(p->resampler, p->c.chunk) : p->c.chunk;
    double capacity = 2 * fmax(target, MIN_CAPACITY * p->c.device_rate) + 2 * chunk;
    p->fade = (int)fmax(1, FADE_TIME * p->c.device_rate);
    p->fade_in = p->fade;
    atomic_init(&p->target, (size_t)target);
    atomic_init(&p->longest, p->c.block);
    p->raw = calloc((size_t)p->c.chunk, sizeof *p->raw);
    p->generated = calloc((size_t)chunk, sizeof *p->generated);
    if (!p->raw || !p->generated) return wn_fail_memory(error, "player");
    wn_status status = wn_fifo_new(&p->ring, (size_t)capacity, error);
    if (!status) status = wn_fifo_new(&p->monitored, (size_t)fmax(1, MONITOR_SECONDS * p->c.device_rate), error);
    if (!status) wn_fifo_touch(p->monitored); /* the device's thread writes it and must not cause page faults */
    return status;
}

wn_status wn_player_new(wn_player **out, const wn_player_config *config, wn_error *error)
{
    *out = NULL;
    wn_player *p = calloc(1, sizeof *p);
    if (!p) return wn_fail_memory(error, "player");
    wn_status status = set_config(p, config, error);
    if (!status && p->c.device_rate != p->c.rate)
        status = wn_realtime_resampler_new(&p->resampler, p->c.rate, p->c.device_rate, error);
    if (!status) status = make_rings(p, error);
    if (status)
        wn_player_free(p);
    else
        *out = p;
    return status;
}

void wn_player_free(wn_player *player)
{
    if (!player) return;
    atomic_store_explicit(&player->quit, 1, memory_order_release);
    if (player->started) pthread_join(player->thread, NULL);
    wn_realtime_resampler_free(player->resampler);
    wn_fifo_free(player->ring);
    wn_fifo_free(player->monitored);
    free(player->raw);
    free(player->generated);
    free(player);
}

wn_status wn_player_start(wn_player *player, wn_error *error)
{
    if (player->started) return WN_OK;
    int result = wn_thread_start(&player->thread, player_thread, player, player->c.realtime_priority);
    if (result) return wn_fail(error, WN_ERROR_MEMORY, "player", "cannot start a thread: %s", strerror(result));
    player->started = true;
    return WN_OK;
}

/* ---- control and queries --------------------------------------------------------------------------------------- */

void wn_player_fade_out(wn_player *player) { atomic_store_explicit(&player->stopping, 1, memory_order_relaxed); }

void wn_player_probe_latency(wn_player *player, double when)
{
    double delay = player->resampler ? wn_realtime_resampler_get_delay(player->resampler) * player->c.device_rate : 0;
    wn_latency_probe_set(&player->probes, player->written + llround(delay), when);
}

int wn_player_monitor(wn_player *player, float *pcm, int frames)
{
    return frames > 0 ? (int)wn_fifo_read(player->monitored, pcm, (size_t)frames) : 0;
}

wn_player_stats wn_player_get_stats(wn_player *player)
{
    wn_player_stats stats = {
        .generated = atomic_load_explicit(&player->n_generated, memory_order_relaxed),
        .played = atomic_load_explicit(&player->n_played, memory_order_relaxed),
        .underruns = atomic_load_explicit(&player->n_underruns, memory_order_relaxed),
        .underrun_frames = atomic_load_explicit(&player->n_underrun_frames, memory_order_relaxed),
        .dropped = atomic_load_explicit(&player->n_dropped, memory_order_relaxed),
        .buffered = (double)wn_fifo_get_fill(player->ring) / player->c.device_rate,
        .target = (double)atomic_load_explicit(&player->target, memory_order_relaxed) / player->c.device_rate,
        .speed = atomic_load_explicit(&player->speed, memory_order_relaxed),
        .cpu_speed = atomic_load_explicit(&player->cpu_speed, memory_order_relaxed),
        .peak = wn_peak_meter_take(&player->peak),
        .prefilled = atomic_load_explicit(&player->prefilled, memory_order_acquire),
        .finished = atomic_load_explicit(&player->finished, memory_order_acquire),
    };
    wn_latency_probe_get(&player->probes, &stats);
    return stats;
}
