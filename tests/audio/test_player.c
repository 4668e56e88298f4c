/* SPDX-License-Identifier: MIT
 * test_player.c - sound that is generated ahead arrives whole, gaps fade, and the counts tell what happened.
 * Copyright (c) 2026 the wavenet authors */
#include <math.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "common/failing.h"
#include "dsp/realtime_resampler.h"
#include "wavenet/audio.h"

enum { RATE = 8000, FADE_FRAMES = RATE / 50 }; /* of 20 ms */

/* A source of `frames` samples, sample t being value(t), that makes no more than it is allowed to. */
typedef struct script {
    int64_t frames, generated;
    _Atomic int64_t allowed;
    double nap;        /* seconds for each call */
    wn_player *player; /* to be marked with every call, or NULL */
} script;

static float value(int64_t t) { return 0.5f * sinf((float)t * 0.05f) + 0.25f; }

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void pause_for(double seconds)
{
    nanosleep(&(struct timespec){.tv_sec = (time_t)seconds, .tv_nsec = (long)(fmod(seconds, 1) * 1e9)}, NULL);
}

static int make(void *user, float *pcm, int frames)
{
    script *s = user;
    if (s->nap > 0) pause_for(s->nap);
    while (s->generated + frames > atomic_load(&s->allowed)) pause_for(0.0002);
    if (s->player) wn_player_probe_latency(s->player, now());
    int n = s->frames - s->generated < frames ? (int)(s->frames - s->generated) : frames;
    for (int i = 0; i < n; i++) pcm[i] = value(s->generated++);
    return n;
}

static wn_player *player_of(script *s, double device_rate, double latency)
{
    wn_player *p;
    wn_player_config config = {.source = make,
                               .user = s,
                               .rate = RATE,
                               .device_rate = device_rate,
                               .chunk = 100,
                               .block = 64,
                               .latency = latency};
    assert_int_equal(wn_player_new(&p, &config, NULL), WN_OK);
    return p;
}

static void wait_ready(wn_player *p)
{
    while (!wn_player_get_stats(p).prefilled) pause_for(0.001);
}

static void wait_filled(wn_player *p)
{
    for (wn_player_stats c; c = wn_player_get_stats(p), c.buffered < c.target;) pause_for(0.001);
}

/* ---- what arrives --------------------------------------------------------------------------------------------------- */

static void test_whole(void **state)
{
    (void)state;
    enum { FRAMES = 3333 };
    script s = {.frames = FRAMES, .allowed = INT64_MAX};
    wn_player *p = player_of(&s, 0, 1.0);
    static float out[FRAMES + RATE], monitored[FRAMES + RATE];
    wn_player_read(p, out, 100, 0); /* before it was started: silence, and nothing lost */
    assert_float_equal(out[0], 0, 0);
    assert_int_equal(wn_player_get_stats(p).underrun_frames, 0);
    assert_int_equal(wn_player_start(p, NULL), WN_OK);
    wait_ready(p);
    int at = 0;
    while (!wn_player_get_stats(p).finished) {
        int n = 1 + at % 97;
        wn_player_read(p, out + at, n, 0);
        at += n;
    }
    for (int t = 0; t < FRAMES; t++) assert_true(out[t] == value(t));
    for (int t = FRAMES; t < at; t++) { /* what is cut off at a height dies away */
        float left = 1 - (float)(t - FRAMES + 1) / FADE_FRAMES;
        assert_float_equal(out[t], left > 0 ? value(FRAMES - 1) * left : 0, 1e-6);
    }
    wn_player_stats c = wn_player_get_stats(p);
    assert_int_equal(c.generated, FRAMES);
    assert_int_equal(c.played, FRAMES);
    assert_int_equal(c.underruns, 0);
    assert_int_equal(c.underrun_frames, 0);
    assert_int_equal(wn_player_monitor(p, monitored, 100), 100);
    assert_int_equal(wn_player_monitor(p, monitored, FRAMES + RATE), at);
    assert_memory_equal(monitored, out, (size_t)at * sizeof *out);
    wn_player_read(p, out, 100, 0); /* silence for ever, no longer recorded */
    for (int t = 0; t < 100; t++) assert_true(out[t] == 0);
    assert_int_equal(wn_player_monitor(p, monitored, 100), 0);
    wn_player_free(p);
}

