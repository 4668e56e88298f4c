/* SPDX-License-Identifier: MIT
 * player.c - a thread that makes sound ahead of time, and a reader that never waits for it.
 * Copyright (c) 2026 the wavenet authors */
#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "dsp/realtime_resampler.h"
#include "audio/latency_probe.h"
#include "base/fifo.h"
#include "dsp/peak_meter.h"
#include "dsp/smoother.h"
#include "base/thread.h"
#include "model/model.h"
#include "wavenet/audio.h"

enum { DEFAULT_CHUNK = 256, DEFAULT_BLOCK = 256, MAX_FRAMES = 1 << 20 };
#define DEFAULT_LATENCY 0.2 /* seconds */
#define MAX_LATENCY 3600.0
#define MAX_RATE 768000.0
#define FADE 0.02       /* seconds of every fade */
#define MIN_CAPACITY 1.0  /* seconds, so that what is kept ready can grow */
#define GROWTH 1.5      /* of what is kept ready beyond a block, with every underrun */
#define MONITOR_SECONDS 4.0    /* seconds a recorder may be late */
#define SPEED_WINDOW 1.0 /* seconds of sound finished which the speed is measured, about */
#define MIN_SPEED_SECONDS 0.05 /* seconds of sound before it is told */
#define MIN_SPEED_WORK 0.2 /* seconds of work that tell as much */

struct wn_player {
    wn_player_config c; /* defaults filled in */
    wn_fifo *ring;      /* from the thread to the reader, at the line's rate */
    wn_fifo *monitored;     /* from the reader to a recorder */
    wn_latency_probe probes;

    /* the thread's */
    pthread_t thread;
    bool started;
    wn_realtime_resampler *resampler; /* NULL: none is needed */
    float *raw, *generated;       /* [chunk] of the source, and at the line's rate */
    int64_t written;         /* into the ring */
    int64_t starved;         /* underruns it has answered */
    double latency;          /* frames kept ready beyond the longest block */
    double measured, busy, used; /* seconds of sound, those it took to make them, and those of the processor */

    /* the reader's */
    bool playing;
    int fade;         /* frames of a fade, those of the loudness of what comes, and those left from `from` to silence */
    int loud, tail;
    float last, from; /* what was last monitored, and before there was too little */
    int64_t taken;    /* out of the ring */

    /* between threads */
    atomic_int quit, stopping, prefilled, ended, finished; /* ended: by the source; finished: for the reader */
    _Atomic size_t target;                              /* frames to be kept ready */
    atomic_int longest;                                 /* frames the reader has asked for at once */
    _Atomic int64_t n_generated, n_played, n_underruns, n_underrun_frames, n_dropped;
    _Atomic double speed, cpu_speed;
    wn_peak_meter peak;
};

/* ---- the thread ----------------------------------------------------------------------------------------------- */

/* A chunk's speed; older ones count for less and less. */
static void measure(wn_player *p, int frames, double seconds, double processor)
{
    p->measured += frames / p->c.rate;
    p->busy += seconds;
    p->used += processor;
    if (p->measured >= MIN_SPEED_SECONDS || p->busy >= MIN_SPEED_WORK) {
        atomic_store_explicit(&p->speed, p->measured / fmax(p->busy, 1e-9), memory_order_relaxed);
        atomic_store_explicit(&p->cpu_speed, p->measured / fmax(p->used, 1e-9), memory_order_relaxed);
    }
    if (p->measured < SPEED_WINDOW) return;
    p->measured /= 2;
    p->busy /= 2;
    p->used /= 2;
}

static double processor_seconds(void)
{
    struct timespec used;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
    return (double)used.tv_sec + 1e-9 * (double)used.tv_nsec;
}

/* There is room: the ring holds a chunk more than is ever target. */
static void push(wn_player *p, const float *raw, int frames)
{
    int n = p->resampler ? wn_realtime_resampler_run(p->resampler, raw, frames, p->generated) : frames;
    p->written += (int64_t)wn_fifo_write(p->ring, p->resampler ? p->generated : raw, (size_t)n);
}

/* What is still in the resampler comes out. */
static void finish(wn_player *p)
{
    int left = p->resampler ? (int)ceil(wn_realtime_resampler_get_delay(p->resampler) * p->c.rate) : 0;
    memset(p->raw, 0, (size_t)p->c.chunk * sizeof *p->raw);
    for (; left > 0; left -= p->c.chunk) push(p, p->raw, left < p->c.chunk ? left : p->c.chunk);
    atomic_store_explicit(&p->ended, 1, memory_order_release);
    atomic_store_explicit(&p->prefilled, 1, memory_order_release);
}

