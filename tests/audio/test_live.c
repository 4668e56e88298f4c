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
#include "wavenet/audio.h"

#define PI 3.14159265358979323846
enum { FRAMES = 4000, LONGEST = 64 };

/* ---- models and signals ------------------------------------------------------------------------------------------ */

typedef struct amp {
    wn_model *model;
    wn_plan *plan;
    wn_stream *stream, *alone; /* the one given away, and its twin that nobody switches; both settled */
} amp;

static wn_stream *prewarmed(const wn_plan *plan)
{
    wn_stream *stream;
    assert_int_equal(wn_stream_new(&stream, plan, NULL), WN_OK);
    wn_stream_prewarm(stream);
    return stream;
}

static amp amp_of(wn_model *model)
{
    amp a = {.model = model};
    assert_int_equal(wn_plan_new(&a.plan, a.model, &(wn_plan_config){.max_frames = LONGEST}, NULL), WN_OK);
    a.stream = prewarmed(a.plan);
    a.alone = prewarmed(a.plan);
    return a;
}

static amp amp_drawn(chance *c) { return amp_of(drawn_mono(c)); }

/* Nothing but a gain. */
static amp amp_gain(float gain)
{
    chance c = {1};
    wn_model *m = drawn_bare(&c);
    m->stacks[0].rechannel.weight[0] = gain;
    drawn_finish(m);
    return amp_of(m);
}

static void amp_free(amp *a)
{
    wn_stream_free(a->stream);
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

static wn_live *make(wn_live_config config)
{
    wn_live *d;
    assert_int_equal(wn_live_new(&d, &config, NULL), WN_OK);
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
        amp a = amp_drawn(&c);
        double in_db = seed % 3 ? 0 : 7.5, out_db = seed % 2 ? 0 : -3.25;
        wn_live *d = make((wn_live_config){.rate = 48000, .device_rate = seed % 2 ? 0 : 48000, .max_frames = LONGEST});
        assert_int_equal(wn_live_get_block_frames(d), LONGEST);
        assert_true(wn_live_get_latency(d) == 0);
        wn_live_set_gains(d, in_db, out_db);
        assert_int_equal(wn_live_set_stream(d, a.stream), 1);
        wn_live_prewarm(d);
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
        amp a = amp_drawn(&c);
        wn_live *d = make((wn_live_config){.rate = p.model, .device_rate = p.line, .max_frames = LONGEST});
        assert_int_equal(wn_live_get_block_frames(d), (int)ceil(LONGEST * p.model / p.line));
        assert_int_equal(wn_live_set_stream(d, a.stream), 1);
        wn_live_prewarm(d);
        fill(&c, x, FRAMES);
        run_cut(d, &c, x, FRAMES, y);
        float *want = offline(p, &a, x, FRAMES);
        assert_memory_equal(y, want, sizeof y);
        free(want);
        wn_live_free(d);
        amp_free(&a);
    }
}

/* A sine is as late as is said, to a part of a sample. */
static void test_latency(void **state)
{
    (void)state;
    static float x[FRAMES], y[FRAMES];
    chance c = {5};
    for (int i = 0; i < N_PAIRS; i++) {
        pair p = pairs[i];
        double hz = 0.11 * fmin(p.line, p.model), per_second = 2 * PI * hz;
        wn_live *d = make((wn_live_config){.rate = p.model, .device_rate = p.line, .max_frames = LONGEST});
        double late = wn_live_get_latency(d), lower = fmin(p.line, p.model);
        assert_true(late >= 47.999 / lower && late <= 48.001 / lower + 4 / fmax(p.line, p.model));
        for (int t = 0; t < FRAMES; t++) x[t] = (float)sin(per_second * t / p.line);
        run_cut(d, &c, x, FRAMES, y);
        for (int t = (int)(2.1 * late * p.line); t < FRAMES; t++)
            assert_true(fabs((double)y[t] - sin(per_second * (t / p.line - late))) < 1e-4);
        wn_live_free(d);
    }
}

