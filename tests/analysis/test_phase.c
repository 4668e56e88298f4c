/* SPDX-License-Identifier: MIT
 * test_phase.c - the measured phases of tones whose phases are known: exact, detuned, wavering, noisy, stretched, one
 * after another.
 * Copyright (c) 2026 the wavenet authors */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "analysis/phase.h"

#define TURN 6.283185307179586
#define RATE 16000
#define FRAMES 24000 /* 1.5 s */

/* A recording under construction: what it sounds like, what its phase is, what it is said to be. */
typedef struct tone {
    float pcm[FRAMES];
    double phase[FRAMES]; /* true, cycles */
    double f0[FRAMES];    /* nominal, Hz */
    double measured[FRAMES];
    uint32_t random;
} tone;

static double noise(tone *t) /* uniform, -1 .. 1 */
{
    t->random = t->random * 1664525u + 1013904223u;
    return (double)(t->random >> 8) / (1 << 23) - 1.0;
}

static tone *tone_new(void)
{
    tone *t = calloc(1, sizeof *t);
    assert_non_null(t);
    for (int i = 0; i < FRAMES; i++) t->f0[i] = 440.0;
    return t;
}

/* A tone from `from` to `to` with four partials: nominal pitch f0, sounding f0 * ratio, wavering by `cents` at 5 Hz. */
static void play(tone *t, int from, int to, double f0, double ratio, double cents, double start)
{
    double phase = start;
    for (int i = from; i < to; i++) {
        double fade = fmin(1.0, fmin((i - from) / 160.0, (to - i) / 160.0));
        t->f0[i] = f0;
        t->phase[i] = phase;
        for (int h = 1; h <= 4; h++)
            if (h * f0 < 0.45 * RATE)
                t->pcm[i] += (float)(0.2 * fade / h * sin(TURN * h * phase + (h > 1 ? h * 0.7 : 0)));
        phase += f0 * ratio * exp2(cents / 1200 * sin(TURN * 5.0 * i / RATE)) / RATE;
    }
}

static int harmonics[] = {1, 2, 3, 4, 9};
enum { HARMONICS = 5 };
static double phase_offsets[] = {0, 0.1, -0.2, 0.3, 0.25};
static const wn_harmonic_source harmonic_source = {
    .n = HARMONICS, .harmonics = harmonics, .phase_offsets = phase_offsets, .limit = 0.45};

static double apart(double a, double b)
{
    double d = a - b;
    return fabs(d - floor(d + 0.5));
}

static wn_status measure_some(double *phase, const float *pcm, int frames, double rate, const double *f0,
                              wn_error *error)
{
    wn_partials p;
    wn_status status = wn_partials_measure(&p, &harmonic_source, true, pcm, frames, rate, f0, error);
    if (!status && frames) memcpy(phase, p.fundamental, (size_t)frames * sizeof *phase);
    wn_partials_free(&p);
    return status;
}

/* Largest distance from the truth in from .. to, cycles. */
static double worst(tone *t, int from, int to)
{
    double most = 0;
    assert_int_equal(measure_some(t->measured, t->pcm, FRAMES, RATE, t->f0, NULL), WN_OK);
    for (int i = from; i < to; i++) {
        assert_true(t->measured[i] >= 0.0 && t->measured[i] < 1.0);
        most = fmax(most, apart(t->measured[i], t->phase[i]));
    }
    return most;
}

static const double PITCHES[] = {65.406, 130.81, 440.0, 1046.5, 2093.0};

static void exact_tones(void **state)
{
    for (size_t i = 0; i < sizeof PITCHES / sizeof *PITCHES; i++) {
        tone *t = tone_new();
        play(t, 0, FRAMES, PITCHES[i], 1.0, 0.0, 0.37);
        assert_true(worst(t, 1600, FRAMES - 1600) < 2e-3);
        free(t);
    }
}

static void detuned_tones(void **state)
{
    for (size_t i = 0; i < sizeof PITCHES / sizeof *PITCHES; i++)
        for (int cents = -40; cents <= 40; cents += 80) {
            tone *t = tone_new();
            play(t, 0, FRAMES, PITCHES[i], exp2(cents / 1200.0), 0.0, 0.81);
            assert_true(worst(t, 1600, FRAMES - 1600) < 0.02);
            free(t);
        }
}

static void wavering_tones(void **state)
{
    for (size_t i = 1; i < sizeof PITCHES / sizeof *PITCHES; i++) {
        tone *t = tone_new();
        play(t, 0, FRAMES, PITCHES[i], 1.0, 30.0, 0.1);
        assert_true(worst(t, 1600, FRAMES - 1600) < 0.03);
        free(t);
    }
}

