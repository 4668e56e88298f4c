/* SPDX-License-Identifier: MIT
 * test_live.c - what a player hears is what the model makes offline, whatever is switched, bypassed or turned meanwhile.
 * Copyright (c) 2026 the wavenet authors */
#include <math.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../engine/drawn.h"
#include "common/failing.h"
#include "dsp/realtime_resampler.h"
#include "model/clone.h"
#include "wavenet/audio.h"

#define PI 3.14159265358979323846
enum { FRAMES = 4000, LONGEST = 64 };

/* ---- models and signals ------------------------------------------------------------------------------------------ */

typedef struct amp {
    wn_model *model;
    wn_plan *plan;
    wn_stream *alone; /* prewarmed, for what is computed offline */
} amp;

static amp amp_of(wn_model *model, double rate)
{
    amp a = {.model = model};
    model->sample_rate = rate;
    assert_int_equal(wn_plan_new(&a.plan, a.model, &(wn_plan_config){.max_frames = LONGEST}, NULL), WN_OK);
    assert_int_equal(wn_stream_new(&a.alone, a.plan, NULL), WN_OK);
    wn_stream_prewarm(a.alone);
    return a;
}

static amp amp_drawn(chance *c, double rate) { return amp_of(drawn_mono(c), rate); }

/* Nothing but a gain. */
static amp amp_gain(float gain, double rate)
{
    chance c = {1};
    wn_model *m = drawn_bare(&c);
    m->stacks[0].rechannel.weight[0] = gain;
    drawn_finish(m);
    return amp_of(m, rate);
}

/* A unit of its own for a device at `line` Hz. */
static wn_effect_unit *amp_unit(const amp *a, double line)
{
    wn_effect_unit *unit;
    wn_model *copy = wn_model_clone(a->model);
    assert_non_null(copy);
    assert_int_equal(
        wn_effect_unit_new(&unit, &copy, 1, &(wn_effect_unit_config){.rate = line, .max_frames = LONGEST}, NULL),
        WN_OK);
    return unit;
}

/* One that passes the sound. */
static wn_effect_unit *dry_unit(double line)
{
    wn_effect_unit *unit;
    assert_int_equal(wn_effect_unit_new(&unit, NULL, 0, &(wn_effect_unit_config){.rate = line}, NULL), WN_OK);
    return unit;
}

static void amp_free(amp *a)
{
    wn_stream_free(a->alone);
    wn_plan_free(a->plan);
    wn_model_free(a->model);
}

static void amp_run(amp *a, const float *x, int frames, float *y)
{
    wn_stream_run(a->alone, &(wn_block){.frames = frames, .pcm = x, .out = y});
}

static void fill(chance *c, float *x, int frames)
{
    for (int t = 0; t < frames; t++) x[t] = (float)(2 * chance_uniform(c) - 1);
}

static wn_live *make(double rate)
{
    wn_live *d;
    assert_int_equal(wn_live_new(&d, rate, NULL), WN_OK);
    return d;
}

/* In blocks of any length up to three parts, in place or not; nothing is written past them. */
static void run_cut(wn_live *d, chance *c, const float *x, int frames, float *y)
{
    float block[3 * LONGEST + 1];
    for (int t = 0, n; t < frames; t += n) {
        n = chance_int(c, 0, 3 * LONGEST);
        if (n > frames - t) n = frames - t;
        bool in_place = chance_percent(c, 50);
        if (in_place) memcpy(block, x + t, (size_t)n * sizeof *x);
        block[n] = 77;
        wn_live_run(d, in_place ? block : x + t, block, n);
        assert_true(block[n] == 77);
        memcpy(y + t, block, (size_t)n * sizeof *y);
    }
}

/* ---- the same bits ------------------------------------------------------------------------------------------------- */

static void test_one_rate(void **state)
{
    (void)state;
    static float x[FRAMES], y[FRAMES], want[FRAMES];
    for (uint64_t seed = 0; seed < 12; seed++) {
        chance c = {seed};
        amp a = amp_drawn(&c, 48000);
        double in_db = seed % 3 ? 0 : 7.5, out_db = seed % 2 ? 0 : -3.25;
        wn_live *d = make(48000);
        wn_live_set_gains(d, in_db, out_db);
        assert_null(wn_live_send(d, amp_unit(&a, 48000)));
        fill(&c, x, FRAMES);
        run_cut(d, &c, x, FRAMES, y);
        for (int t = 0; t < FRAMES; t++) x[t] *= (float)pow(10, in_db / 20);
        amp_run(&a, x, FRAMES, want);
        for (int t = 0; t < FRAMES; t++) want[t] *= (float)pow(10, out_db / 20);
        assert_memory_equal(y, want, sizeof y);
        wn_live_free(d);
        amp_free(&a);
    }
}

