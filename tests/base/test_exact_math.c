/* SPDX-License-Identifier: MIT
 * test_exact_math.c - our exp, log and sine against the long double ones of libm; Philox against its published answers.
 * Copyright (c) 2026 the wavenet authors */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "../engine/chance.h"
#include "base/exact_math.h"
#include "base/random.h"

static double relative(double y, long double r) { return (double)fabsl(((long double)y - r) / r); }

static void check(const char *what, double worst, double at, double bound)
{
    printf("%s: worst error %.3g at %.17g\n", what, worst, at);
    assert_true(worst <= bound);
}

static void worse(double e, double x, double *worst, double *at)
{
    if (!(e <= *worst)) {
        *worst = e;
        *at = x;
    }
}

static void exponential(void **state)
{
    (void)state;
    chance c = {1};
    double worst = 0, at = 0;
    for (int i = 0; i < 400000; i++) {
        double range = i % 4 == 0   ? 700
                       : i % 4 == 1 ? 30
                       : i % 4 == 2 ? 1
                                    : 1e-6,
               x = range * (2 * chance_uniform(&c) - 1);
        worse(relative(wn_exp(x), expl((long double)x)), x, &worst, &at);
    }
    for (int n = -1009; n <= 1009; n++) /* where the reduction changes over, both sides */
        for (int side = -1; side <= 1; side++) {
            double x = (n + 0.5) * 0.6931471805599453 * (1 + side * 0x1p-52);
            if (fabs(x) < 700) worse(relative(wn_exp(x), expl((long double)x)), x, &worst, &at);
        }
    check("exp", worst, at, 4e-16);
    assert_true(wn_exp(0) == 1 && wn_exp(-0.0) == 1);
    assert_true(wn_exp(-701) == 0 && wn_exp(-INFINITY) == 0);
    assert_true(isinf(wn_exp(701)) && isinf(wn_exp(INFINITY)));
    assert_true(isnan(wn_exp(NAN)));
}

static void logarithm(void **state)
{
    (void)state;
    chance c = {2};
    double worst = 0, at = 0, near = 0, near_at = 0;
    for (int i = 0; i < 400000; i++) {
        double x = ldexp(0.5 + chance_uniform(&c), chance_int(&c, -1020, 1022));
        worse(relative(wn_log(x), logl((long double)x)), x, &worst, &at);
        x = i % 2 ? chance_uniform(&c) : 1 + 0.5 * (chance_uniform(&c) - 0.5);
        worse((double)fabsl((long double)wn_log(x) - logl((long double)x)) / fmax(fabs(log(x)), 1e-3), x, &near,
              &near_at);
    }
    check("log, all exponents", worst, at, 4e-16);
    check("log, below 1 and near it", near, near_at, 4e-16);
    assert_true(wn_log(1) == 0);
    for (int n = -1022; n <= 1023; n++)
        assert_true(fabs(wn_log(ldexp(1, n)) - n * 0.69314718055994531) <= 4e-16 * fabs(n * 0.6931471805599453));
}

static void sine(void **state)
{
    (void)state;
    chance c = {3};
    double worst = 0, at = 0;
    const long double pi = 3.14159265358979323846264338327950288L;
    for (int i = 0; i < 400000; i++) {
        double range = i % 3 == 0 ? 1 : i % 3 == 1 ? 65536 : 2147483647, x = range * (2 * chance_uniform(&c) - 1), s, k;
        wn_sincos(x, &s, &k);
        long double angle = 2 * pi * ((long double)x - floorl((long double)x));
        worse((double)fabsl((long double)s - sinl(angle)), x, &worst, &at);
        worse((double)fabsl((long double)k - cosl(angle)), x, &worst, &at);
    }
    check("sine and cosine", worst, at, 2e-16);
    static const double exact[][3] = {{0, 0, 1},     {0.25, 1, 0},   {0.5, 0, -1},
                                      {0.75, -1, 0}, {-0.25, -1, 0}, {1e9 + 0.25, 1, 0}};
    for (int i = 0; i < 6; i++) {
        double s, k;
        wn_sincos(exact[i][0], &s, &k);
        assert_true(s == exact[i][1] && k == exact[i][2]);
    }
}

/* The known answers that come with the authors' own implementation (Random123, kat_vectors): counter, key, result. */
static void philox(void **state)
{
    (void)state;
    static const struct {
        uint32_t counter[4], key[2], result[4];
    } known[] = {
        {{0, 0, 0, 0}, {0, 0}, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
        {{~0u, ~0u, ~0u, ~0u}, {~0u, ~0u}, {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
        {{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
         {0xa4093822, 0x299f31d0},
         {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
    };
    for (int i = 0; i < 3; i++) {
        uint64_t seed = known[i].key[0] | (uint64_t)known[i].key[1] << 32;
        uint64_t index = known[i].counter[0] | (uint64_t)known[i].counter[1] << 32;
        uint32_t out[4];
        wn_random_words(seed, known[i].counter[2], index, known[i].counter[3], out);
        assert_memory_equal(out, known[i].result, sizeof out);
    }
}

/* Seed, voice, index and number all matter, and neighbours are not alike: 64 bins, 63 degrees of freedom; chi-square
 * exceeds 126 once in a million times. */
static void uniform_along_every_axis(void **state)
{
    (void)state;
    for (int axis = 0; axis < 4; axis++) {
        enum { N = 64000 };
        double counts[64] = {0}, pairs = 0, chi = 0, before = 0;
        for (uint32_t i = 0; i < N; i++) {
            double u = wn_random_uniform(axis == 0 ? i : 7, axis == 1 ? i : 3, axis == 2 ? i : 11, axis == 3 ? i : 0);
            assert_true(u > 0 && u < 1);
            counts[(int)(u * 64)]++;
            pairs += (u - 0.5) * (before - 0.5);
            before = u;
        }
        for (int i = 0; i < 64; i++) chi += (counts[i] - 1000) * (counts[i] - 1000) / 1000;
        assert_true(chi < 126);
        /* the mean of N products of variance 1/144: five standard deviations */
        assert_true(fabs(pairs / N) < 5 / 12.0 / sqrt(N));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exponential),
        cmocka_unit_test(logarithm),
        cmocka_unit_test(sine),
        cmocka_unit_test(philox),
        cmocka_unit_test(uniform_along_every_axis),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
