/* SPDX-License-Identifier: MIT
 * test_effect.c - effects whose models change while they play, against processors run by hand.
 * Copyright (c) 2026 the wavenet authors */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/failing.h"
#include "engine/drawn.h"
#include "wavenet/wavenet.h"

enum { RATE = 48000, FADE = 960, FRAMES = 6000, TURNS = 5 };

static const wn_effect_unit_config at_rate = {.rate = RATE};

static wn_model *draw_mono(uint64_t seed, double rate)
{
    chance c = {seed};
    wn_model *m = drawn_mono(&c);
    m->sample_rate = rate;
    return m;
}

static wn_effect_unit *make_unit(uint64_t seed, double rate)
{
    wn_effect_unit *unit;
    wn_model *m = draw_mono(seed, rate);
    assert_int_equal(wn_effect_unit_new(&unit, &m, 1, &at_rate, NULL), WN_OK);
    return unit;
}

static float *draw_sound(uint64_t seed)
{
    chance c = {seed};
    float *x = malloc(FRAMES * sizeof *x);
    assert_non_null(x);
    for (int t = 0; t < FRAMES; t++) x[t] = (float)(chance_uniform(&c) - 0.5);
    return x;
}

/* What a prewarmed processor makes of x [FRAMES]; to be freed. */
static float *process(uint64_t seed, double rate, const float *x)
{
    wn_processor *p;
    wn_model *m = draw_mono(seed, rate);
    float *y = malloc(FRAMES * sizeof *y);
    assert_non_null(y);
    assert_int_equal(wn_processor_new(&p, (const wn_model *const[]){m}, 1, &(wn_processor_config){.rate = RATE}, NULL),
                     WN_OK);
    wn_processor_prewarm(p);
    wn_processor_run(p, FRAMES, x, y);
    wn_processor_free(p);
    wn_model_free(m);
    return y;
}

static wn_effect_crossfade *make_effect(wn_effect_unit *first)
{
    wn_effect_crossfade *e;
    assert_int_equal(wn_effect_crossfade_new(&e, RATE, NULL), WN_OK);
    if (first) assert_null(wn_effect_crossfade_send(e, first));
    return e;
}

/* Frames from .. to of x in odd blocks, some empty, some longer than a part, in place. Returns how many were not finite. */
static int run_blocks(wn_effect_crossfade *e, const wn_effect_settings *s, const float *x, float *y, int from, int to)
{
    static const int blocks[] = {1, 0, 63, 1500, 7, 64, 2, 331};
    memcpy(y + from, x + from, (size_t)(to - from) * sizeof *y);
    int nonfinite = 0;
    for (int t = from, i = 0, n; t < to; t += n, i++) {
        n = blocks[i % 8] < to - t ? blocks[i % 8] : to - t;
        nonfinite += wn_effect_crossfade_run(e, s, n, y + t, y + t);
    }
    return nonfinite;
}

static void passes_without_models(void **state)
{
    (void)state;
    float *x = draw_sound(1), y[FRAMES];
    wn_effect_crossfade *e = make_effect(NULL);
    x[7] = NAN;
    x[1300] = -INFINITY;
    assert_int_equal(run_blocks(e, &(wn_effect_settings){0}, x, y, 0, FRAMES), 2);
    x[7] = x[1300] = 0;
    assert_memory_equal(y, x, sizeof y);
    assert_int_equal(wn_effect_unit_get_latency(wn_effect_crossfade_get_unit(e)), 0);
    wn_effect_crossfade_free(e);
    free(x);
}

/* At the models' rate and at another one. */
static void plays_as_a_processor(void **state)
{
    (void)state;
    for (int turn = 0; turn < TURNS; turn++) {
        double rate = turn % 2 ? 44100 : RATE;
        float *x = draw_sound(2), *want = process((uint64_t)turn, rate, x), y[FRAMES];
        wn_effect_crossfade *e = make_effect(make_unit((uint64_t)turn, rate));
        run_blocks(e, &(wn_effect_settings){0}, x, y, 0, FRAMES);
        assert_memory_equal(y, want, sizeof y);
        wn_effect_unit_free(wn_effect_crossfade_take_retired(e));
        wn_effect_crossfade_free(e);
        free(want);
        free(x);
    }
}

