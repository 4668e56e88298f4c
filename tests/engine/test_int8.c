/* SPDX-License-Identifier: MIT
 * test_int8.c - weights in 8-bit integers: the same bits however it is run, near the floats, and what is not quantised.
 * Copyright (c) 2026 the wavenet authors */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "engine/plan.h"
#include "running.h"

enum { FRAMES = 120, MODELS = 40 };

static wn_model *wide_model(int i)
{
    chance c = {(uint64_t)i + 500};
    return drawn_model(&c, &(drawn_wish){.autoregressive = i % 2, .width = 16 + i % 23, .plain = i % 5 ? -1 : 0,
                                         .act = WN_ACT_TANH + 1, .gating = i % 3 ? WN_GATING_GATED + 1 : 0,
                                         .film = -1, .kernel = 1 + i % 4});
}

static int steps_in_int8(const wn_model *m, int max_frames)
{
    wn_plan *plan;
    int n = 0;
    wn_plan_config config = {.max_frames = max_frames, .precision = WN_PRECISION_INT8};
    assert_int_equal(wn_plan_new(&plan, m, &config, NULL), WN_OK);
    for (int i = 0; i < plan->n_steps; i++) {
        const wn_step *s = &plan->steps[i];
        n += s->w8 != NULL;
        assert_false(s->w8 && (s->in < 16 || s->out < 16 || s->groups > 1 || s->dst == WN_BUFFER_OUT));
    }
    assert_int_equal(wn_plan_precision(plan), n ? WN_PRECISION_INT8 : WN_PRECISION_F32);
    wn_plan_free(plan);
    return n;
}

static double distance(const float *a, const float *b, int n)
{
    double apart = 0, size = 0;
    for (int i = 0; i < n; i++) {
        apart += ((double)a[i] - (double)b[i]) * ((double)a[i] - (double)b[i]);
        size += (double)a[i] * (double)a[i];
    }
    return sqrt(apart / (size + 1e-30));
}

/* Bits do not depend on set, block, bulk work or other voices; the distance from floats is that of 8 bits. */
static void test_runs(void **state)
{
    (void)state;
    int met = 0, apart = 0;
    double worst = 0;
    for (int i = 0; i < MODELS; i++) {
        wn_model *m = wide_model(i);
        chance c = {(uint64_t)i + 1};
        drawn_signal *signal = drawn_signal_new(&c, m, FRAMES);
        int n = FRAMES * m->output_channels;
        met += steps_in_int8(m, 1) > 0;
        float *want = running_output(m, signal, &(running){.cpu = WN_CPU_C, .precision = WN_PRECISION_INT8, .max_frames = 50}, NULL);
        float *floats = running_output(m, signal, &(running){.max_frames = 50}, NULL);
        double d = distance(floats, want, n);
        worst = fmax(worst, d);
        apart += d > 0;
        assert_true(steps_in_int8(m, 50) > 0 || d == 0);
        free(floats);
        for (int set = WN_CPU_C; set <= WN_CPU_NEON; set++)
            for (int k = 0; k < 3 && wn_cpu_available((wn_cpu)set) && set != WN_CPU_PORTABLE; k++) {
                running how = {.cpu = (wn_cpu)set, .precision = WN_PRECISION_INT8, .max_frames = k ? 1 : 33,
                               .block = k ? 0 : -20, .voices = 1 + k % 2, .voice = k % 2, .bad_others = k == 1};
                float *got = running_output(m, signal, &how, NULL);
                assert_memory_equal(want, got, (size_t)n * sizeof *got);
                free(got);
            }
        free(want);
        drawn_signal_free(signal);
        wn_model_free(m);
    }
    printf("int8: %d models with quantised layers, at most %.3f of the signal apart from floats\n", met, worst);
    assert_true(met > MODELS / 2 && apart > MODELS / 2);
    assert_true(worst < 0.2);
}

/* Narrow networks have nothing to quantise, and say so. */
static void test_narrow(void **state)
{
    (void)state;
    chance c = {7};
    wn_model *m = drawn_model(&c, &(drawn_wish){.width = 8, .plain = -1, .film = -1, .classes = -1});
    assert_int_equal(steps_in_int8(m, 1), 0);
    wn_plan *plan;
    wn_error error;
    wn_plan_config bad = {.precision = (wn_precision)77};
    assert_int_equal(wn_plan_new(&plan, m, &bad, &error), WN_ERROR_ARGUMENT);
    assert_null(plan);
    assert_int_equal(wn_precision_parse("int8"), WN_PRECISION_INT8);
    assert_int_equal(wn_precision_parse("int9"), -1);
    assert_string_equal(wn_precision_name(WN_PRECISION_F32), "f32");
    wn_model_free(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_runs), cmocka_unit_test(test_narrow)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
