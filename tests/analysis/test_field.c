/* SPDX-License-Identifier: MIT
 * test_field.c - receptive fields, coverage, sizes and path counts that mathematics or the literature fixes.
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
#include "model/model.h"

static wn_field field_of(const char *text, int64_t input)
{
    wn_spec *layers;
    int n;
    wn_error error = {0};
    wn_field field;
    if (wn_spec_parse(&layers, &n, text, "--layers", &error) ||
        wn_field_layers(&field, layers, n, input, 1, "", &error))
        fail_msg("%s: %s", text, error.message);
    free(layers);
    return field;
}

static wn_field causal_field(int kernel, const char *dilations, int64_t input)
{
    wn_spec *layers;
    int n;
    wn_error error = {0};
    wn_field field;
    if (wn_spec_causal(&layers, &n, kernel, dilations, &error) ||
        wn_field_layers(&field, layers, n, input, 1, "", &error))
        fail_msg("%s: %s", dilations, error.message);
    free(layers);
    return field;
}

/* `expected`: the receptive field after each layer; ends the test if one differs. Frees the field. */
static void check_rows(wn_field field, const int64_t *expected, int n)
{
    assert_int_equal(field.n_rows, n);
    for (int i = 0; i < n; i++) assert_int_equal(field.rows[i].receptive_field, expected[i]);
    wn_field_free(&field);
}
#define CHECK_ROWS(field, ...) \
    check_rows(field, (const int64_t[]){__VA_ARGS__}, sizeof((const int64_t[]){__VA_ARGS__}) / sizeof(int64_t))

static void check_total(wn_field field, int64_t receptive, int64_t covered)
{
    assert_int_equal(field.receptive_field, receptive);
    assert_int_equal(wn_span_covered(&field.reach), covered);
    wn_field_free(&field);
}

static void test_linear_growth(void **state)
{
    CHECK_ROWS(causal_field(2, "1,1,1,1", 0), 2, 3, 4, 5);
    CHECK_ROWS(field_of("conv3 conv3 conv3", 0), 3, 5, 7);
}

static void test_exponential_growth(void **state)
{
    wn_field f = field_of("conv3,conv3d2,conv3d4", 0);
    const int64_t kernels[] = {3, 5, 9}; /* of the layers alone, not to be confused with the receptive field */
    for (int i = 0; i < 3; i++) assert_int_equal(f.rows[i].effective_kernel, kernels[i]);
    assert_true(f.rows[2].coverage == 1);
    CHECK_ROWS(f, 3, 7, 15);
    CHECK_ROWS(field_of("conv3 conv3 conv3d2 conv3d4 conv3d8 conv3d16 conv3 conv1", 0), 3, 5, 9, 17, 33, 65, 67, 67);
}

static void test_gridding(void **state)
{
    wn_field f = field_of("conv3d2 conv3d2 conv3d2", 0);
    for (int64_t i = 0; i < f.reach.length; i++) assert_int_equal(f.reach.hit[i], i % 2 == 0);
    assert_int_equal(f.rows[2].covered, 7);
    assert_true(fabs(f.rows[2].coverage - 7.0 / 13.0) < 1e-15);
    CHECK_ROWS(f, 5, 9, 13);
    f = field_of("conv3 conv3d2 conv3d5", 0);
    assert_true(f.rows[2].coverage == 1); /* hybrid dilation */
    CHECK_ROWS(f, 3, 7, 17);
}

/* n layers of `kernel`, dilation 2^(i mod cycle), after `first` more tokens. */
static wn_field cycles(const char *first, int kernel, int n, int cycle)
{
    char text[16384] = "";
    size_t used = (size_t)snprintf(text, sizeof text, "%s", first);
    for (int i = 0; i < n; i++)
        used += (size_t)snprintf(text + used, sizeof text - used, " conv%dd%d", kernel, 1 << i % cycle);
    return field_of(text, 0);
}

static void test_paper_stacks(void **state)
{
    check_total(cycles("", 2, 10, 10), 1024, 1024);
    check_total(cycles("", 2, 30, 10), 3070, 3070);
    check_total(cycles("conv2", 2, 50, 10), 5117, 5117);
    check_total(cycles("", 3, 24, 6), 505, 505);
    check_total(cycles("", 3, 30, 10), 6139, 6139);
}