static void noisy_tones(void **state)
{
    for (size_t i = 0; i < sizeof PITCHES / sizeof *PITCHES; i++) {
        tone *t = tone_new();
        play(t, 0, FRAMES, PITCHES[i], 1.0, 0.0, 0.5);
        for (int j = 0; j < FRAMES; j++) t->pcm[j] += (float)(0.05 * noise(t));
        assert_true(worst(t, 1600, FRAMES - 1600) < 0.05);
        free(t);
    }
}

/* A tone 130 cents away is not the note that was named: the nominal pitch runs on undisturbed. */
static void wrong_tones(void **state)
{
    tone *t = tone_new();
    play(t, 0, FRAMES, 110.0, exp2(130 / 1200.0), 0.0, 0.0);
    assert_int_equal(measure_some(t->measured, t->pcm, FRAMES, RATE, t->f0, NULL), WN_OK);
    double turned = 0;
    for (int i = 4001; i < 16000; i++) {
        double step = t->measured[i] - t->measured[i - 1];
        turned += step - floor(step + 0.5);
    }
    assert_true(fabs(turned - 110.0 * 11999 / RATE) < 0.05);
    free(t);
}

/* Two notes with a silence between: both are met, and the jump falls where nothing sounds. */
static void notes_in_a_row(void **state)
{
    tone *t = tone_new();
    for (int i = 12000; i < FRAMES; i++) t->f0[i] = 330.0;
    play(t, 1000, 9000, 440.0, 1.0, 0.0, 0.2);
    play(t, 12000, 22000, 330.0, 1.0, 0.0, 0.6);
    assert_true(worst(t, 1000, 9000) < 0.02);
    assert_true(worst(t, 12160, 22000) < 0.02);
    for (int i = 1; i < 22000; i++) {
        double step = t->measured[i] - t->measured[i - 1] - t->f0[i - 1] / RATE;
        if (i < 9000 || i > 12000) assert_true(fabs(step - floor(step + 0.5)) < 0.01);
    }
    free(t);
}

static void silence_runs_at_the_nominal_pitch(void **state)
{
    tone *t = tone_new();
    for (int i = 0; i < FRAMES; i++) t->phase[i] = 440.0 * i / RATE;
    assert_true(worst(t, 0, FRAMES) < 1e-9);
    t->pcm[500] = NAN;
    t->pcm[900] = INFINITY;
    assert_true(worst(t, 0, FRAMES) < 1e-9);
    free(t);
}

static void bends_are_followed(void **state)
{
    tone *t = tone_new();
    double phase = 0.25;
    for (int i = 0; i < FRAMES; i++) {
        t->f0[i] = 440 * exp2((60 + 2.0 * i / FRAMES - 69) / 12);
        t->phase[i] = phase;
        t->pcm[i] = (float)(0.3 * sin(TURN * phase));
        phase += t->f0[i] / RATE;
    }
    assert_true(worst(t, 400, FRAMES - 400) < 2e-3);
    free(t);
}

/* A stiff string: partial h sounds at h f0 sqrt(1 + b h^2) and began wherever it liked. Each is followed by itself. */
static void stretched_partials(void **state)
{
    for (size_t n = 0; n < 3; n++) {
        tone *t = tone_new();
        wn_partials p;
        double f0 = PITCHES[n], b = 2e-4, cycles[1 + HARMONICS];
        for (int i = 0; i < FRAMES; i++) {
            t->f0[i] = f0;
            for (int k = 0; k < HARMONICS; k++) {
                double f = harmonics[k] * f0 * sqrt(1 + b * harmonics[k] * harmonics[k]);
                t->pcm[i] += (float)(0.2 / harmonics[k] * sin(TURN * (f * i / RATE + 0.37 * k)));
            }
        }
        assert_int_equal(wn_partials_measure(&p, &harmonic_source, true, t->pcm, FRAMES, RATE, t->f0, NULL), WN_OK);
        for (int i = 1600; i < FRAMES - 1600; i++) {
            wn_partials_at(&p, i, cycles);
            for (int k = 0; k < HARMONICS; k++) {
                double f = harmonics[k] * f0 * sqrt(1 + b * harmonics[k] * harmonics[k]);
                assert_true(cycles[1 + k] >= 0.0 && cycles[1 + k] < 1.0);
                assert_true(apart(cycles[1 + k], f * i / RATE + 0.37 * k) < 0.02);
            }
            assert_true(apart(cycles[0], cycles[1]) < 1e-9);
        }
        wn_partials_free(&p);
        free(t);
    }
}