/* From one unit to the next along a straight line, of any two rates. */
static void crossfades(void **state)
{
    (void)state;
    enum { CHANGE = 2000 };
    const double rates[] = {RATE, 44100};
    float *x = draw_sound(3), *first = process(4, rates[0], x), *late = draw_sound(3), y[FRAMES];
    wn_effect_crossfade *e = make_effect(make_unit(4, rates[0]));
    run_blocks(e, &(wn_effect_settings){0}, x, y, 0, CHANGE);
    wn_effect_unit_free(wn_effect_crossfade_take_retired(e));
    assert_null(wn_effect_crossfade_send(e, make_unit(5, rates[1])));
    run_blocks(e, &(wn_effect_settings){0}, x, y, CHANGE, FRAMES);
    /* the second unit heard nothing before the change */
    memset(late, 0, FRAMES * sizeof *late);
    memcpy(late, x + CHANGE, (FRAMES - CHANGE) * sizeof *late);
    float *second = process(5, rates[1], late);
    assert_memory_equal(y, first, CHANGE * sizeof *y);
    for (int t = CHANGE; t < CHANGE + FADE; t++) {
        double share = (t - CHANGE + 1.0) / FADE, want = (1 - share) * first[t] + share * second[t - CHANGE];
        assert_true(fabs(y[t] - want) <= 1e-6 * (1 + fabs(first[t]) + fabs(second[t - CHANGE])));
    }
    assert_memory_equal(y + CHANGE + FADE, second + FADE, (FRAMES - CHANGE - FADE) * sizeof *y);
    assert_true(wn_effect_crossfade_has_retired(e));
    wn_effect_crossfade_free(e);
    free(second);
    free(first);
    free(late);
    free(x);
}

/* Units sent too early wait; one that is replaced unheard comes back. */
static void queues_one_unit(void **state)
{
    (void)state;
    float *x = draw_sound(6), y[FRAMES];
    const wn_effect_settings settings = {0};
    wn_effect_crossfade *e = make_effect(NULL);
    wn_effect_unit *units[4];
    for (int i = 0; i < 4; i++) units[i] = make_unit((uint64_t)i, RATE);
    run_blocks(e, &settings, x, y, 0, 100);
    assert_null(wn_effect_crossfade_send(e, units[0]));
    run_blocks(e, &settings, x, y, 100, 200);
    assert_ptr_equal(wn_effect_crossfade_get_unit(e), units[0]);
    assert_null(wn_effect_crossfade_send(e, units[1]));
    run_blocks(e, &settings, x, y, 200, 200 + 2 * FADE);
    assert_ptr_equal(wn_effect_crossfade_get_unit(e), units[0]); /* nobody took the retired one */
    assert_ptr_equal(wn_effect_crossfade_send(e, units[2]), units[1]);
    wn_effect_unit_free(units[1]);
    wn_effect_unit_free(wn_effect_crossfade_take_retired(e));
    assert_null(wn_effect_crossfade_take_retired(e));
    run_blocks(e, &settings, x, y, 200 + 2 * FADE, 300 + 2 * FADE);
    assert_ptr_equal(wn_effect_crossfade_get_unit(e), units[2]);
    wn_effect_crossfade_reset(e); /* in the middle of the fade */
    assert_ptr_equal(wn_effect_crossfade_take_retired(e), units[0]);
    wn_effect_unit_free(units[0]);
    assert_null(wn_effect_crossfade_send(e, units[3]));
    float *want = process(3, RATE, x);
    run_blocks(e, &settings, x, y, 0, FRAMES);
    assert_memory_equal(y, want, sizeof y);
    wn_effect_crossfade_free(e);
    free(want);
    free(x);
}

/* Gains and levels by the file are factors; what the file does not state changes nothing. */
static void follows_gains_and_levels(void **state)
{
    (void)state;
    float *x = draw_sound(7), *driven = draw_sound(7), y[FRAMES];
    for (int known = 0; known < 2; known++) {
        wn_effect_unit *unit;
        wn_model *m = draw_mono(8, RATE);
        m->loudness = known ? -24 : NAN;
        m->input_level_dbu = known ? 12 : NAN;
        assert_int_equal(wn_effect_unit_new(&unit, &m, 1, &at_rate, NULL), WN_OK);
        wn_effect_crossfade *e = make_effect(unit);
        const wn_effect_settings s = {.in_db = 6, .out_db = -3, .levels = {true, true, 15}};
        float in = (float)pow(10, 0.3), out = (float)pow(10, -0.15);
        float calibration = known ? (float)pow(10, 0.15) : 1, normal = known ? (float)pow(10, 0.3) : 1;
        for (int t = 0; t < FRAMES; t++) driven[t] = x[t] * in * calibration;
        float *want = process(8, RATE, driven);
        run_blocks(e, &s, x, y, 0, FRAMES);
        for (int t = 0; t < FRAMES; t++) assert_true(y[t] == want[t] * normal * out);
        wn_effect_crossfade_free(e);
        free(want);
    }
    free(driven);
    free(x);
}

/* Gains of a unit's own fade with it, and multiply those that the file decides. A unit in short passes is the same. */
static void has_gains_of_its_own(void **state)
{
    (void)state;
    float *x = draw_sound(7), *driven = draw_sound(7), y[FRAMES];
    wn_effect_unit *unit;
    wn_model *m = draw_mono(8, RATE);
    m->loudness = -24;
    const wn_effect_unit_config config = {.rate = RATE, .in_db = 4, .out_db = -11, .max_frames = 64};
    assert_int_equal(wn_effect_unit_new(&unit, &m, 1, &config, NULL), WN_OK);
    wn_effect_crossfade *e = make_effect(unit);
    float in = (float)pow(10, 0.2), out = (float)pow(10, -0.55) * (float)pow(10, 0.3);
    for (int t = 0; t < FRAMES; t++) driven[t] = x[t] * in;
    float *want = process(8, RATE, driven);
    run_blocks(e, &(wn_effect_settings){.levels = {.normalizes = true}}, x, y, 0, FRAMES);
    for (int t = 0; t < FRAMES; t++) assert_true(y[t] == want[t] * out);
    wn_effect_crossfade_free(e);
    free(want);
    free(driven);
    free(x);
}