static void test_strides(void **state)
{
    wn_field f = field_of("conv3s2 conv3s2 conv3", 0);
    assert_true(f.rows[0].jump == 2 && f.rows[1].jump == 4 && f.rows[2].jump == 4);
    CHECK_ROWS(f, 3, 7, 15);
    f = field_of("conv1s3", 0); /* reads one input of three: nothing is missing within its field of one */
    assert_true(f.rows[0].coverage == 1 && f.rows[0].jump == 3);
    CHECK_ROWS(f, 1);
    f = field_of("conv7s2p1", 0);
    assert_int_equal(f.rows[0].first, -1);
    assert_int_equal(f.rows[0].last, 5);
    CHECK_ROWS(f, 7);
}

static void check_size(const char *text, int64_t n, int64_t expected)
{
    wn_field f = field_of(text, n);
    assert_int_equal(f.rows[f.n_rows - 1].output_size, expected);
    wn_field_free(&f);
}

static void test_sizes(void **state)
{
    check_size("conv3", 5, 3);
    check_size("conv3s2", 5, 2);
    check_size("conv3s2p1", 5, 3);
    check_size("conv3s2p1", 7, 4);
    check_size("tconv4s3", 2, 7);
    check_size("pool2s2 pool2s2 pool2s2 pool2s2", 64, 4);
    check_size("conv3", 4, 2);
    check_size("tconv3", 2, 4); /* the transpose of the matrix above */
    wn_field f = field_of("pool2s2 pool2s2 pool2s2 pool2s2", 0);
    assert_true(f.rows[3].jump == 16);
    wn_field_free(&f);
    f = causal_field(3, "1 2 4", 100);
    for (int i = 0; i < 3; i++) assert_int_equal(f.rows[i].output_size, 100);
    wn_field_free(&f);
}

/* What each output reads, from the definition of the layers, by brute force over indices. */
enum { SIDE = 400 };
static void brute_step(const wn_spec *l, const uint8_t *seen, uint8_t *next)
{
    memset(next, 0, SIDE);
    for (int o = 0; o < SIDE; o++)
        for (int k = 0; seen[o] && k < l->axis[0].kernel; k++) {
            int a = o - SIDE / 2, m = a * l->axis[0].stride - l->axis[0].padding + k * l->axis[0].dilation;
            if (l->kind == WN_SPEC_TRANSPOSED) {
                int from = a + l->axis[0].padding - k * l->axis[0].dilation;
                if (from % l->axis[0].stride) continue;
                m = from / l->axis[0].stride;
            }
            assert_true(m + SIDE / 2 >= 0 && m + SIDE / 2 < SIDE);
            next[m + SIDE / 2] = 1;
        }
}

/* Widest input interval of outputs 0 .. 47, and the interval of output 0. */
static void brute_force(const wn_spec *layers, int n, int64_t *widest, int64_t *first, int64_t *last)
{
    *widest = 0;
    for (int o = 0; o < 48; o++) {
        uint8_t a[SIDE] = {0}, b[SIDE];
        a[SIDE / 2 + o] = 1;
        for (int i = n; i-- > 0;) {
            brute_step(&layers[i], a, b);
            memcpy(a, b, SIDE);
        }
        int low = 0, high = SIDE - 1;
        while (low < SIDE && !a[low]) low++;
        while (high >= low && !a[high]) high--;
        if (high - low + 1 > *widest) *widest = high - low + 1;
        if (o == 0) *first = low < SIDE ? low - SIDE / 2 : 1;
        if (o == 0) *last = low < SIDE ? high - SIDE / 2 : 0;
    }
}

static void test_mixed_stacks(void **state)
{
    static const char *const texts[] = {
        "tconv4s3",
        "tconv4s2",
        "tconv4s2p1 conv3",
        "conv3s2 tconv4s2 conv3d2",
        "tconv3s2d2 pool2s2",
        "conv5s3p2 tconv6s3p1 conv3",
        "tconv2s3 conv3d2 tconv4s2 conv2s4",
        "tconv1s3",
        "tconv4s2 tconv4s2 conv3s4 conv3",
        "conv5s3p2:0 tconv3s2p1:0o1 conv3p0:2",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        wn_spec *layers;
        int n;
        assert_int_equal(wn_spec_parse(&layers, &n, texts[i], "", NULL), WN_OK);
        wn_field f = field_of(texts[i], 0);
        int64_t widest, first, last;
        brute_force(layers, n, &widest, &first, &last);
        assert_int_equal(f.receptive_field, widest);
        assert_int_equal(f.rows[n - 1].first, first);
        assert_int_equal(f.rows[n - 1].last, last);
        free(layers);
        wn_field_free(&f);
    }
    CHECK_ROWS(field_of("tconv4s3", 0), 2);
    CHECK_ROWS(field_of("tconv4s2", 0), 2);
}