/* Another rate: what comes is what the resampler makes of it, and all of it. */
static void test_rates(void **state)
{
    (void)state;
    enum { FRAMES = 2000, MOST = 20000 };
    script s = {.frames = FRAMES, .allowed = INT64_MAX};
    wn_player *p = player_of(&s, 44100, 1.0);
    assert_int_equal(wn_player_start(p, NULL), WN_OK);
    wait_ready(p);
    static float out[MOST + 64], in[FRAMES], want[MOST];
    int at = 0;
    for (; !wn_player_get_stats(p).finished && at < MOST; at += 64) wn_player_read(p, out + at, 64, 0);
    wn_realtime_resampler *resampler;
    assert_int_equal(wn_realtime_resampler_new(&resampler, RATE, 44100, NULL), WN_OK);
    for (int t = 0; t < FRAMES; t++) in[t] = value(t);
    int n = wn_realtime_resampler_run(resampler, in, FRAMES, want);
    assert_true(n >= FRAMES * 5 &&
                wn_player_get_stats(p).played >= n + wn_realtime_resampler_get_delay(resampler) * 44100 - 1);
    assert_memory_equal(out, want, (size_t)n * sizeof *out);
    wn_realtime_resampler_free(resampler);
    wn_player_free(p);
}

/* ---- too late ------------------------------------------------------------------------------------------------------- */

static float largest_step(const float *x, int n, float before)
{
    float most = 0;
    for (int t = 0; t < n; t++) {
        most = fmaxf(most, fabsf(x[t] - before));
        before = x[t];
    }
    return most;
}

static void test_underrun(void **state)
{
    (void)state;
    enum { FIRST = 1000, GAP = 700, MOST = 6000 };
    script s = {.frames = 10000, .allowed = FIRST};
    wn_player *p = player_of(&s, 0, 0.05);
    static float out[MOST];
    assert_int_equal(wn_player_start(p, NULL), WN_OK);
    double target = wn_player_get_stats(p).target;
    int at = 0;
    wait_ready(p);
    for (; at < FIRST + GAP; at += 10) {
        while (at < FIRST && wn_player_get_stats(p).buffered * RATE < 9.5) pause_for(0.001);
        wn_player_read(p, out + at, 10, 0);
    }
    for (int t = 0; t < FIRST; t++) assert_true(out[t] == value(t));
    for (int t = FIRST + FADE_FRAMES; t < at; t++) assert_true(out[t] == 0);
    wn_player_stats c = wn_player_get_stats(p);
    assert_int_equal(c.underruns, 1);
    assert_int_equal(c.underrun_frames, GAP);
    assert_int_equal(c.played, FIRST);
    atomic_store(&s.allowed, INT64_MAX);
    while (wn_player_get_stats(p).target < target + 0.01) pause_for(0.001); /* the thread answers the underrun, */
    wait_filled(p);                                                         /* then fills up */
    assert_float_equal(target, 64.0 / RATE + 0.05, 0.0002);                 /* a block and the latency */
    assert_float_equal(wn_player_get_stats(p).target, 64.0 / RATE + 1.5 * 0.05, 0.0002);
    int back = at;
    for (; at + 10 <= back + 400; at += 10) wn_player_read(p, out + at, 10, 0);
    for (int t = 0; t < 400; t++) { /* nothing was lost, and it comes back with a fade */
        float gain = t + 1 < FADE_FRAMES ? (float)(t + 1) / FADE_FRAMES : 1;
        assert_float_equal(out[back + t], gain * value(FIRST + t), 1e-5);
    }
    assert_true(largest_step(out, at, 0.25f) < 0.03);
    assert_int_equal(wn_player_get_stats(p).underruns, 1);
    assert_int_equal(wn_player_get_stats(p).underrun_frames, GAP);
    wn_player_free(p);
}

/* Gaps that are shorter than a fade, the last one at the end: what dies away and what comes back overlap. */
static void test_short_gaps(void **state)
{
    (void)state;
    enum { PARTS = 4, PART = 500, MADE = 400, STEP = 10 };
    for (int fades = 0; fades < 2; fades++) {
        script s = {.frames = INT64_MAX, .allowed = 0};
        wn_player *p = player_of(&s, 0, 0.001);
        static float out[PARTS * PART];
        assert_int_equal(wn_player_start(p, NULL), WN_OK);
        for (int at = 0; at < PARTS * PART; at += STEP) {
            if (at % PART == 0) {
                atomic_fetch_add(&s.allowed, MADE);
                pause_for(0.01);
                if (at == 0) wait_ready(p);
            }
            if (fades && at == 2 * PART + STEP) wn_player_fade_out(p);
            while (at % PART < MADE && !fades && wn_player_get_stats(p).buffered * RATE < STEP - 0.5) pause_for(0.001);
            wn_player_read(p, out + at, STEP, 0);
        }
        wn_player_stats c = wn_player_get_stats(p);
        assert_true(fades || (c.underruns >= PARTS - 1 && c.underrun_frames >= (PARTS - 1) * (PART - MADE)));
        assert_int_equal(c.finished, fades);
        assert_true(largest_step(out, PARTS * PART, value(0)) < 0.04);
        atomic_store(&s.allowed, INT64_MAX);
        wn_player_free(p);
    }
}