/* What cannot be heard keeps the lead it had; without listening, the phase offsets are those of the model. */
static void absent_partials(void **state)
{
    tone *t = tone_new();
    wn_partials p;
    double cycles[1 + HARMONICS];
    play(t, 0, FRAMES, 440.0, 1.0, 0.0, 0.3); /* four partials: 9 is missing */
    for (int lock = 0; lock < 2; lock++) {
        assert_int_equal(wn_partials_measure(&p, &harmonic_source, lock, t->pcm, FRAMES, RATE, t->f0, NULL), WN_OK);
        for (int i = 1600; i < FRAMES - 1600; i++) {
            wn_partials_at(&p, i, cycles);
            assert_true(apart(cycles[0], 440.0 * i / RATE + 0.3 * lock) < 2e-3);
            assert_true(apart(cycles[2], 2 * cycles[0] + (lock ? 1.4 / TURN : phase_offsets[1])) < 0.01);
            assert_true(apart(cycles[5], 9 * cycles[0] + (lock ? 0 : phase_offsets[4])) < 1e-6);
        }
        wn_partials_free(&p);
    }
    free(t);
}

/* Only the fundamental is measured: the partials, which began elsewhere, are run at multiples of it. */
static void locked_fundamental(void **state)
{
    tone *t = tone_new();
    wn_partials p;
    double cycles[1 + HARMONICS];
    wn_harmonic_source source = harmonic_source;
    source.lock = WN_LOCK_FUNDAMENTAL;
    play(t, 0, FRAMES, 150.0, 1.01, 20, 0.3);
    assert_int_equal(wn_partials_measure(&p, &source, true, t->pcm, FRAMES, RATE, t->f0, NULL), WN_OK);
    for (int i = 1600; i < FRAMES - 1600; i++) {
        wn_partials_at(&p, i, cycles);
        assert_true(apart(cycles[0], t->phase[i]) < 0.02);
        for (int k = 0; k < HARMONICS; k++)
            assert_true(apart(cycles[1 + k], harmonics[k] * cycles[0] + phase_offsets[k]) < 1e-6);
    }
    wn_partials_free(&p);
    free(t);
}

/* Two voiced stretches with noise between them, where the pitch is 0. Both are followed, however they begin. */
static void unvoiced_stretches(void **state)
{
    tone *t = tone_new();
    play(t, 0, 8000, 120.0, 1.0, 10, 0.2);
    play(t, 12000, FRAMES, 180.0, 0.99, 0, 0.9);
    for (int i = 8000; i < 12000; i++) {
        t->pcm[i] = (float)(0.1 * noise(t));
        t->f0[i] = 0;
    }
    assert_true(worst(t, 1600, 8000 - 400) < 0.02);
    assert_true(worst(t, 12000 + 400, FRAMES - 1600) < 0.02);
    for (int i = 0; i < FRAMES; i++) t->f0[i] = 0;
    assert_true(worst(t, 0, 0) == 0); /* nothing is voiced */
    for (int i = 0; i < FRAMES; i++) assert_true(t->measured[i] == 0);
    free(t);
}

static void short_recordings(void **state)
{
    float pcm[3] = {0.1f, 0.2f, 0.3f};
    double f0[3] = {440, 440, 440}, phase[3];
    for (int n = 0; n <= 3; n++) assert_int_equal(measure_some(phase, pcm, n, RATE, f0, NULL), WN_OK);
}

static void bad_arguments(void **state)
{
    float pcm[2] = {0};
    double f0[2] = {440, NAN}, phase[2];
    wn_error error;
    assert_int_equal(measure_some(phase, pcm, 2, RATE, f0, &error), WN_ERROR_ARGUMENT);
    assert_non_null(strstr(error.message, "sample 1"));
    f0[1] = RATE;
    assert_int_equal(measure_some(phase, pcm, 2, RATE, f0, &error), WN_ERROR_ARGUMENT);
    f0[1] = 1e-9;
    assert_int_equal(measure_some(phase, pcm, 2, RATE, f0, &error), WN_ERROR_ARGUMENT);
    f0[1] = 440;
    assert_int_equal(measure_some(phase, pcm, 2, 0, f0, &error), WN_ERROR_ARGUMENT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exact_tones),
        cmocka_unit_test(detuned_tones),
        cmocka_unit_test(wavering_tones),
        cmocka_unit_test(noisy_tones),
        cmocka_unit_test(wrong_tones),
        cmocka_unit_test(notes_in_a_row),
        cmocka_unit_test(silence_runs_at_the_nominal_pitch),
        cmocka_unit_test(bends_are_followed),
        cmocka_unit_test(stretched_partials),
        cmocka_unit_test(absent_partials),
        cmocka_unit_test(locked_fundamental),
        cmocka_unit_test(unvoiced_stretches),
        cmocka_unit_test(short_recordings),
        cmocka_unit_test(bad_arguments),
    };
    return cmocka_run_group_tests_name("phase", tests, NULL, NULL);
}