/* Padding by name is that of the actual size; SAME gives ceil(size / stride). */
static void test_named_padding(void **state)
{
    static const struct {
        const char *text;
        int64_t input, output, first, last;
    } cases[] = {
        {"conv5s3same", 7, 3, -2, 2},   {"conv5s3valid", 7, 1, 0, 4},     {"conv3s2same", 6, 3, 0, 2},
        {"conv3s2same", 5, 3, -1, 1},   {"conv3d4same", 9, 9, -4, 4},     {"conv2same", 9, 9, 0, 1},
        {"conv3d4causal", 9, 9, -8, 0}, {"conv3p2:1", 9, 10, -2, 0},      {"tconv4s2same", 5, 10, -1, 0},
        {"tconv2s3same", 5, 15, 0, 0},  {"tconv4s2causal", 5, 10, -1, 0}, {"7,3,2,SAME", 20, 7, -5, 7},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        wn_field f = field_of(cases[i].text, cases[i].input);
        if (f.rows[0].output_size != cases[i].output || f.rows[0].first != cases[i].first ||
            f.rows[0].last != cases[i].last)
            fail_msg("%s: %lld outputs, the first sees %lld .. %lld", cases[i].text, (long long)f.rows[0].output_size,
                     (long long)f.rows[0].first, (long long)f.rows[0].last);
        wn_field_free(&f);
    }
}

/* Parallel branches: the union of what they see, with the paths added. */
static void test_branches(void **state)
{
    static const double aspp[] = {1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1};
    static const char *const same[] = {"(conv3d6same | conv3d12same | conv1)", "(conv3d6 | conv3d12 | conv1)",
                                       "(conv3d6p6|conv3d12p12|)", "((conv3d6p6|)|conv3d12p12)"};
    for (size_t i = 0; i < sizeof same / sizeof *same; i++) {
        wn_field f = field_of(same[i], 0);
        assert_int_equal(f.receptive_field, 25);
        assert_true(f.has_branches);
        for (int64_t k = 0; k < 25; k++) /* the last list has the identity within another branch: the same paths */
            assert_true(fabs(exp2(wn_span_log2_path(&f.reach, k)) - aspp[k]) < 1e-9);
        wn_field_free(&f);
    }
    wn_field f = field_of("conv2 (conv3same | ) conv2", 9); /* residual: 1 2 1 -> 1 2 1 + middle */
    assert_int_equal(f.rows[2].output_size, 8);
    assert_int_equal(f.rows[3].output_size, 7);
    assert_int_equal(f.receptive_field, 5);
    wn_field_free(&f);
    f = field_of("(tconv4s2p1 | tconv2s2)", 5); /* both double the rate */
    assert_int_equal(f.rows[2].output_size, 10);
    assert_true(f.rows[2].jump == 0.5);
    assert_int_equal(f.receptive_field, 2);
    wn_field_free(&f);
    wn_spec *layers;
    int n;
    wn_error error = {0};
    assert_int_equal(wn_spec_parse(&layers, &n, "(conv3s2 | conv3)", "", &error), WN_OK);
    assert_int_equal(wn_field_layers(&f, layers, n, 0, 1, "", &error), WN_ERROR_ARGUMENT);
    assert_non_null(strstr(error.message, "cannot be added"));
    free(layers);
}

static void test_paths(void **state)
{
    wn_field f = field_of("conv2 conv2 conv2 conv2", 0); /* Pascal's triangle */
    const double binomial[] = {1, 4, 6, 4, 1};
    for (int i = 0; i < 5; i++) assert_true(f.reach.paths[i] == binomial[i]);
    wn_field_free(&f);
    f = cycles("", 3, 30, 10);
    assert_true(fabs(f.rows[29].log2_paths - 30 * log2(3)) < 1e-9);
    double sum = 0;
    for (int64_t i = 0; i < f.reach.length; i++) {
        sum += f.reach.paths[i];
        assert_true(f.reach.paths[i] == f.reach.paths[f.reach.length - 1 - i] && f.reach.paths[i] >= 1);
    }
    assert_true(sum == 205891132094649.0); /* 3^30, exactly */
    wn_field_free(&f);
    f = cycles("", 16, 1000, 2); /* 2^4000 paths: counts need an exponent */
    assert_true(fabs(f.rows[999].log2_paths - 4000) < 1e-6);
    assert_int_equal(wn_span_covered(&f.reach), f.receptive_field);
    wn_field_free(&f);
}