/* Blocks longer than was said: nothing is monitored until one can be filled, and from then on each can. */
static void test_longer_blocks(void **state)
{
    (void)state;
    enum { LONG = 700 };
    script s = {.frames = INT64_MAX / 2, .allowed = INT64_MAX};
    wn_player *p = player_of(&s, 0, 0.01);
    float out[LONG];
    assert_int_equal(wn_player_start(p, NULL), WN_OK);
    wait_ready(p);
    assert_true(wn_player_get_stats(p).target < (double)(LONG / 2) / RATE);
    wn_player_read(p, out, LONG, 0);
    for (int t = 0; t < LONG; t++) assert_true(out[t] == 0);
    while (wn_player_get_stats(p).target < (double)LONG / RATE + 0.009) pause_for(0.001);
    for (int i = 0; i < 20; i++) {
        wait_filled(p);
        wn_player_read(p, out, LONG, 0);
        for (int t = 0; t < LONG; t++) assert_true(out[t] == value(i * LONG + t));
    }
    wn_player_stats c = wn_player_get_stats(p);
    assert_true(c.underruns == 0 && c.underrun_frames == 0);
    wait_filled(p);
    wn_player_read(p, out, LONG / 2, 0); /* shorter ones change nothing */
    pause_for(0.01);
    assert_true(wn_player_get_stats(p).target == c.target);
    wn_player_free(p);
}

static void test_fade(void **state)
{
    (void)state;
    script s = {.frames = INT64_MAX, .allowed = INT64_MAX};
    wn_player *p = player_of(&s, 0, 0.1);
    static float out[1000];
    assert_int_equal(wn_player_start(p, NULL), WN_OK);
    wait_filled(p);
    wn_player_read(p, out, 100, 0);
    wn_player_fade_out(p);
    for (int at = 100; at < 1000; at += 50) {
        wait_filled(p);
        wn_player_read(p, out + at, 50, 0);
        if (wn_player_get_stats(p).finished) break;
    }
    for (int t = 100; t < 100 + FADE_FRAMES; t++)
        assert_float_equal(out[t], value(t) * (1 - (float)(t - 99) / FADE_FRAMES), 1e-5);
    for (int t = 100 + FADE_FRAMES; t < 1000; t++) assert_true(out[t] == 0);
    assert_int_equal(wn_player_get_stats(p).finished, 1);
    assert_int_equal(wn_player_get_stats(p).underruns, 0);
    wn_player_free(p);
}

/* Nothing has been generated yet, and nothing will be: it ends all the same. */
static void test_fade_before_sound(void **state)
{
    (void)state;
    script s = {.frames = INT64_MAX, .allowed = 0};
    wn_player *p = player_of(&s, 0, 0.1);
    float out[100];
    assert_int_equal(wn_player_start(p, NULL), WN_OK);
    wn_player_read(p, out, 100, 0);
    assert_int_equal(wn_player_get_stats(p).finished, 0);
    wn_player_fade_out(p);
    wn_player_read(p, out, 100, 0);
    for (int t = 0; t < 100; t++) assert_true(out[t] == 0);
    assert_int_equal(wn_player_get_stats(p).finished, 1);
    atomic_store(&s.allowed, INT64_MAX);
    wn_player_free(p);
}

/* ---- what is told --------------------------------------------------------------------------------------------------- */

static void test_counts(void **state)
{
    (void)state;
    script s = {.frames = 4000, .allowed = INT64_MAX, .nap = 0.025}; /* for 12.5 ms of sound */
    wn_player *p = player_of(&s, 0, 0.2);
    static float out[1000];
    s.player = p;
    assert_float_equal(wn_player_get_stats(p).speed, 0, 0);
    double begun = now();
    assert_int_equal(wn_player_start(p, NULL), WN_OK);
    wait_ready(p);
    double slowest = 1664 / (double)RATE / (now() - begun + 0.1);
    double speed = wn_player_get_stats(p).speed;
    assert_true(speed <= 0.5 && speed > slowest / 2);  /* the naps cpu_speed are twice as long as the sound */
    assert_true(wn_player_get_stats(p).cpu_speed > 1); /* and hardly use the processor */
    wn_player_read(p, out, 1000, 3.0);
    wn_player_stats c = wn_player_get_stats(p);
    assert_int_equal(c.probes, 10);
    float peak = 0;
    for (int t = 0; t < 1000; t++) peak = fmaxf(peak, fabsf(out[t]));
    assert_float_equal(c.peak, peak, 0);
    assert_float_equal(wn_player_get_stats(p).peak, 0, 0);
    double longest = now() - begun + 3.0 + 900.0 / RATE;
    assert_true(c.latency_last > 3.0 && c.latency_worst >= c.latency_mean && c.latency_mean >= 3.0 + 450.0 / RATE);
    assert_true(c.latency_worst <= longest && c.latency_worst >= c.latency_last);
    wn_player_free(p);
}