typedef struct pair {
    double line, model;
} pair;

static const pair pairs[] = {{44100, 48000}, {48000, 44100}, {96000, 48000}, {16000, 48000},
                             {48000, 16000}, {44101, 48000}, {192000, 4000}, {48000, 47999}};
enum { N_PAIRS = sizeof pairs / sizeof *pairs };

static int common(int a, int b) { return b ? common(b, a % b) : a; }

/* Converter, model, converter over the whole signal at once, after whole turns of silence; the caller frees it. */
static float *offline(pair p, amp *a, const float *x, int frames)
{
    int unit = (int)p.line / common((int)p.line, (int)p.model);
    int silence = (9600 / unit + 1) * unit, all = silence + frames;
    wn_realtime_resampler *there, *back;
    assert_int_equal(wn_realtime_resampler_new(&there, p.line, p.model, NULL), WN_OK);
    assert_int_equal(wn_realtime_resampler_new(&back, p.model, p.line, NULL), WN_OK);
    int room = wn_realtime_resampler_get_capacity(there, all);
    float *in = calloc((size_t)all, sizeof *in), *dry = calloc((size_t)room, sizeof *dry);
    float *wet = calloc((size_t)room, sizeof *wet),
          *out = calloc((size_t)wn_realtime_resampler_get_capacity(back, room), sizeof *out);
    assert_true(in && dry && wet && out);
    memcpy(in + silence, x, (size_t)frames * sizeof *in);
    int made = wn_realtime_resampler_run(there, in, all, dry);
    amp_run(a, dry, made, wet);
    assert_true(wn_realtime_resampler_run(back, wet, made, out) >= all);
    memmove(out, out + silence, (size_t)frames * sizeof *out);
    wn_realtime_resampler_free(there);
    wn_realtime_resampler_free(back);
    free(in);
    free(dry);
    free(wet);
    return out;
}

static void test_two_rates(void **state)
{
    (void)state;
    static float x[FRAMES], y[FRAMES];
    for (uint64_t i = 0; i < N_PAIRS; i++) {
        chance c = {i};
        pair p = pairs[i % N_PAIRS];
        amp a = amp_drawn(&c, p.model);
        wn_live *d = make(p.line);
        assert_null(wn_live_send(d, amp_unit(&a, p.line)));
        fill(&c, x, FRAMES);
        run_cut(d, &c, x, FRAMES, y);
        float *want = offline(p, &a, x, FRAMES);
        assert_memory_equal(y, want, sizeof y);
        free(want);
        wn_live_free(d);
        amp_free(&a);
    }
}

/* ---- changes while it plays ---------------------------------------------------------------------------------------- */

/* The dry signal at its own level and as late as the model's, a straight line between them, and a model that heard
 * everything. */
static void test_bypass(void **state)
{
    (void)state;
    enum { ON = 1000, OFF = 2500 };
    static float x[FRAMES], wet[FRAMES], y[FRAMES];
    const pair some[] = {{48000, 48000}, {48000, 44100}, {44100, 48000}};
    for (uint64_t i = 0; i < 6; i++) {
        chance c = {i + 3};
        pair p = some[i % 3];
        amp a = amp_drawn(&c, p.model);
        int late = 0, fade = (int)lround(WN_EFFECT_FADE * p.line);
        fill(&c, x, FRAMES);
        for (int bypassed = 0; bypassed < 2; bypassed++) {
            wn_live *d = make(p.line);
            float *out = bypassed ? y : wet;
            wn_effect_unit *unit = amp_unit(&a, p.line);
            late = wn_effect_unit_get_latency(unit);
            assert_null(wn_live_send(d, unit));
            wn_live_set_gains(d, 3, -7);
            run_cut(d, &c, x, ON, out);
            wn_live_set_bypass(d, bypassed);
            run_cut(d, &c, x + ON, OFF - ON, out + ON);
            wn_live_set_bypass(d, false);
            run_cut(d, &c, x + OFF, FRAMES - OFF, out + OFF);
            wn_live_free(d);
        }
        assert_true(p.line == p.model ? late == 0 : late >= 48);
        assert_memory_equal(y, wet, ON * sizeof *y);
        assert_memory_equal(y + ON + fade, x + ON + fade - late, (size_t)(OFF - ON - fade) * sizeof *y);
        assert_memory_equal(y + OFF + fade, wet + OFF + fade, (size_t)(FRAMES - OFF - fade) * sizeof *y);
        for (int t = 0; t < fade; t++) {
            double part = (t + 1.0) / fade;
            double want = (1 - part) * (double)wet[ON + t] + part * (double)x[ON + t - late];
            assert_true(fabs((double)y[ON + t] - want) < 1e-5);
        }
        amp_free(&a);
    }
}