static void refused(const char *text, const char *position, const char *token, const char *reason)
{
    wn_spec *layers;
    int n;
    wn_error error = {0};
    wn_field field;
    wn_status status = wn_spec_parse(&layers, &n, text, "--layers", &error);
    if (!status) {
        status = wn_field_layers(&field, layers, n, 8, 1, "--layers", &error);
        free(layers);
    }
    assert_int_not_equal(status, WN_OK);
    if (!strstr(error.message, position) || !strstr(error.message, token) || !strstr(error.message, reason))
        fail_msg("'%s' gave: %s", text, error.message);
}

static void test_refusals(void **state)
{
    refused("", "", "", "empty");
    refused(" , ,", "", "", "empty");
    refused("conv0", "layer 1", "'conv0'", "kernel of 1 to 65536");
    refused("conv3 conv", "layer 2", "'conv'", "kernel");
    refused("conv3, con3", "layer 2", "(character 8)", "conv, tconv, pool, avgpool");
    refused("conv3 conv3d0", "(character 13)", "conv3d0", "dilation of 1");
    refused("conv3d-1", "(character 7)", "conv3d-1", "dilation of 1");
    refused("conv3s0", "(character 7)", "conv3s0", "stride of 1");
    refused("conv3x", "(character 7)", "conv3x", "kernel of 1");
    refused("conv3y", "(character 6)", "conv3y", "d, s or p");
    refused("conv3d2d2", "(character 8)", "conv3d2d2", "second dilation");
    refused("conv3s2s2", "(character 8)", "", "second stride");
    refused("conv3p2p2", "(character 8)", "", "second padding");
    refused("pool2d2", "(character 6)", "pool2d2", "no dilation");
    refused("conv99999999999999999999999", "layer 1", "conv99999999999999999999...'", "kernel of 1");
    refused("conv65536d4194304", "layer 1", "", "dilation * (kernel - 1)");
    refused("conv3 conv9", "layer 2", "'conv9'", "too short");
    refused("conv65536d1000 conv65536d1000", "layer 1", "", "too large");
    refused("tconv1s65536 tconv1s65536", "layer 1", "", "too large");
    refused("conv1s65536 conv1s65536 conv1s65536 conv1s65536 conv1s65536", "layer 3", "", "too large");
    char many[5000 * 6 + 1] = "";
    for (int i = 0; i < 5000; i++) memcpy(many + 6 * i, "conv2 ", 7);
    refused(many, "5000 layers", "", "limit");
}

static void test_causal_refusals(void **state)
{
    static const struct {
        int kernel;
        const char *dilations, *reason;
    } cases[] = {{0, "1", "kernel of 1"},
                 {70000, "1", "kernel of 1"},
                 {2, "", "empty"},
                 {2, "1,0", "layer 2, '0'"},
                 {2, "1,x", "layer 2, 'x'"},
                 {2, "1,2x", "layer 2, '2x'"},
                 {65536, "4194304", "more than 67108863"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        wn_spec *layers;
        int n;
        wn_error error = {0};
        assert_int_not_equal(wn_spec_causal(&layers, &n, cases[i].kernel, cases[i].dilations, &error), WN_OK);
        assert_non_null(strstr(error.message, cases[i].reason));
        assert_null(layers);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_linear_growth), cmocka_unit_test(test_exponential_growth),
        cmocka_unit_test(test_gridding),      cmocka_unit_test(test_paper_stacks),
        cmocka_unit_test(test_strides),       cmocka_unit_test(test_sizes),
        cmocka_unit_test(test_mixed_stacks),  cmocka_unit_test(test_paths),
        cmocka_unit_test(test_named_padding), cmocka_unit_test(test_branches),
        cmocka_unit_test(test_refusals),      cmocka_unit_test(test_causal_refusals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
