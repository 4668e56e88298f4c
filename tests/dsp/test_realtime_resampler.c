/* SPDX-License-Identifier: MIT
 * test_realtime_resampler.c - what comes out at another rate is the sine that mathematics says, on time, however it was cut.
 * Copyright (c) 2026 the wavenet authors */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/failing.h"
#include "dsp/realtime_resampler.h"

#define PI 3.14159265358979323846
#define FLOOR 4e-5 /* -88 dB: ripple of the pass band and what is left of the rest, of a full-scale sine */

typedef struct pair {
    double from, to;
} pair;

/* Few phases, many, more than a table holds, far apart, equal. */
static const pair pairs[] = {
    {16000, 48000}, {48000, 16000}, {44100, 48000}, {48000, 44100}, {48000, 96000}, {192000, 44100}, {48000, 44101},
    {44101, 48000}, {47999, 48000}, {768000, 4000}, {4000, 768000}, {4001, 767999}, {767999, 4001},  {48000, 48000},
};
enum { N_PAIRS = sizeof pairs / sizeof *pairs };

static wn_realtime_resampler *make(pair p)
{
    wn_realtime_resampler *c;
    assert_int_equal(wn_realtime_resampler_new(&c, p.from, p.to, NULL), WN_OK);
    return c;
}

static uint32_t next(uint32_t *state) { return *state = *state * 1664525u + 1013904223u, *state >> 8; }

static double lower(pair p) { return p.from < p.to ? p.from : p.to; }

/* All that comes out of in [frames], in memory of exactly the room that is promised; the caller frees it. */
static float *convert(pair p, const float *in, int frames, int *made)
{
    wn_realtime_resampler *c = make(p);
    float *out = calloc((size_t)wn_realtime_resampler_get_capacity(c, frames), sizeof *out);
    assert_non_null(out);
    *made = wn_realtime_resampler_run(c, in, frames, out);
    assert_int_equal(*made, (int)ceil(frames * p.to / p.from));
    wn_realtime_resampler_free(c);
    return out;
}

/* Largest difference from a sine of `gain` that comes `delay` late, once the filter is full. */
static double sine_error(pair p, double hz, double gain)
{
    wn_realtime_resampler *c = make(p);
    double delay = wn_realtime_resampler_get_delay(c), worst = 0;
    wn_realtime_resampler_free(c);
    int frames = (int)(p.from * (2 * delay + 200 / lower(p))) + 1, made;
    float *in = calloc((size_t)frames, sizeof *in);
    assert_non_null(in);
    for (int t = 0; t < frames; t++) in[t] = (float)sin(2 * PI * hz * t / p.from + 1);
    float *out = convert(p, in, frames, &made);
    for (int t = (int)ceil(2 * delay * p.to) + 1; t < made; t++)
        worst = fmax(worst, fabs((double)out[t] - gain * sin(2 * PI * hz * (t / p.to - delay) + 1)));
    assert_true(worst > 0);
    free(in);
    free(out);
    return worst;
}

/* Gain, delay, and the images: anything else that came out would be part of the difference. */
static void test_passes(void **state)
{
    (void)state;
    const double parts[] = {0, 0.001, 0.1, 0.31, 0.5, 0.73, 0.86};
    for (int i = 0; i < N_PAIRS; i++)
        for (size_t k = 0; k < sizeof parts / sizeof *parts; k++)
            assert_true(sine_error(pairs[i], parts[k] * lower(pairs[i]) / 2, 1) < FLOOR);
}

/* What the lower rate cannot carry is gone and does not come back as something else. */
static void test_stops(void **state)
{
    (void)state;
    for (int i = 0; i < N_PAIRS; i++)
        for (double part = 1.13; part * lower(pairs[i]) < 0.99 * pairs[i].from; part *= 1.37)
            assert_true(sine_error(pairs[i], part * lower(pairs[i]) / 2, 0) < FLOOR);
}

/* An impulse comes out around one place, alike on both sides of it: every frequency is late by the same. */
static void test_impulse(void **state)
{
    (void)state;
    for (int i = 0; i < N_PAIRS; i++) {
        pair p = pairs[i];
        wn_realtime_resampler *c = make(p);
        double delay = wn_realtime_resampler_get_delay(c);
        wn_realtime_resampler_free(c);
        double extra = delay * lower(p) - 24;
        assert_true(extra >= 0 && extra <= 4);
        if (p.to < p.from || fmod(p.to, p.from) != 0) continue; /* where the middle falls between two frames */
        int n = (int)lround(delay * p.from), many = (int)(p.to / p.from), middle = 2 * n * many, made;
        float *in = calloc((size_t)(4 * n), sizeof *in);
        assert_non_null(in);
        in[n] = 1;
        float *out = convert(p, in, 4 * n, &made);
        assert_float_equal(out[middle], 1, 1e-3);
        for (int t = 0; t < middle; t++) {
            assert_float_equal(out[middle - t], out[middle + t], 1e-6);
            assert_true(t < n * many || out[middle + t] == 0);
        }
        free(in);
        free(out);
    }
}