/* Everything at once, on a slow sine: no step is larger than the sine's own at the highest gain and the fades' slopes. */
static void test_no_click(void **state)
{
    (void)state;
    enum { LENGTH = 48000, FADE = 960, UNITS = 3 };
    static float x[LENGTH], y[LENGTH];
    const double level = 0.5, highest = 4 * 2 * 2; /* the models' gain, 6 dB before them, 6 dB behind them */
    for (int t = 0; t < LENGTH; t++) x[t] = (float)(level * sin(2 * PI * 50 * t / 48000));
    double bound = level * highest * (2 * PI * 50 / 48000) + 4 * level * (highest + 1) / FADE;
    for (uint64_t i = 0; i < 4; i++) {
        chance c = {i};
        double rate = i % 2 ? 44100 : 48000;
        amp a[2] = {amp_gain(4, rate), amp_gain(-0.3f, rate)};
        wn_effect_unit *units[UNITS] = {amp_unit(&a[0], 48000), amp_unit(&a[1], 48000), dry_unit(48000)}, *back;
        bool at_hand[UNITS] = {true, true, true};
        wn_live *d = make(48000);
        float before = 0;
        for (int t = 0, n, turn = 0; t < LENGTH; t += n, turn++) {
            n = LENGTH - t < 100 ? LENGTH - t : chance_int(&c, 1, 100);
            wn_effect_unit *retired = wn_live_take_retired(d);
            for (int k = 0; k < UNITS; k++) at_hand[k] |= retired == units[k];
            if (retired && retired != units[0] && retired != units[1] && retired != units[2])
                wn_effect_unit_free(retired);
            back = at_hand[turn % UNITS] ? wn_live_send(d, units[turn % UNITS]) : NULL;
            at_hand[turn % UNITS] = false;
            for (int k = 0; k < UNITS; k++) at_hand[k] |= back == units[k];
            if (chance_percent(&c, 5)) wn_live_set_bypass(d, chance_int(&c, 0, 1));
            if (chance_percent(&c, 5)) wn_live_set_gains(d, chance_int(&c, -60, 6), chance_int(&c, -60, 6));
            if (t > 40000) wn_live_fade_out(d);
            wn_live_run(d, x + t, y + t, n);
        }
        for (int t = 0; t < LENGTH; before = y[t++]) assert_true(fabs((double)y[t] - (double)before) < bound);
        for (int t = 41200; t < LENGTH; t++) assert_true(y[t] == 0);
        assert_int_equal(wn_live_get_stats(d).silent, 1);
        wn_live_free(d);
        for (int k = 0; k < UNITS; k++)
            if (at_hand[k]) wn_effect_unit_free(units[k]);
        amp_free(&a[0]);
        amp_free(&a[1]);
    }
}

/* ---- counts, and what cannot be played -------------------------------------------------------------------------------- */