/* The dry sound is as late as the model's, and the way there is a straight line. */
static void bypasses(void **state)
{
    (void)state;
    enum { CHANGE = 1000 };
    for (int turn = 0; turn < 2; turn++) {
        double rate = turn ? 32000 : RATE;
        float *x = draw_sound(9), *wet = process(10, rate, x), y[FRAMES];
        wn_effect_crossfade *e = make_effect(make_unit(10, rate));
        run_blocks(e, &(wn_effect_settings){0}, x, y, 0, CHANGE);
        int latency = wn_effect_unit_get_latency(wn_effect_crossfade_get_unit(e));
        assert_true(turn ? latency > 48 && latency < 200 : latency == 0);
        run_blocks(e, &(wn_effect_settings){.bypassed = true, .in_db = 20}, x, y, CHANGE, FRAMES);
        assert_memory_equal(y, wet, CHANGE * sizeof *y);
        assert_memory_equal(y + CHANGE + FADE, x + CHANGE + FADE - latency, (FRAMES - CHANGE - FADE) * sizeof *y);
        wn_effect_crossfade_free(e);
        free(wet);
        free(x);
    }
}

static void refuses_other_models(void **state)
{
    (void)state;
    chance c = {11};
    wn_effect_unit *unit;
    wn_error error = {0};
    wn_model *autoregressive = drawn_model(&c, &(drawn_request){.autoregressive = true});
    assert_int_equal(wn_effect_unit_new(&unit, &autoregressive, 1, &at_rate, &error), WN_ERROR_UNSUPPORTED);
    assert_null(unit);
    assert_true(strstr(error.message, "sound into sound") != NULL);
    wn_model *two_rates[] = {draw_mono(1, RATE), draw_mono(2, 44100)};
    assert_int_equal(wn_effect_unit_new(&unit, two_rates, 2, &at_rate, &error), WN_ERROR_UNSUPPORTED);
    wn_model *m = draw_mono(1, RATE);
    assert_int_equal(wn_effect_unit_new(&unit, &m, 1, &(wn_effect_unit_config){.rate = 44100.5}, &error),
                     WN_ERROR_UNSUPPORTED);
    assert_null(unit);
    const wn_effect_unit_config wrong[] = {{.rate = RATE, .max_frames = WN_EFFECT_BLOCK + 1},
                                           {.rate = RATE, .max_frames = -1},
                                           {.rate = RATE, .in_db = NAN},
                                           {.rate = RATE, .out_db = 401}};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        m = draw_mono(1, RATE);
        assert_int_equal(wn_effect_unit_new(&unit, &m, 1, &wrong[i], &error), WN_ERROR_ARGUMENT);
        assert_null(unit);
    }
}

/* A model that names no rate is one of 48000 Hz, as in wavenet process. */
static void assumes_a_rate(void **state)
{
    (void)state;
    wn_effect_unit *unit;
    wn_model *m = draw_mono(1, 0);
    assert_int_equal(wn_effect_unit_new(&unit, &m, 1, &(wn_effect_unit_config){.rate = 44100}, NULL), WN_OK);
    assert_true(wn_effect_unit_get_latency(unit) > 40);
    wn_effect_unit_free(unit);
}

static void survives_failing_allocations(void **state)
{
    (void)state;
    int refused = 0;
    for (long n = 0, more = 1; more; n++) {
        wn_effect_crossfade *e = NULL;
        wn_effect_unit *unit = NULL;
        static const float taps[5000] = {1};
        wn_model *models[] = {draw_mono(12, 44100), NULL}; /* and a convolution that is partly computed in partitions */
        assert_int_equal(wn_model_from_impulse_response(&models[1], taps, 5000, 44100, NULL), WN_OK);
        fail_allocation(n);
        wn_status status = wn_effect_unit_new(&unit, models, 2, &at_rate, NULL);
        if (!status) status = wn_effect_crossfade_new(&e, RATE, NULL);
        more = allocation_failed();
        fail_allocation(-1);
        assert_int_equal(status, more ? WN_ERROR_MEMORY : WN_OK);
        refused += status != WN_OK;
        wn_effect_unit_free(unit);
        wn_effect_crossfade_free(e);
    }
    assert_true(refused > 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(passes_without_models),
        cmocka_unit_test(plays_as_a_processor),
        cmocka_unit_test(crossfades),
        cmocka_unit_test(queues_one_unit),
        cmocka_unit_test(follows_gains_and_levels),
        cmocka_unit_test(has_gains_of_its_own),
        cmocka_unit_test(bypasses),
        cmocka_unit_test(refuses_other_models),
        cmocka_unit_test(assumes_a_rate),
        cmocka_unit_test(survives_failing_allocations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