static void test_blocks(void **state)
{
    (void)state;
    enum { FRAMES = 6000, LONGEST = 300 };
    float in[FRAMES];
    uint32_t chance = 3;
    for (int t = 0; t < FRAMES; t++) in[t] = (float)(next(&chance) & 0xffff) / 32768 - 1;
    for (int i = 0; i < N_PAIRS; i++) {
        int whole, made = 0;
        float *want = convert(pairs[i], in, FRAMES, &whole);
        wn_realtime_resampler *c = make(pairs[i]);
        for (int t = 0, n; t < FRAMES; t += n) {
            n = (int)(next(&chance) % LONGEST);
            if (n > FRAMES - t) n = FRAMES - t;
            int room = wn_realtime_resampler_get_capacity(c, n);
            float *piece = malloc(((size_t)room + 1) * sizeof *piece);
            assert_non_null(piece);
            piece[room] = 77;
            int got = wn_realtime_resampler_run(c, in + t, n, piece);
            assert_true(got <= room && piece[room] == 77);
            assert_memory_equal(piece, want + made, (size_t)got * sizeof *piece);
            made += got;
            free(piece);
        }
        assert_int_equal(made, whole);
        wn_realtime_resampler_free(c);
        free(want);
    }
}

/* An hour, as frames and as time: the sine is still where it should be. */
static void test_hour(void **state)
{
    (void)state;
    enum { BLOCK = 400 };
    const pair p = {4000, 4001};
    float in[BLOCK], out[BLOCK + 2];
    wn_realtime_resampler *c = make(p);
    double delay = wn_realtime_resampler_get_delay(c), worst = 0;
    int64_t went = 0, made = 0;
    for (int block = 0; block < 36000; block++) {
        int near = block < 2 || block > 35997; /* the sine of so many others is of no interest */
        for (int t = 0; near && t < BLOCK; t++) in[t] = (float)sin(2 * PI * fmod(440 * (double)(went + t) / p.from, 1));
        int got = wn_realtime_resampler_run(c, in, BLOCK, out);
        for (int t = 0; block == 35999 && t < got; t++)
            worst = fmax(worst, fabs((double)out[t] - sin(2 * PI * 440 * ((double)(made + t) / p.to - delay))));
        went += BLOCK;
        made += got;
        assert_int_equal(made, (went * 4001 + 3999) / 4000);
    }
    assert_int_equal(made, (int64_t)4001 * 3600);
    assert_true(worst > 0 && worst < FLOOR);
    wn_realtime_resampler_free(c);
}

static void test_refused(void **state)
{
    (void)state;
    const double wrong[] = {0, -48000, 3999, 768001, 44100.5, NAN, INFINITY, -INFINITY, 1e300, 5e-324};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        wn_realtime_resampler *c = (wn_realtime_resampler *)1;
        wn_error error = {0};
        assert_int_equal(wn_realtime_resampler_new(&c, wrong[i], 48000, &error), WN_ERROR_UNSUPPORTED);
        assert_null(c);
        assert_non_null(strstr(error.message, "768000"));
        c = (wn_realtime_resampler *)1;
        assert_int_equal(wn_realtime_resampler_new(&c, 48000, wrong[i], NULL), WN_ERROR_UNSUPPORTED);
        assert_null(c);
    }
    wn_realtime_resampler_free(NULL);
}

static void test_no_memory(void **state)
{
    (void)state;
    for (long i = 0;; i++) {
        wn_realtime_resampler *c = (wn_realtime_resampler *)1;
        fail_allocation(i);
        wn_status status = wn_realtime_resampler_new(&c, 44100, 48000, NULL);
        int failed = allocation_failed();
        fail_allocation(-1);
        if (!failed) {
            assert_int_equal(status, WN_OK);
            assert_true(i >= 3);
            wn_realtime_resampler_free(c);
            return;
        }
        assert_int_equal(status, WN_ERROR_MEMORY);
        assert_null(c);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_passes),    cmocka_unit_test(test_stops), cmocka_unit_test(test_impulse),
        cmocka_unit_test(test_blocks),    cmocka_unit_test(test_hour),  cmocka_unit_test(test_refused),
        cmocka_unit_test(test_no_memory),
    };
    return cmocka_run_group_tests_name("converter", tests, NULL, NULL);
}