static bool make(wn_player *p)
{
    double began = wn_clock_seconds(), used = processor_seconds();
    int n = p->c.source(p->c.user, p->raw, p->c.chunk);
    if (n > 0) {
        measure(p, n, wn_clock_seconds() - began, processor_seconds() - used);
        push(p, p->raw, n < p->c.chunk ? n : p->c.chunk);
        atomic_fetch_add_explicit(&p->n_generated, n, memory_order_relaxed);
    }
    if (n < p->c.chunk) finish(p);
    return n == p->c.chunk;
}

/* Beyond the longest block so far more is kept ready with every underrun, as far as there is room. */
static void answer_reader(wn_player *p)
{
    int longest = atomic_load_explicit(&p->longest, memory_order_relaxed);
    int64_t underruns = atomic_load_explicit(&p->n_underruns, memory_order_relaxed);
    double most = (double)(wn_fifo_get_capacity(p->ring) / 2);
    for (; p->starved < underruns; p->starved++) p->latency = fmin(p->latency * GROWTH, most);
    atomic_store_explicit(&p->target, (size_t)fmin(longest + ceil(p->latency), most), memory_order_relaxed);
}

/* Half as long as a chunk lasts; nobody can wake the thread, as the reader makes no system calls. */
static void nap(const wn_player *p)
{
    double seconds = fmin(fmax(p->c.chunk / p->c.rate / 2, 0.0002), 0.005);
    nanosleep(&(struct timespec){.tv_nsec = (long)(seconds * 1e9)}, NULL);
}

static void *work(void *user)
{
    wn_player *p = user;
    while (!atomic_load_explicit(&p->quit, memory_order_acquire) && !atomic_load(&p->finished)) {
        answer_reader(p);
        if (wn_fifo_get_fill(p->ring) < atomic_load_explicit(&p->target, memory_order_relaxed)) {
            if (!make(p)) break;
        } else {
            atomic_store_explicit(&p->prefilled, 1, memory_order_release);
            nap(p);
        }
    }
    return NULL;
}

/* ---- the reader ----------------------------------------------------------------------------------------------- */

/* From the last sample monitored before a gap in a straight line to silence, beneath what may have come since. */
static void die_away(wn_player *p, float *out, int frames)
{
    for (int t = 0; t < frames && p->tail > 0; t++) out[t] += p->from * (float)--p->tail / (float)p->fade;
}

static size_t at_most(size_t n, size_t limit) { return n < limit ? n : limit; }

/* May the reader take sound, or must more be there first? */
static bool may_play(wn_player *p, int frames)
{
    if (frames > atomic_load_explicit(&p->longest, memory_order_relaxed))
        atomic_store_explicit(&p->longest, frames, memory_order_relaxed);
    if (p->playing) return true;
    if (!atomic_load_explicit(&p->prefilled, memory_order_acquire)) return false;
    bool ended = atomic_load_explicit(&p->ended, memory_order_acquire);
    size_t enough = ended ? 1 : atomic_load_explicit(&p->target, memory_order_relaxed);
    if (!ended && enough < (size_t)frames) enough = at_most((size_t)frames, wn_fifo_get_capacity(p->ring) / 2);
    p->playing = wn_fifo_get_fill(p->ring) >= enough;
    return p->playing;
}

/* There is too little: the end, or an underrun. */
static void starve(wn_player *p, float *out, int frames, bool ended)
{
    if (p->playing) {
        p->playing = false;
        p->from = p->last;
        p->tail = p->fade;
        p->loud = 0;
        if (!ended) atomic_fetch_add_explicit(&p->n_underruns, 1, memory_order_relaxed);
    }
    if (!ended && p->taken > 0) atomic_fetch_add_explicit(&p->n_underrun_frames, frames, memory_order_relaxed);
    memset(out, 0, (size_t)frames * sizeof *out);
    die_away(p, out, frames);
    if (ended && p->tail == 0) atomic_store_explicit(&p->finished, 1, memory_order_release);
}

/* After an underrun sound comes back with a fade, when it is to stop it goes with one. */
static void shape(wn_player *p, float *out, int frames)
{
    bool stopping = atomic_load_explicit(&p->stopping, memory_order_relaxed);
    if (stopping && !p->playing) p->loud = 0;
    for (int t = 0; t < frames && (stopping || p->loud < p->fade); t++) {
        p->loud = stopping ? (p->loud > 0 ? p->loud - 1 : 0) : p->loud + 1;
        out[t] *= (float)p->loud / (float)p->fade;
    }
    die_away(p, out, frames);
    if (stopping && p->loud == 0 && p->tail == 0) atomic_store_explicit(&p->finished, 1, memory_order_release);
}

