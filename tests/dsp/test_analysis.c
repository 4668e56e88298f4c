/* SPDX-License-Identifier: MIT
 * test_analysis.c - features agree with a slow transform in double, pitch with the pulses that were made, however cut.
 * Copyright (c) 2026 the wavenet authors */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/failing.h"
#include "kinds/analysis.h"

#define PI 3.14159265358979323846

static const double speech_mean[] = {-55}, speech_std[] = {30};
static const double other_mean[] = {-3, -2.5, -2, -1.5, -1}, other_std[] = {0.5, 1, 1.5, 2, 2.5};

static wn_analysis_config speech(void)
{
    return (wn_analysis_config){.sample_rate = 16000,
                                .hop = 80,
                                .window = 400,
                                .fft = 512,
                                .center = 40,
                                .bands = 40,
                                .low = 60,
                                .high = 7600,
                                .power = 2,
                                .reference = 100,
                                .floor = 1e-10,
                                .n_mean = 1,
                                .n_std = 1,
                                .mean = speech_mean,
                                .std = speech_std,
                                .pitch = {60, 400, 130}};
}

/* The convention of wavenet_vocoder: magnitudes, area norm, log10, reflected edges. */
static wn_analysis_config vocoder(void)
{
    return (wn_analysis_config){.sample_rate = 22050,
                                .hop = 256,
                                .window = 1024,
                                .fft = 1024,
                                .bands = 80,
                                .low = 125,
                                .high = 7600,
                                .scale = WN_MEL_SLANEY,
                                .norm = WN_MEL_AREA,
                                .power = 1,
                                .reference = 1,
                                .floor = 1e-10,
                                .log = WN_LOG_LOG10,
                                .edge = WN_EDGE_REFLECT};
}

/* Every other choice: odd window, padded transform, pre-emphasis, a ceiling, ln, numbers per band. */
static wn_analysis_config other(void)
{
    return (wn_analysis_config){.sample_rate = 8000,
                                .hop = 7,
                                .window = 101,
                                .fft = 120,
                                .center = 3,
                                .pre_emphasis = 0.85,
                                .bands = 5,
                                .low = 0,
                                .high = 4000,
                                .power = 2,
                                .reference = 0.5,
                                .floor = 1e-3,
                                .ceiling = 30,
                                .log = WN_LOG_LN,
                                .n_mean = 5,
                                .n_std = 5,
                                .mean = other_mean,
                                .std = other_std,
                                .edge = WN_EDGE_REFLECT};
}

static uint32_t next(uint32_t *state) { return *state = *state * 1664525u + 1013904223u, *state >> 8; }

static double noise(uint32_t *state) { return next(state) / 8388608.0 - 1; }

/* Noise that grows, with a sine. */
static float *make_sound(int n, double rate)
{
    uint32_t state = 7;
    float *x = calloc((size_t)n, sizeof *x);
    assert_non_null(x);
    for (int t = 0; t < n; t++) x[t] = (float)(0.3 * sin(2 * PI * 200 * t / rate) + 0.1 * noise(&state) * (t + 1) / n);
    return x;
}

static wn_analysis *make(const wn_analysis_config *c)
{
    wn_analysis *a;
    wn_error error = {0};
    if (wn_analysis_new(&a, c, &error)) fail_msg("%s: %s", error.where, error.message);
    return a;
}

/* All rows of x [n], pushed in blocks of up to `block`; the caller frees them. */
static float *analyse(wn_analysis *a, int channels, const float *x, int n, int block, int *n_rows)
{
    int capacity = n / 7 + 64, made = 0;
    float *rows = calloc((size_t)capacity * (size_t)channels, sizeof *rows);
    assert_non_null(rows);
    for (int t = 0; t < n; t += block) {
        int frames = n - t < block ? n - t : block;
        int got = wn_analysis_run(a, x + t, frames, rows + (size_t)made * (size_t)channels);
        assert_true(got <= wn_analysis_get_capacity(a, frames));
        made += got;
        assert_true(made < capacity);
    }
    int left = wn_analysis_finish(a, rows + (size_t)made * (size_t)channels);
    assert_true(left <= wn_analysis_get_capacity(a, 0));
    *n_rows = made + left;
    return rows;
}

/* ---- mel bands ---------------------------------------------------------------------------------------------------- */

/* The signal at t, beyond its ends, too, after pre-emphasis. */
static double sample_at(const wn_analysis_config *c, const float *x, int n, int t)
{
    if (c->edge == WN_EDGE_REFLECT) t = t < 0 ? -t : t >= n ? 2 * (n - 1) - t : t;
    if (t < 0 || t >= n) return 0;
    return (double)x[t] - (t ? c->pre_emphasis * (double)x[t - 1] : 0);
}

