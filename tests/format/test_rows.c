/* SPDX-License-Identifier: MIT
 * test_rows.c - the rows of activations and of file formats: names, slopes, detection.
 * Copyright (c) 2026 the wavenet authors */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "format/format.h"
#include "helpers.h"

#define NUMBER_DOUBLE
#include "kinds/number.h"

static double fn_tanh(double x) { return tanh(x); }
static double fn_sigmoid(double x) { return 1 / (1 + exp(-x)); }

#include "kinds/activation_math.h"

/* ---- activations ------------------------------------------------------------------------------------------------ */

static void differ(const char *a, const char *b)
{
    if (a && b && !strcmp(a, b)) fail_msg("two activations are called %s", a);
}

static void every_activation_has_its_own_names(void **state)
{
    for (int i = 0; i < WN_ACT_COUNT; i++) {
        const wn_act_row *a = wn_act_row_of((wn_act_kind)i);
        assert_non_null(a->name);
        assert_true(a->nam || !a->also_nam);
        differ(a->nam, a->also_nam);
        for (int j = 0; j < i; j++) {
            const wn_act_row *b = wn_act_row_of((wn_act_kind)j);
            differ(a->name, b->name);
            differ(a->vocoder, b->vocoder);
            differ(a->nam, b->nam);
            differ(a->nam, b->also_nam);
            differ(a->also_nam, b->nam);
            differ(a->also_nam, b->also_nam);
        }
    }
}

/* A parameter that a foreign format cannot name would be lost in it. */
static void every_parameter_has_a_key_in_every_format(void **state)
{
    for (int i = 0; i < WN_ACT_COUNT; i++) {
        const wn_act_row *a = wn_act_row_of((wn_act_kind)i);
        for (int k = 0; k < wn_act_parameters(a); k++)
            if ((a->nam || a->vocoder) && !a->parameter[k].nam)
                fail_msg("%s: no key for %s", a->name, a->parameter[k].key);
    }
}

static double value_of(wn_act_kind kind, double x, const double *p)
{
    switch (kind) {
#define CASE(ID, name, ...) \
    case WN_ACT_##ID: return act_##name(x, p);
        WN_ACTIVATIONS(CASE)
#undef CASE
    case WN_ACT_COUNT: break;
    }
    return NAN;
}

static double slope_of(wn_act_kind kind, double x, double y, const double *p)
{
    switch (kind) {
#define CASE(ID, name, ...) \
    case WN_ACT_##ID: return slope_##name(x, y, p);
        WN_ACTIVATIONS(CASE)
#undef CASE
    case WN_ACT_COUNT: break;
    }
    return NAN;
}

/* Central differences with a step h are off by h^2 times a third derivative, below 10 here, and by rounding over h. Points lie
 * at least 1/64 away from every kink (0, the parameters, 1 and 3). */
static void every_slope_is_that_of_the_value(void **state)
{
    const double p[WN_ACT_PARAMETERS] = {-0.75, 0.5, 0.1, 0.2}, h = 1e-5;
    for (int kind = 0; kind < WN_ACT_COUNT; kind++) {
        bool of_value = wn_act_row_of((wn_act_kind)kind)->flags & WN_ACT_SLOPE_OF_VALUE;
        for (int i = -255; i <= 255; i += 2) {
            double x = i / 64.0, y = value_of((wn_act_kind)kind, x, p);
            double above = value_of((wn_act_kind)kind, x + h, p), below = value_of((wn_act_kind)kind, x - h, p);
            double slope = slope_of((wn_act_kind)kind, of_value ? NAN : x, y, p), expected = (above - below) / (2 * h);
            if (!(fabs(slope - expected) <= 2e-9))
                fail_msg("%s at %g: slope %.12g, differences %.12g", wn_act_row_of((wn_act_kind)kind)->name, x, slope,
                         expected);
        }
    }
}

/* ---- formats ---------------------------------------------------------------------------------------------------- */

static void every_format_reads_or_says_why_not(void **state)
{
    for (int i = 0; wn_format_at(i); i++) {
        const wn_format *f = wn_format_at(i);
        assert_true(f->name && f->max_size && f->detect);
        assert_true(!f->read == !!f->refusal);
        assert_true(!f->sidecar == !f->max_sidecar);
        if (f->write && !f->ending) fail_msg("no name asks for %s", f->name);
    }
    assert_null(wn_format_at(-1));
    assert_null(wn_format_at(100));
}

static void names_of_models(void **state)
{
    static const char *const yes[] = {"a.nam", "a.NAM", "a.safetensors", "a.b.safetensors"};
    static const char *const no[] = {"a.wav", ".nam", ".a.nam", "nam", "a.nam.txt", "hparams.json", "a.pth", ""};
    for (size_t i = 0; i < sizeof yes / sizeof *yes; i++)
        if (!wn_format_is_model_name(yes[i])) fail_msg("%s is no model's name", yes[i]);
    for (size_t i = 0; i < sizeof no / sizeof *no; i++)
        if (wn_format_is_model_name(no[i])) fail_msg("%s is a model's name", no[i]);
}

/* The length of this header, 640, begins with the bytes of a bare pickle. */
static void tensors_are_no_pickle(void **state)
{
    char file[8 + 640] = "\x80\x02";
    wn_model *model;
    wn_error error = {0};
    memset(file + 8, ' ', 640);
    memcpy(file + 8, "{}", 2);
    assert_error("tensors", wn_model_load_memory(&model, file, sizeof file, "file", &error), &error,
                 "no WaveNet config");
    memset(file + 8, '.', 640);
    assert_error("pickle", wn_model_load_memory(&model, file, sizeof file, "file", &error), &error, "PyTorch pickle");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_activation_has_its_own_names),
        cmocka_unit_test(every_parameter_has_a_key_in_every_format),
        cmocka_unit_test(every_slope_is_that_of_the_value),
        cmocka_unit_test(every_format_reads_or_says_why_not),
        cmocka_unit_test(names_of_models),
        cmocka_unit_test(tensors_are_no_pickle),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