static void listen(wn_player *p, const float *out, int frames)
{
    wn_peak_meter_update(&p->peak, out, frames);
    size_t kept = wn_fifo_write(p->monitored, out, (size_t)frames);
    if (kept < (size_t)frames)
        atomic_fetch_add_explicit(&p->n_dropped, frames - (int64_t)kept, memory_order_relaxed);
}

void wn_player_read(wn_player *p, float *out, int frames, double delay)
{
    bool finished = atomic_load_explicit(&p->finished, memory_order_acquire);
    bool ended = atomic_load_explicit(&p->ended, memory_order_acquire); /* looked at before the ring is */
    int got = !finished && may_play(p, frames) ? (int)wn_fifo_read(p->ring, out, (size_t)frames) : 0;
    wn_latency_probe_advance(&p->probes, p->taken, got, p->c.device_rate, delay);
    p->taken += got;
    atomic_fetch_add_explicit(&p->n_played, got, memory_order_relaxed);
    shape(p, out, got);
    if (got > 0) p->last = out[got - 1];
    if (finished)
        memset(out, 0, (size_t)frames * sizeof *out);
    else if (got < frames)
        starve(p, out + got, frames - got, ended);
    if (!finished) listen(p, out, frames);
}

void wn_player_callback(void *user, const wn_device_block *block) { wn_player_read(user, block->out, block->frames, block->delay); }

/* ---- making --------------------------------------------------------------------------------------------------- */

static wn_status fill_in(wn_player *p, const wn_player_config *config, wn_error *error)
{
    p->c = *config;
    if (!(p->c.device_rate > 0)) p->c.device_rate = p->c.rate;
    if (p->c.chunk == 0) p->c.chunk = DEFAULT_CHUNK;
    if (p->c.block == 0) p->c.block = DEFAULT_BLOCK;
    if (p->c.latency == 0) p->c.latency = DEFAULT_LATENCY;
    bool rates = p->c.rate > 0 && p->c.rate <= MAX_RATE && p->c.device_rate <= MAX_RATE;
    bool frames = p->c.chunk >= 1 && p->c.chunk <= MAX_FRAMES && p->c.block >= 1 && p->c.block <= MAX_FRAMES;
    if (p->c.source && rates && frames && p->c.latency > 0 && p->c.latency <= MAX_LATENCY) return WN_OK;
    return wn_fail(error, WN_ERROR_ARGUMENT, "player",
                   "a source, rates up to %g Hz, chunks and blocks of 1 to %d frames, and at most %g s ahead are expected",
                   MAX_RATE, MAX_FRAMES, MAX_LATENCY);
}

static wn_status make_rings(wn_player *p, wn_error *error)
{
    p->latency = p->c.latency * p->c.device_rate;
    double target = p->c.block + ceil(p->latency);
    int chunk = p->resampler ? wn_realtime_resampler_get_capacity(p->resampler, p->c.chunk) : p->c.chunk;
    double room = 2 * fmax(target, MIN_CAPACITY * p->c.device_rate) + 2 * chunk;
    p->fade = (int)fmax(1, FADE * p->c.device_rate);
    p->loud = p->fade;
    atomic_init(&p->target, (size_t)target);
    atomic_init(&p->longest, p->c.block);
    p->raw = calloc((size_t)p->c.chunk, sizeof *p->raw);
    p->generated = calloc((size_t)chunk, sizeof *p->generated);
    if (!p->raw || !p->generated) return wn_fail_memory(error, "player");
    wn_status status = wn_fifo_new(&p->ring, (size_t)room, error);
    if (!status) status = wn_fifo_new(&p->monitored, (size_t)fmax(1, MONITOR_SECONDS * p->c.device_rate), error);
    if (!status) wn_fifo_touch(p->monitored); /* the device's thread writes it */
    return status;
}

wn_status wn_player_new(wn_player **out, const wn_player_config *config, wn_error *error)
{
    *out = NULL;
    wn_player *p = calloc(1, sizeof *p);
    if (!p) return wn_fail_memory(error, "player");
    wn_status status = fill_in(p, config, error);
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
    int wrong = wn_thread_start(&player->thread, work, player, player->c.realtime_priority);
    if (wrong) return wn_fail(error, WN_ERROR_MEMORY, "player", "no thread: %s", strerror(wrong));
    player->started = true;
    return WN_OK;
}

/* ---- asking and telling --------------------------------------------------------------------------------------- */

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
    wn_player_stats counts = {
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
    wn_latency_probe_get(&player->probes, &counts);
    return counts;
}