static double to_mel(wn_mel_scale scale, double hz)
{
    if (scale == WN_MEL_HTK) return 2595 * log10(1 + hz / 700);
    return hz < 1000 ? hz * 3 / 200 : 15 + 27 * log(hz / 1000) / log(6.4);
}

static double to_hz(wn_mel_scale scale, double mel)
{
    if (scale == WN_MEL_HTK) return 700 * (pow(10, mel / 2595) - 1);
    return mel < 15 ? mel * 200 / 3 : 1000 * pow(6.4, (mel - 15) / 27);
}

static double slow_band(const wn_analysis_config *c, const double *magnitude, int b)
{
    double low = to_mel(c->scale, c->low), step = (to_mel(c->scale, c->high) - low) / (c->bands + 1), sum = 0;
    double left = to_hz(c->scale, low + b * step), top = to_hz(c->scale, low + (b + 1) * step);
    double right = to_hz(c->scale, low + (b + 2) * step);
    for (int k = 0; k <= c->fft / 2; k++) {
        double hz = k * c->sample_rate / c->fft;
        double w = hz < top ? (hz - left) / (top - left) : (right - hz) / (right - top);
        if (w > 0) sum += w * pow(magnitude[k] / c->reference, c->power);
    }
    if (c->norm == WN_MEL_AREA) sum *= 2 / (right - left);
    sum = fmax(sum, c->floor);
    if (c->ceiling > 0) sum = fmin(sum, c->ceiling);
    double y = c->log == WN_LOG_LN ? log(sum) : c->log == WN_LOG_LOG10 ? log10(sum) : 20 / c->power * log10(sum);
    if (c->n_mean) y -= c->mean[c->n_mean > 1 ? b : 0];
    return c->n_std ? y / c->std[c->n_std > 1 ? b : 0] : y;
}

static void slow_magnitudes(const wn_analysis_config *c, const float *x, int n, int row, double *magnitude)
{
    int first = row * c->hop + c->center - c->window / 2;
    for (int k = 0; k <= c->fft / 2; k++) {
        double re = 0, im = 0;
        for (int i = 0; i < c->window; i++) {
            double w = sample_at(c, x, n, first + i) * (0.5 - 0.5 * cos(2 * PI * i / c->window));
            re += w * cos(2 * PI * (double)k * i / c->fft);
            im += w * sin(2 * PI * (double)k * i / c->fft);
        }
        magnitude[k] = sqrt(re * re + im * im);
    }
}

static void compare_with_slow(wn_analysis_config c, int n)
{
    int channels = wn_analysis_config_get_channels(&c), n_rows;
    float *x = make_sound(n, c.sample_rate);
    wn_analysis *a = make(&c);
    float *rows = analyse(a, channels, x, n, 100, &n_rows);
    double *magnitude = calloc((size_t)c.fft / 2 + 1, sizeof *magnitude), worst = 0;
    assert_non_null(magnitude);
    assert_int_equal(n_rows, (n + c.hop - 1) / c.hop);
    for (int row = 0; row < n_rows; row += row + 4 < n_rows && row > 3 ? 3 : 1) {
        slow_magnitudes(&c, x, n, row, magnitude);
        for (int b = 0; b < c.bands; b++)
            worst = fmax(worst, fabs((double)rows[row * channels + b] - slow_band(&c, magnitude, b)));
    }
    if (!(worst <= 1e-4)) fail_msg("%d bands at %g Hz differ by %g", c.bands, c.sample_rate, worst);
    assert_true(worst > 0);
    free(magnitude);
    free(rows);
    free(x);
    wn_analysis_free(a);
}

static void mel_bands_agree_with_a_slow_transform(void **state)
{
    compare_with_slow(speech(), 1600);
    compare_with_slow(speech(), 1650);
    compare_with_slow(vocoder(), 5000);
    compare_with_slow(other(), 400);
    compare_with_slow(other(), 107);
}

/* ---- pitch -------------------------------------------------------------------------------------------------------- */

enum { PULSE_RATE = 16000, PULSE_SECONDS = 2 };

/* Pulses at hz(t), each a sum of cosines up to 7 kHz, which sound for the first 0.7 of every second. */
static double pulse_pitch(int kind, double t)
{
    static const double steady[] = {65, 90, 130, 220, 390};
    if (kind < 5) return steady[kind];
    return kind == 5 ? 70 * pow(2, t) : 130 * pow(2, 0.25 * sin(2 * PI * 2 * t));
}

static bool pulses_sound(double t) { return fmod(t, 1) < 0.7; }

