/* SPDX-License-Identifier: MIT
 * test_precision.c - weights in fewer bits: the same results however they are run, near the floats, and what is not rounded.
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

enum { FRAMES = 120, MODELS = 30 };

static wn_model *wide_model(int i)
{
    chance c = {(uint64_t)i + 500};
    return drawn_model(&c, &(drawn_request){.autoregressive = i % 2,
                                            .width = 16 + i % 23,
                                            .plain = i % 5 ? -1 : 0,
                                            .act = WN_ACT_TANH + 1,
                                            .gating = i % 3 ? WN_GATING_GATED + 1 : 0,
                                            .film = -1,
                                            .kernel = 1 + i % 4});
}

/* Operations of a plan whose weights are rounded. */
static int rounded_ops(const wn_model *m, wn_precision precision, int max_frames)
{
    wn_plan *plan;
    int n = 0;
    wn_plan_config config = {.max_frames = max_frames, .precision = precision};
    assert_int_equal(wn_plan_new(&plan, m, &config, NULL), WN_OK);
    for (int i = 0; i < plan->ops.n; i++) {
        const wn_op *op = &plan->ops.op[i];
        const wn_weight_format *f = plan->format[i];
        bool last = op->dst == plan->ops.output, rounded = f && f != &wn_weight_formats[WN_PRECISION_F32];
        n += rounded && !last;
        assert_int_equal(f != NULL, wn_op_convolves(op));
        assert_false(rounded && (op->conv->in < 16 || op->conv->out < 16 || op->conv->groups > 1));
        assert_true(!rounded || f == &wn_weight_formats[last ? WN_PRECISION_BF16 : precision]);
    }
    assert_int_equal(wn_plan_get_precision(plan), n ? precision : WN_PRECISION_F32);
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

static void compare_sets(const wn_model *m, const drawn_signal *signal, wn_precision precision, const float *want)
{
    for (int set = WN_CPU_C; set <= WN_CPU_NEON; set++)
        for (int k = 0; k < 3 && wn_cpu_is_available((wn_cpu)set) && set != WN_CPU_PORTABLE; k++) {
            running how = {.cpu = (wn_cpu)set,
                           .precision = precision,
                           .max_frames = k ? 1 : 33,
                           .block = k ? 0 : -20,
                           .voices = 1 + k % 2,
                           .voice = k % 2,
                           .bad_others = k == 1};
            float *got = running_output(m, signal, &how, NULL);
            assert_memory_equal(want, got, (size_t)signal->frames * (size_t)m->output_channels * sizeof *got);
            free(got);
        }
}

/* Bits do not depend on set, block, bulk work or other voices; the distance from floats is that of the bits. */
static void check_runs(wn_precision precision, double bound)
{
    int met = 0, apart = 0;
    double worst = 0;
    for (int i = 0; i < MODELS; i++) {
        wn_model *m = wide_model(i);
        chance c = {(uint64_t)i + 1};
        drawn_signal *signal = drawn_signal_new(&c, m, FRAMES);
        running reference = {.cpu = WN_CPU_C, .precision = precision, .max_frames = 50}, floats = {.max_frames = 50};
        float *want = running_output(m, signal, &reference, NULL), *exact = running_output(m, signal, &floats, NULL);
        double d = distance(exact, want, FRAMES * m->output_channels);
        worst = fmax(worst, d);
        apart += d > 0;
        met += rounded_ops(m, precision, 1) > 0;
        assert_true(rounded_ops(m, precision, 50) > 0 || d == 0);
        compare_sets(m, signal, precision, want);
        free(want);
        free(exact);
        drawn_signal_free(signal);
        wn_model_free(m);
    }
    printf("%s: %d models with rounded layers, at most %.4f of the signal apart from floats\n",
           wn_precision_name(precision), met, worst);
    assert_true(met > MODELS / 2 && apart > MODELS / 2);
    assert_true(worst < bound);
}

/* Half a step of 127 or of 2^8 in each factor of each layer; a stack of ten makes a few times that of them. */
static void test_int8(void **state)
{
    (void)state;
    check_runs(WN_PRECISION_INT8, 0.1);
}

static void test_bf16(void **state)
{
    (void)state;
    check_runs(WN_PRECISION_BF16, 0.03);
}

/* Narrow networks have nothing to quantise, and say so. */
static void test_narrow(void **state)
{
    (void)state;
    chance c = {7};
    wn_model *m = drawn_model(&c, &(drawn_request){.width = 8, .plain = -1, .film = -1, .classes = -1});
    assert_int_equal(rounded_ops(m, WN_PRECISION_INT8, 1), 0);
    assert_int_equal(rounded_ops(m, WN_PRECISION_BF16, 64), 0);
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
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_int8), cmocka_unit_test(test_bf16),
                                       cmocka_unit_test(test_narrow)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