static void test_counts(void **state)
{
    (void)state;
    static float x[FRAMES], y[FRAMES], clean[FRAMES];
    chance c = {9};
    wn_live *d = make(48000);
    wn_live_stats n = wn_live_get_stats(d);
    assert_true(n.frames == 0 && n.nonfinite_samples == 0 && n.clipped == 0 && n.peak_in == 0 && n.peak_out == 0 &&
                !n.silent);
    fill(&c, x, FRAMES);
    memcpy(clean, x, sizeof x);
    x[5] = NAN;
    x[6] = INFINITY;
    x[3000] = -INFINITY;
    x[7] = clean[7] = -3;
    x[8] = clean[8] = 1;
    x[9] = clean[9] = 2;
    clean[5] = clean[6] = clean[3000] = 0;
    run_cut(d, &c, x, FRAMES, y);
    assert_memory_equal(y, clean, sizeof y);
    n = wn_live_get_stats(d);
    assert_true(n.frames == FRAMES && n.nonfinite_samples == 3 && n.clipped == 2 && n.peak_in == 3 && n.peak_out == 3);
    wn_live_callback(d, &(wn_device_block){.frames = 100, .out = y});
    for (int t = 0; t < 100; t++) assert_true(y[t] == 0);
    n = wn_live_get_stats(d);
    assert_true(n.frames == FRAMES + 100 && n.peak_in == 0 && n.peak_out == 0 && n.dropped == 0);
    wn_live_free(d);
}

/* A model that overflows, gains that do, inputs that make filters overflow: always finite, and soon well again. */
static void test_overflow(void **state)
{
    (void)state;
    static float x[FRAMES], y[FRAMES];
    for (int i = 0; i < 5; i++) {
        chance c = {1};
        bool filters = i == 4; /* a square at full range, which overshoots */
        amp a = amp_gain(i % 2 ? 1e30f : 1, i < 2 ? 48000 : 44100);
        wn_live *d = make(48000);
        assert_null(wn_live_send(d, amp_unit(&a, 48000)));
        if (!filters) wn_live_set_gains(d, 1e9, i % 2 ? NAN : 400);
        for (int t = 0; t < FRAMES; t++) x[t] = t >= 2000 ? 0 : t / (filters ? 100 : 1) % 2 ? 3.4e38f : -3.4e38f;
        run_cut(d, &c, x, FRAMES, y);
        for (int t = 0; t < FRAMES; t++) assert_true(isfinite(y[t]));
        assert_true(fabsf(y[FRAMES - 1]) < 1e-20f);
        assert_true(wn_live_get_stats(d).nonfinite_samples > (filters ? 10 : 1000));
        wn_live_free(d);
        amp_free(&a);
    }
}

/* What a recorder gets is what went in and out, from its first call on, in order; what it is too late for is counted. */
static void test_recorder(void **state)
{
    (void)state;
    enum { RATE = 4000, KEPT = 10 * RATE, LENGTH = KEPT + 2000 };
    static float x[LENGTH], y[LENGTH], dry[LENGTH], wet[LENGTH];
    chance c = {2};
    amp a = amp_drawn(&c, 44100);
    wn_live *d = make(RATE);
    assert_null(wn_live_send(d, amp_unit(&a, RATE)));
    assert_int_equal(wn_live_monitor(d, dry, wet, 10), 0);
    fill(&c, x, LENGTH);
    int read = 0;
    for (int t = 0, n; t < 10000; t += n) {
        n = chance_int(&c, 1, 200);
        if (n > 10000 - t) n = 10000 - t;
        run_cut(d, &c, x + t, n, y + t);
        read += wn_live_monitor(d, dry + read, wet + read, chance_int(&c, 0, 250));
    }
    read += wn_live_monitor(d, dry + read, wet + read, LENGTH);
    assert_int_equal(read, 10000);
    assert_memory_equal(dry, x, 10000 * sizeof *x);
    assert_memory_equal(wet, y, 10000 * sizeof *y);
    assert_int_equal(wn_live_get_stats(d).dropped, 0);
    run_cut(d, &c, x, LENGTH, y);
    assert_int_equal(wn_live_get_stats(d).dropped, LENGTH - KEPT);
    assert_int_equal(wn_live_monitor(d, dry, wet, LENGTH), KEPT);
    assert_memory_equal(dry, x, KEPT * sizeof *x);
    assert_memory_equal(wet, y, KEPT * sizeof *y);
    wn_live_fade_out(d); /* 80 frames */
    for (int turn = 0; turn < 10; turn++) wn_live_run(d, x, y, 50);
    assert_int_equal(wn_live_monitor(d, dry, wet, LENGTH), 100);
    assert_memory_equal(dry, x, 50 * sizeof *x);
    assert_true(wet[79] == 0 && wet[50] != 0);
    assert_true(wn_live_get_stats(d).frames == 10000 + LENGTH + 100);
    wn_live_free(d);
    amp_free(&a);
}