static float *make_pulses(int kind, double level, double background)
{
    int n = PULSE_RATE * PULSE_SECONDS;
    uint32_t state = 3;
    double phase = 0;
    float *x = calloc((size_t)n, sizeof *x);
    assert_non_null(x);
    for (int t = 0; t < n; t++) {
        double time = (double)t / PULSE_RATE, hz = pulse_pitch(kind, time), sum = 0;
        phase += hz / PULSE_RATE;
        int top = (int)(7000 / hz);
        for (int h = 1; h <= top; h++) sum += cos(2 * PI * h * fmod(phase, 1)) / top;
        x[t] = (float)(level * (pulses_sound(time) ? sum : 0) + background * noise(&state));
    }
    return x;
}

/* Shares of the frames wholly within the pulses, or wholly between them. */
static void measure_pitch(int kind, double level, double background, double *close, double *false_voiced)
{
    wn_analysis_config c = speech();
    wn_analysis *a = make(&c);
    int n = PULSE_RATE * PULSE_SECONDS, n_rows, sounding = 0, silent = 0;
    float *x = make_pulses(kind, level, background);
    float *rows = analyse(a, 42, x, n, n, &n_rows);
    *close = *false_voiced = 0;
    for (int row = 4; row < n_rows; row++) {
        double time = (row * 80 + 40) / (double)PULSE_RATE, before = time - 0.02, after = time + 0.02;
        const float *pitch = rows + row * 42 + 40;
        assert_true(pitch[0] == 0 || pitch[0] == 1);
        if (pulses_sound(before) && pulses_sound(after) && before < floor(time) + 0.7 && before > floor(time)) {
            double cents = 1200 * ((double)pitch[1] - log2(pulse_pitch(kind, time) / 130));
            sounding++;
            *close += pitch[0] == 1 && fabs(cents) <= 20;
        } else if (!pulses_sound(before) && !pulses_sound(after)) {
            silent++;
            *false_voiced += pitch[0] == 1;
        }
    }
    *close /= sounding;
    *false_voiced /= silent;
    free(rows);
    free(x);
    wn_analysis_free(a);
}

static void pitch_follows_pulses(void **state)
{
    for (int kind = 0; kind < 7; kind++)
        for (int i = 0; i < 3; i++) {
            double close, false_voiced, level = i == 2 ? 0.05 : 0.5, background = i == 1 ? 0.01 : 0;
            measure_pitch(kind, level, background, &close, &false_voiced);
            if (close < 0.95) fail_msg("kind %d, %d: %g of the frames within 20 cents", kind, i, close);
            if (false_voiced > 0.05) fail_msg("kind %d, %d: %g of the silent frames voiced", kind, i, false_voiced);
        }
}

/* The last pitch stays while there is none. */
static void pitch_is_held_while_unvoiced(void **state)
{
    wn_analysis_config c = speech();
    wn_analysis *a = make(&c);
    int n_rows;
    float *x = make_pulses(3, 0.5, 0), *rows = analyse(a, 42, x, PULSE_RATE * PULSE_SECONDS, 999, &n_rows);
    assert_true(rows[170 * 42 + 40] == 0);
    assert_true(fabs((double)rows[170 * 42 + 41] - log2(220 / 130.0)) < 0.1);
    free(x);
    free(rows);
    wn_analysis_free(a);
}

/* ---- streaming ---------------------------------------------------------------------------------------------------- */

static void blocks_change_nothing(void **state)
{
    static const int blocks[] = {1, 7, 80, 333, 4096};
    wn_analysis_config configs[] = {speech(), vocoder(), other()};
    for (int k = 0; k < 3; k++) {
        wn_analysis *a = make(&configs[k]);
        int n = 9000, channels = wn_analysis_config_get_channels(&configs[k]), n_rows, n_again;
        float *x = make_sound(n, configs[k].sample_rate), *rows = analyse(a, channels, x, n, n, &n_rows);
        for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++) {
            wn_analysis_reset(a);
            float *again = analyse(a, channels, x, n, blocks[i], &n_again);
            assert_int_equal(n_rows, n_again);
            assert_memory_equal(rows, again, (size_t)n_rows * (size_t)channels * sizeof *rows);
            free(again);
        }
        free(rows);
        free(x);
        wn_analysis_free(a);
    }
}

/* A row is there after its latency, not later. */
static void latency_is_what_it_says(void **state)
{
    wn_analysis_config configs[] = {speech(), vocoder(), other()};
    for (int k = 0; k < 3; k++) {
        wn_analysis *a = make(&configs[k]);
        int latency = wn_analysis_get_latency(a), channels = wn_analysis_config_get_channels(&configs[k]);
        float *x = make_sound(latency, configs[k].sample_rate), *row = calloc((size_t)channels * 8, sizeof *row);
        assert_non_null(row);
        for (int t = 0; t < latency; t++) assert_int_equal(wn_analysis_run(a, x + t, 1, row), t + 1 == latency);
        free(row);
        free(x);
        wn_analysis_free(a);
    }
}