static void test_late_recorder(void **state)
{
    (void)state;
    script s = {.frames = 10 * RATE, .allowed = INT64_MAX};
    wn_player *p = player_of(&s, 0, 11);
    static float out[10 * RATE], monitored[10 * RATE];
    assert_int_equal(wn_player_start(p, NULL), WN_OK);
    wait_ready(p);
    wn_player_read(p, out, 10 * RATE, 0);
    int kept = wn_player_monitor(p, monitored, 10 * RATE);
    assert_int_equal(wn_player_get_stats(p).dropped, 10 * RATE - kept);
    assert_true(kept >= 4 * RATE);
    assert_memory_equal(monitored, out, (size_t)kept * sizeof *out);
    wn_player_free(p);
}

/* ---- threads, errors ------------------------------------------------------------------------------------------------ */

typedef struct reading {
    wn_player *player;
    int64_t frames;
} reading;

static void *read_on(void *user)
{
    reading *r = user;
    float out[80];
    while (!wn_player_get_stats(r->player).finished) {
        wn_player_read(r->player, out, 80, 0);
        r->frames += 80;
        if (r->frames % 4000 == 0) pause_for(0.001);
    }
    return NULL;
}

/* A maker, a reader, and one who asks, records and stops it: whatever happens in between, it ends. */
static void test_threads(void **state)
{
    (void)state;
    for (int i = 0; i < 20; i++) {
        script s = {.frames = 50000, .allowed = INT64_MAX};
        wn_player *p = player_of(&s, i % 2 ? 48000 : 0, 0.02);
        reading r = {.player = p};
        pthread_t thread;
        float monitored[1000];
        int64_t recorded = 0;
        s.player = p;
        assert_int_equal(wn_player_start(p, NULL), WN_OK);
        assert_int_equal(pthread_create(&thread, NULL, read_on, &r), 0);
        for (int k = 0; !wn_player_get_stats(p).finished; k++) {
            recorded += wn_player_monitor(p, monitored, 1000);
            if (k == 20 && i % 4 == 0) wn_player_fade_out(p);
        }
        pthread_join(thread, NULL);
        for (int n; (n = wn_player_monitor(p, monitored, 1000)) > 0;) recorded += n;
        wn_player_stats c = wn_player_get_stats(p);
        assert_true(recorded + c.dropped <= r.frames);
        assert_true(c.played <= 6 * c.generated + 1000);
        wn_player_free(p);
    }
}

static void test_refused(void **state)
{
    (void)state;
    wn_player *p = NULL;
    wn_error error;
    const wn_player_config bad[] = {
        {.rate = RATE},
        {.source = make},
        {.source = make, .rate = NAN},
        {.source = make, .rate = -1},
        {.source = make, .rate = RATE, .device_rate = INFINITY},
        {.source = make, .rate = 1e300},
        {.source = make, .rate = RATE, .device_rate = 1e300},
        {.source = make, .rate = RATE, .chunk = -1},
        {.source = make, .rate = RATE, .chunk = INT32_MAX},
        {.source = make, .rate = RATE, .block = INT32_MAX},
        {.source = make, .rate = RATE, .block = -1},
        {.source = make, .rate = RATE, .latency = -1},
        {.source = make, .rate = RATE, .latency = NAN},
        {.source = make, .rate = RATE, .latency = 1e9},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(wn_player_new(&p, &bad[i], &error), WN_ERROR_ARGUMENT);
        assert_null(p);
        assert_true(error.message[0] != 0);
    }
    wn_player_free(NULL);
}

static void test_memory(void **state)
{
    (void)state;
    script s = {.frames = 1000, .allowed = INT64_MAX};
    wn_player_config config = {.source = make, .user = &s, .rate = RATE, .device_rate = 48000};
    int failed = 0;
    for (int i = 0;; i++) {
        wn_player *p = NULL;
        wn_error error = {0};
        fail_allocation(i);
        wn_status status = wn_player_new(&p, &config, &error);
        int failed_one = allocation_failed();
        fail_allocation(-1);
        if (status) {
            assert_int_equal(status, WN_ERROR_MEMORY);
            assert_null(p);
            failed++;
        }
        wn_player_free(p);
        if (!failed_one) break;
    }
    assert_true(failed >= 6);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_whole),
        cmocka_unit_test(test_rates),
        cmocka_unit_test(test_underrun),
        cmocka_unit_test(test_longer_blocks),
        cmocka_unit_test(test_fade),
        cmocka_unit_test(test_counts),
        cmocka_unit_test(test_late_recorder),
        cmocka_unit_test(test_threads),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_short_gaps),
        cmocka_unit_test(test_fade_before_sound),
        cmocka_unit_test(test_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