static void test_refused(void **state)
{
    (void)state;
    const double wrong[] = {0, NAN, -48000, INFINITY, 3999, 768001};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        wn_live *d = (wn_live *)1;
        wn_error error = {0};
        assert_int_equal(wn_live_new(&d, wrong[i], &error), WN_ERROR_ARGUMENT);
        assert_true(!d && error.message[0]);
    }
    wn_live_free(NULL);
}

static void test_no_memory(void **state)
{
    (void)state;
    for (long i = 0;; i++) {
        wn_live *d = (wn_live *)1;
        fail_allocation(i);
        wn_status status = wn_live_new(&d, 44100, NULL);
        int failed = allocation_failed();
        fail_allocation(-1);
        if (!failed) {
            assert_int_equal(status, WN_OK);
            assert_true(i >= 8); /* the live, the effect with its unit, two of each ring */
            wn_live_free(d);
            return;
        }
        assert_int_equal(status, WN_ERROR_MEMORY);
        assert_null(d);
    }
}

/* ---- three threads -------------------------------------------------------------------------------------------------- */

typedef struct stage {
    wn_live *d;
    const float *x;
    atomic_bool over;
    bool finite;
    int64_t played, received;
    bool same;
} stage;

static void *play(void *argument)
{
    stage *s = argument;
    float y[LONGEST];
    s->finite = true;
    for (int t = 0; !atomic_load(&s->over); t = (t + LONGEST) % (FRAMES - LONGEST), s->played += LONGEST) {
        wn_live_run(s->d, s->x + t, y, LONGEST);
        for (int i = 0; i < LONGEST; i++) s->finite &= isfinite(y[i]) != 0;
        sched_yield();
    }
    return NULL;
}

static void *record(void *argument)
{
    stage *s = argument;
    float dry[100], wet[100];
    s->same = true;
    for (bool over = false; !over;) {
        over = atomic_load(&s->over);
        for (int n; (n = wn_live_monitor(s->d, dry, wet, 100)) > 0; s->received += n)
            for (int i = 0; i < n; i++) s->same &= fabsf(dry[i]) <= 1 && isfinite(wet[i]);
        sched_yield();
    }
    return NULL;
}

/* One plays, one commands, one records, at unequal rates; ThreadSanitizer watches. */
static void test_threads(void **state)
{
    (void)state;
    chance c = {11};
    amp a[2] = {amp_drawn(&c, 48000), amp_drawn(&c, 48000)};
    static float x[FRAMES];
    stage s = {.x = x, .d = make(44100)};
    fill(&c, x, FRAMES);
    pthread_t player, recorder;
    assert_int_equal(pthread_create(&player, NULL, play, &s), 0);
    assert_int_equal(pthread_create(&recorder, NULL, record, &s), 0);
    for (int round = 0; round < 60; round++) {
        wn_effect_unit *retired;
        assert_null(wn_live_send(s.d, round % 3 ? amp_unit(&a[round % 3 - 1], 44100) : dry_unit(44100)));
        wn_live_set_bypass(s.d, round % 5 == 0);
        wn_live_set_gains(s.d, round % 7 - 3, round % 4 - 2);
        while (!(retired = wn_live_take_retired(s.d))) sched_yield();
        wn_effect_unit_free(retired);
        assert_true(wn_live_get_stats(s.d).peak_in <= 1);
    }
    wn_live_fade_out(s.d);
    while (!wn_live_get_stats(s.d).silent) sched_yield();
    atomic_store(&s.over, true);
    assert_int_equal(pthread_join(player, NULL), 0);
    assert_int_equal(pthread_join(recorder, NULL), 0);
    assert_true(s.finite && s.same && s.received > 0);
    int64_t played = wn_live_get_stats(s.d).frames;
    assert_true(played > 0 && played <= s.played);
    wn_live_free(s.d);
    amp_free(&a[0]);
    amp_free(&a[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_rate), cmocka_unit_test(test_two_rates), cmocka_unit_test(test_bypass),
        cmocka_unit_test(test_no_click), cmocka_unit_test(test_counts),    cmocka_unit_test(test_overflow),
        cmocka_unit_test(test_recorder), cmocka_unit_test(test_refused),   cmocka_unit_test(test_no_memory),
        cmocka_unit_test(test_threads),
    };
    return cmocka_run_group_tests_name("duplex", tests, NULL, NULL);
}