/* ---- changes while it plays ---------------------------------------------------------------------------------------- */

/* The dry signal at its own level, a straight line between it and the model's, and a model that heard everything. */
static void test_bypass(void **state)
{
    (void)state;
    enum { FADE = 100 };
    static float x[FRAMES], wet[FRAMES], dry[FRAMES], y[FRAMES];
    const pair some[] = {{48000, 48000}, {48000, 44100}, {44100, 48000}};
    for (uint64_t i = 0; i < 6; i++) {
        chance c = {i + 3};
        pair p = some[i % 3];
        amp a = amp_drawn(&c);
        wn_live_config config = {.rate = p.model, .device_rate = p.line, .max_frames = LONGEST, .fade = FADE / p.model};
        fill(&c, x, FRAMES);
        for (int which = 0; which < 3; which++) {
            wn_live *d = make(config);
            float *out = which == 0 ? wet : which == 1 ? dry : y;
            wn_stream *own = prewarmed(a.plan);
            if (which != 1) wn_live_set_stream(d, own);
            if (which != 1) wn_live_set_gains(d, 3, -7);
            wn_live_prewarm(d);
            run_cut(d, &c, x, 1000, out);
            wn_live_set_bypass(d, which == 2);
            run_cut(d, &c, x + 1000, 1500, out + 1000);
            wn_live_set_bypass(d, 0);
            run_cut(d, &c, x + 2500, FRAMES - 2500, out + 2500);
            wn_live_free(d);
            wn_stream_free(own);
        }
        int late = p.line == p.model ? 0 : 2 * 56; /* both filters are through */
        assert_memory_equal(y, wet, 1000 * sizeof *y);
        assert_memory_equal(y + 1000 + 2 * FADE + late, dry + 1000 + 2 * FADE + late,
                            (size_t)(1500 - 2 * FADE - late) * sizeof *y);
        assert_memory_equal(y + 2500 + 2 * FADE + late, wet + 2500 + 2 * FADE + late,
                            (size_t)(1500 - 2 * FADE - late) * sizeof *y);
        assert_memory_not_equal(y + 1500, wet + 1500, 500 * sizeof *y);
        for (int t = 0; t < FADE && !late; t++) {
            double part = (t + 1.0) / FADE;
            double want = (1 - part) * (double)wet[1000 + t] + part * (double)dry[1000 + t];
            assert_true(fabs((double)y[1000 + t] - want) < 1e-5);
        }
        amp_free(&a);
    }
}

