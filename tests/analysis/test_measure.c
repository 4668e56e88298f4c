/* SPDX-License-Identifier: MIT
 * test_measure.c - what the running engine sees, against the formula: on networks of every structure.
 * Copyright (c) 2026 the wavenet authors */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "analysis/field.h"
#include "analysis/measure.h"
#include "model/receptive.h"
#include "sample.h"

static void check_influence(const wn_influence *in, const wn_model *model, const char *signal)
{
    assert_int_equal(in->beyond, 0);
    assert_int_equal(in->lags, wn_model_receptive(model));
    assert_in_range(in->farthest, 1, in->lags);
    double sum = 0;
    for (int64_t i = 0; i < in->lags; i++) sum += in->energy[i];
    assert_true(fabs(sum - 1) < 1e-9);
    assert_true(1 <= in->within[0] && in->within[0] <= in->within[1] && in->within[1] <= in->within[2]);
    assert_true(in->within[2] <= in->farthest);
    double head = 0;
    for (int64_t i = 0; i < in->within[1]; i++) head += in->energy[i];
    assert_true(head >= 0.9 - 1e-9 && head - in->energy[in->within[1] - 1] < 0.9 + 1e-9);
    print_message("    %s: %lld of %lld samples, 50/90/99 %%: %lld %lld %lld\n", signal, (long long)in->farthest,
                  (long long)in->lags, (long long)in->within[0], (long long)in->within[1], (long long)in->within[2]);
}

static void check_model(const wn_model *model, wn_cpu cpu)
{
    wn_error error = {0};
    wn_measure m;
    if (wn_measure_run(&m, model, cpu, &error)) fail_msg("%s: %s: %s", model->name, error.where, error.message);
    print_message("  %s: reach %lld, formula %lld\n", model->name, (long long)m.reach.receptive_field,
                  (long long)m.reach.formula);
    assert_int_equal(m.reach.missing, 0);
    assert_int_equal(m.reach.extra, 0);
    assert_int_equal(m.reach.covered, m.reach.formula_covered);
    assert_int_equal(m.reach.receptive_field, m.reach.formula);
    assert_true(wn_reach_agrees(&m.reach));
    check_influence(&m.silent, model, "silent");
    check_influence(&m.random, model, "random");
    wn_measure_free(&m);
}

static void test_structures(void **state)
{
    for (int i = 0; i < n_sample_shapes; i++) {
        wn_model *model = sample_model(&sample_shapes[i]);
        wn_field field;
        assert_int_equal(wn_field_model(&field, model, NULL), WN_OK);
        assert_int_equal(field.receptive_field, wn_model_receptive(model));
        wn_field_free(&field);
        check_model(model, model->stacks[0].n_layers < 9 ? WN_CPU_C : WN_CPU_AUTO); /* the reference is slow */
        wn_model_free(model);
    }
}

/* Structures whose field is plain arithmetic on paper: 1 + sum of (k-1) d, heads and first convolutions included. */
static void test_known_fields(void **state)
{
    static const struct {
        const char *name;
        int64_t field, covered;
    } known[] = {{"classes, gated, k2", 31, 31},
                 {"classes, first conv k2, global", 17, 17},
                 {"pcm, k3, running skip", 29, 29},
                 {"amp capture, two arrays", 509, 509},
                 {"long head", 1 + 5 * 69 + 15, 361},
                 {"A1", 4093, 4093},
                 {"A2", 6347, 6347},
                 {"plain", 32, 32},
                 {"no residual", 11, 6},
                 {"fifty layers", 5117, 5117}};
    for (size_t k = 0; k < sizeof known / sizeof *known; k++)
        for (int i = 0; i < n_sample_shapes; i++) {
            if (strcmp(sample_shapes[i].name, known[k].name) != 0) continue;
            wn_model *model = sample_model(&sample_shapes[i]);
            wn_field field;
            assert_int_equal(wn_field_model(&field, model, NULL), WN_OK);
            assert_int_equal(field.receptive_field, known[k].field);
            assert_int_equal(wn_span_covered(&field.reach), known[k].covered);
            wn_field_free(&field);
            wn_model_free(model);
        }
}

/* The rows of a model: kernels, growth and the state a layer keeps. */
static void test_rows(void **state)
{
    wn_model *model = sample_model(&sample_shapes[1]);
    wn_field f;
    assert_int_equal(wn_field_model(&f, model, NULL), WN_OK);
    const int64_t fields[] = {2, 3, 5, 9, 17}, frames[] = {1, 1, 2, 4, 8};
    assert_int_equal(f.n_rows, 5);
    assert_string_equal(f.rows[0].layer, "input");
    int64_t bytes = 0;
    for (int i = 0; i < 5; i++) {
        int width = i == 0 ? 1 : 7; /* the first convolution keeps class numbers */
        assert_int_equal(f.rows[i].receptive_field, fields[i]);
        assert_int_equal(f.rows[i].state_frames, frames[i]);
        assert_int_equal(f.rows[i].state_bytes, frames[i] * width * 4);
        bytes += f.rows[i].state_bytes;
    }
    assert_int_equal(f.state_bytes, bytes);
    wn_field_free(&f);
    wn_model_free(model);
}

/* A broken engine must not pass: the comparison is shown a model whose formula is another one's. */
static void test_disagreement(void **state)
{
    wn_reach reach = {.receptive_field = 15, .covered = 15, .formula = 15, .formula_covered = 15};
    assert_true(wn_reach_agrees(&reach));
    reach.missing = 1;
    assert_false(wn_reach_agrees(&reach));
    reach = (wn_reach){.receptive_field = 16, .covered = 16, .formula = 15, .formula_covered = 15, .extra = 1};
    assert_false(wn_reach_agrees(&reach));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_structures),
        cmocka_unit_test(test_known_fields),
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_disagreement),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
