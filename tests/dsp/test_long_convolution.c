/* SPDX-License-Identifier: MIT
 * test_long_convolution.c - the late part of impulse responses, against the sum in double precision.
 * Copyright (c) 2026 the wavenet authors */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/random_sequence.h"
#include "common/failing.h"
#include "dsp/long_convolution.h"

enum { HEAD = WN_LONG_CONVOLUTION_HEAD, FRAMES = 3000, LONGEST = 5000 };

static float taps[LONGEST], x[FRAMES];

/* A decaying response whose sum of squares is about 1, and noise. */
static int set_up(void **state)
{
    (void)state;
    wn_random_sequence noise = wn_random_sequence_start(5, 0, 0);
    for (int k = 0; k < LONGEST; k++) taps[k] = wn_random_sequence_signal(&noise) * 0.05f * (float)exp(-k / 1200.0);
    for (int t = 0; t < FRAMES; t++) x[t] = 0.5f * wn_random_sequence_signal(&noise);
    return 0;
}

static wn_long_convolution *make(int n)
{
    wn_long_convolution *c;
    assert_int_equal(wn_long_convolution_new(&c, taps, n, NULL), WN_OK);
    return c;
}

static double late_part(const float *input, int n, int t)
{
    double sum = 0;
    for (int k = HEAD; k < n && k <= t; k++) sum += (double)taps[k] * (double)input[t - k];
    return sum;
}

/* Lengths about the borders of partitions. */
static void is_the_sum(void **state)
{
    (void)state;
    static const int lengths[] = {HEAD + 1, 2 * HEAD - 1, 2 * HEAD, 2 * HEAD + 1, 3 * HEAD, 1000, LONGEST};
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        wn_long_convolution *c = make(lengths[i]);
        float y[FRAMES];
        for (int t = 0; t < FRAMES; t++) y[t] = 0.25f;
        wn_long_convolution_add(c, FRAMES, x, y);
        for (int t = 0; t < FRAMES; t++) assert_true(fabs((double)y[t] - 0.25 - late_part(x, lengths[i], t)) < 1e-6);
        wn_long_convolution_free(c);
    }
}

/* Blocks of any length, and NaN as 0. */
static void has_bits_of_its_own(void **state)
{
    (void)state;
    static const int blocks[] = {1, 64, 255, 256, 257, 0, 7, 1000};
    float whole[FRAMES] = {0}, cut[FRAMES] = {0}, broken[FRAMES], kept[FRAMES];
    memcpy(kept, x, sizeof x);
    memcpy(broken, x, sizeof x);
    kept[300] = kept[301] = 0;
    broken[300] = NAN;
    broken[301] = -INFINITY;
    wn_long_convolution *a = make(LONGEST), *b = make(LONGEST);
    wn_long_convolution_add(a, FRAMES, kept, whole);
    for (int t = 0, i = 0, n; t < FRAMES; t += n, i++) {
        n = blocks[i % 8] < FRAMES - t ? blocks[i % 8] : FRAMES - t;
        wn_long_convolution_add(b, n, broken + t, cut + t);
    }
    assert_memory_equal(whole, cut, sizeof cut);
    wn_long_convolution_fill(b, 0);
    memset(cut, 0, sizeof cut);
    wn_long_convolution_add(b, FRAMES, kept, cut);
    assert_memory_equal(whole, cut, sizeof cut);
    wn_long_convolution_free(a);
    wn_long_convolution_free(b);
}

/* As after a constant that has lasted for ever; then other input follows without a jump. */
static void is_filled(void **state)
{
    (void)state;
    enum { LENGTH = 1500 };
    static float before[LENGTH + FRAMES];
    wn_long_convolution *c = make(LENGTH);
    double sum = 0;
    for (int k = HEAD; k < LENGTH; k++) sum += (double)taps[k];
    wn_long_convolution_add(c, 100, x, (float[100]){0});
    assert_true(fabs((double)wn_long_convolution_fill(c, 0.75f) - 0.75 * sum) < 1e-6);
    for (int t = 0; t < LENGTH; t++) before[t] = 0.75f;
    memcpy(before + LENGTH, x, sizeof x);
    float y[FRAMES] = {0};
    wn_long_convolution_add(c, FRAMES, x, y);
    for (int t = 0; t < FRAMES; t++) assert_true(fabs((double)y[t] - late_part(before, LENGTH, LENGTH + t)) < 1e-6);
    wn_long_convolution_free(c);
}

static void survives_failing_allocations(void **state)
{
    (void)state;
    int refused = 0;
    for (long n = 0, more = 1; more; n++) {
        wn_long_convolution *c = (wn_long_convolution *)1;
        fail_allocation(n);
        wn_status status = wn_long_convolution_new(&c, taps, 1000, NULL);
        more = allocation_failed();
        fail_allocation(-1);
        assert_int_equal(status, more ? WN_ERROR_MEMORY : WN_OK);
        assert_true(!status == (c != NULL));
        refused += status != WN_OK;
        wn_long_convolution_free(c);
    }
    assert_true(refused >= 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_the_sum),
        cmocka_unit_test(has_bits_of_its_own),
        cmocka_unit_test(is_filled),
        cmocka_unit_test(survives_failing_allocations),
    };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