/* Everything at once, on a slow sine: no step is larger than the sine's own at the highest gain and the fades' slopes. */
static void test_no_click(void **state)
{
    (void)state;
    enum { LENGTH = 48000, FADE = 480 };
    static float x[LENGTH], y[LENGTH];
    const double level = 0.5, highest = 4 * 2 * 2; /* the models' gain, 6 dB before them, 6 dB behind them */
    for (int t = 0; t < LENGTH; t++) x[t] = (float)(level * sin(2 * PI * 50 * t / 48000));
    double bound = level * highest * (2 * PI * 50 / 48000) + 4 * level * (highest + 1) / FADE;
    for (uint64_t i = 0; i < 4; i++) {
        chance c = {i};
        amp a[2] = {amp_gain(4), amp_gain(-0.3f)};
        wn_live *d =
            make((wn_live_config){.rate = i % 2 ? 44100 : 48000, .device_rate = 48000, .fade = FADE / 48000.0});
        float before = 0;
        for (int t = 0, n, turn = 0; t < LENGTH; t += n, turn++) {
            wn_stream *gone;
            n = LENGTH - t < 100 ? LENGTH - t : chance_int(&c, 1, 100);
            wn_live_take_retired(d, &gone);
            wn_live_set_stream(d, turn % 3 == 2 ? NULL : a[turn % 3].stream);
            if (chance_percent(&c, 5)) wn_live_set_bypass(d, chance_int(&c, 0, 1));
            if (chance_percent(&c, 5)) wn_live_set_gains(d, chance_int(&c, -60, 6), chance_int(&c, -60, 6));
            if (t > 40000) wn_live_fade_out(d);
            wn_live_run(d, x + t, y + t, n);
        }
        for (int t = 0; t < LENGTH; before = y[t++]) assert_true(fabs((double)y[t] - (double)before) < bound);
        for (int t = 41000; t < LENGTH; t++) assert_true(y[t] == 0);
        assert_int_equal(wn_live_get_stats(d).silent, 1);
        wn_live_free(d);
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
    wn_live *d = make((wn_live_config){.rate = 48000, .max_frames = LONGEST});
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
        amp a = amp_gain(i % 2 ? 1e30f : 1);
        wn_live *d = make((wn_live_config){.rate = i < 2 ? 48000 : 44100, .device_rate = 48000, .max_frames = LONGEST});
        wn_live_set_stream(d, a.stream);
        if (!filters) wn_live_set_gains(d, 1e9, i % 2 ? NAN : 400);
        wn_live_prewarm(d);
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
    amp a = amp_drawn(&c);
    wn_live *d = make((wn_live_config){.rate = 44100, .device_rate = RATE, .max_frames = LONGEST});
    wn_live_set_stream(d, a.stream);
    assert_int_equal(wn_live_monitor(d, dry, wet, 10), 0);
    wn_live_prewarm(d);
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
    const wn_live_config wrong[] = {
        {.rate = 0},
        {.rate = NAN},
        {.rate = -48000},
        {.rate = INFINITY},
        {.rate = 48000, .device_rate = -1},
        {.rate = 48000, .device_rate = 44100.5},
        {.rate = 48000, .device_rate = 1000},
        {.rate = 48000, .max_frames = -1},
        {.rate = 48000, .max_frames = 65537},
        {.rate = 48000, .fade = -1},
        {.rate = 48000, .fade = NAN},
        {.rate = 48000, .fade = 11},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        wn_live *d = (wn_live *)1;
        wn_error error = {0};
        assert_int_not_equal(wn_live_new(&d, &wrong[i], &error), WN_OK);
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
        wn_status status = wn_live_new(&d, &(wn_live_config){.rate = 44100, .device_rate = 48000}, NULL);
        int failed = allocation_failed();
        fail_allocation(-1);
        if (!failed) {
            assert_int_equal(status, WN_OK);
            assert_true(i >=
                        14); /* the duplex and its buffers, three of each converter, two of the switch and each ring */
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
    amp a[2] = {amp_drawn(&c), amp_drawn(&c)};
    static float x[FRAMES];
    stage s = {.x = x};
    fill(&c, x, FRAMES);
    s.d = make((wn_live_config){.rate = 48000, .device_rate = 44100, .max_frames = LONGEST, .fade = 0.005});
    pthread_t player, recorder;
    assert_int_equal(pthread_create(&player, NULL, play, &s), 0);
    assert_int_equal(pthread_create(&recorder, NULL, record, &s), 0);
    for (int round = 0; round < 60; round++) {
        wn_stream *gone;
        while (!wn_live_set_stream(s.d, round % 3 ? a[round % 3 - 1].stream : NULL)) sched_yield();
        wn_live_set_bypass(s.d, round % 5 == 0);
        wn_live_set_gains(s.d, round % 7 - 3, round % 4 - 2);
        while (!wn_live_take_retired(s.d, &gone)) sched_yield();
        if (gone) wn_stream_prewarm(gone);
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
        cmocka_unit_test(test_one_rate),  cmocka_unit_test(test_two_rates), cmocka_unit_test(test_latency),
        cmocka_unit_test(test_bypass),    cmocka_unit_test(test_no_click),  cmocka_unit_test(test_counts),
        cmocka_unit_test(test_overflow),  cmocka_unit_test(test_recorder),  cmocka_unit_test(test_refused),
        cmocka_unit_test(test_no_memory), cmocka_unit_test(test_threads),
    };
    return cmocka_run_group_tests_name("duplex", tests, NULL, NULL);
}