static void bad_samples_count_as_silence(void **state)
{
    wn_analysis_config c = speech();
    wn_analysis *a = make(&c);
    int n_rows, n = 4000;
    float *x = make_sound(n, 16000);
    x[1000] = x[1001] = 0;
    float *rows = analyse(a, 42, x, n, n, &n_rows);
    x[1000] = NAN;
    x[1001] = -INFINITY;
    wn_analysis_reset(a);
    float *again = analyse(a, 42, x, n, n, &n_rows);
    assert_memory_equal(rows, again, (size_t)n_rows * 42 * sizeof *rows);
    free(rows);
    free(again);
    free(x);
    wn_analysis_free(a);
}

static void a_sound_shorter_than_the_window_has_no_rows(void **state)
{
    wn_analysis_config c = vocoder();
    wn_analysis *a = make(&c);
    int n_rows;
    float *x = make_sound(1024, c.sample_rate);
    free(analyse(a, 80, x, 500, 100, &n_rows));
    assert_int_equal(n_rows, 0);
    wn_analysis_reset(a);
    free(analyse(a, 80, x, 1024, 100, &n_rows));
    assert_int_equal(n_rows, 4);
    free(x);
    wn_analysis_free(a);
}

/* ---- what is refused ---------------------------------------------------------------------------------------------- */

static void refuse(const char *key, wn_analysis_config c)
{
    wn_analysis *a;
    wn_error error = {0};
    assert_int_equal(wn_analysis_new(&a, &c, &error), WN_ERROR_ARGUMENT);
    assert_null(a);
    assert_string_equal(error.where, key);
}

#define REFUSE(key, field, value) \
    do { \
        wn_analysis_config c = speech(); \
        c.field = value; \
        refuse(key, c); \
    } while (0)

static void wrong_parameters_are_refused(void **state)
{
    static const double negative[] = {-1};
    REFUSE("sample_rate", sample_rate, (double)NAN);
    REFUSE("sample_rate", sample_rate, 0);
    REFUSE("hop", hop, 0);
    REFUSE("window", window, 1);
    REFUSE("fft", fft, 399);
    REFUSE("fft", fft, 448);
    REFUSE("fft", fft, 1 << 17);
    REFUSE("center", center, 81);
    REFUSE("pre_emphasis", pre_emphasis, 1);
    REFUSE("bands", bands, 0);
    REFUSE("bands", bands, 200);
    REFUSE("high", high, 8001);
    REFUSE("low", low, 7600);
    REFUSE("scale", scale, WN_MEL_SCALE_COUNT);
    REFUSE("norm", norm, WN_MEL_NORM_COUNT);
    REFUSE("log", log, WN_LOG_KIND_COUNT);
    REFUSE("edge", edge, WN_EDGE_COUNT);
    REFUSE("power", power, 3);
    REFUSE("reference", reference, 0);
    REFUSE("floor", floor, 0);
    REFUSE("ceiling", ceiling, 1e-11);
    REFUSE("mean", n_mean, 2);
    REFUSE("std", std, negative);
    REFUSE("pitch_low", pitch.low, 400);
    REFUSE("pitch_high", pitch.high, 2001);
    REFUSE("pitch_reference", pitch.reference, 0);
}

static void failed_allocations_are_reported(void **state)
{
    wn_analysis_config c = speech();
    for (long i = 0;; i++) {
        wn_analysis *a;
        fail_allocation(i);
        wn_status status = wn_analysis_new(&a, &c, NULL);
        int failed = allocation_failed();
        fail_allocation(-1);
        if (!failed) {
            assert_int_equal(status, WN_OK);
            assert_true(i >= 15);
            wn_analysis_free(a);
            return;
        }
        assert_int_equal(status, WN_ERROR_MEMORY);
        assert_null(a);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mel_bands_agree_with_a_slow_transform),
        cmocka_unit_test(pitch_follows_pulses),
        cmocka_unit_test(pitch_is_held_while_unvoiced),
        cmocka_unit_test(blocks_change_nothing),
        cmocka_unit_test(latency_is_what_it_says),
        cmocka_unit_test(bad_samples_count_as_silence),
        cmocka_unit_test(a_sound_shorter_than_the_window_has_no_rows),
        cmocka_unit_test(wrong_parameters_are_refused),
        cmocka_unit_test(failed_allocations_are_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
