/* SPDX-License-Identifier: MIT
 * test_bench.c - what bench is built of: shapes by name, caches, costs and floors.
 * Copyright (c) 2026 the wavenet authors */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "bench/caches.h"
#include "bench/latency.h"
#include "bench/microbenchmark.h"
#include "bench/roofline.h"
#include "bench/shape.h"

#include "model/description.h"
#include "model/model.h"
#include "model/receptive.h"

/* ---- shapes ------------------------------------------------------------------------------------------------------- */

static wn_model *shape(const char *name)
{
    wn_model *model;
    wn_error error = {0};
    if (wn_shape_model(&model, name, &error)) fail_msg("%s: %s: %s", name, error.where, error.message);
    return model;
}

static int64_t macs_of(const char *name)
{
    wn_model *model = shape(name);
    int64_t macs = wn_model_macs(model);
    wn_model_free(model);
    return macs;
}

/* The format's own table for captures; for fields, products written out by hand. */
static void test_costs(void **state)
{
    assert_int_equal(macs_of("a1-standard"), 13320);
    assert_int_equal(macs_of("a1-lite"), 6228);
    assert_int_equal(macs_of("a1-feather"), 2808);
    assert_int_equal(macs_of("a1-nano"), 732);
    assert_int_equal(macs_of("a2-full"), 11776);
    assert_int_equal(macs_of("a2-lite"), 1731);
    /* 2 layers: 3 * 4 * 6 + residual 3 * 4 + skip 3 * 5; rechannel 4; head 5 * 5 + 5 * 6 */
    assert_int_equal(macs_of("l2-r4-g6-s5-k3-mol2"), 2 * (72 + 12 + 15) + 4 + 25 + 30);
    /* a class is looked up; the head widens to the classes */
    assert_int_equal(macs_of("k3-l2-c16-s5-r4-g6"), 2 * (72 + 12 + 15) + 5 * 16 + 16 * 16);
    assert_int_equal(macs_of("l2-r4-g6-s5-k3-c16-h7"), 2 * (72 + 12 + 15) + 5 * 7 + 7 * 16);
    /* features: 2 layers of 8 * 6 every 256 samples, rounded up; the head stays as wide as the skips */
    assert_int_equal(macs_of("l2-r4-g6-s5-k3-c16-mel8"), 2 * (72 + 12 + 15) + 5 * 5 + 5 * 16 + 1);
    /* or every sample */
    assert_int_equal(macs_of("l2-r4-g6-s5-k3-c16-mel8-up"), 2 * (72 + 12 + 15 + 48) + 5 * 5 + 5 * 16);
    assert_int_equal(macs_of("l1-r4-g6-s5-k1-gauss"), 24 + 12 + 15 + 4 + 25 + 10);
}

static void test_dilations(void **state)
{
    wn_model *model = shape("l12-r2-g2-s2-k2-gauss");
    for (int i = 0; i < 12; i++) assert_int_equal(model->stacks[0].layers[i].conv.dilation, 1 << i % 10);
    wn_model_free(model);
    model = shape("a1-nano");
    assert_int_equal(wn_model_receptive(model), 4093);
    wn_model_free(model);
    model = shape("a2-full");
    assert_int_equal(wn_model_receptive(model), 6347);
    wn_model_free(model);
}

static void test_weights(void **state)
{
    wn_model *a = shape("l2-r32-g64-s32-k2-c64"), *b = shape("l2-r32-g64-s32-k2-c64");
    const wn_conv *x = &a->stacks[0].layers[1].conv, *y = &b->stacks[0].layers[1].conv;
    size_t n = (size_t)wn_conv_weights(x);
    assert_memory_equal(x->weight, y->weight, n * sizeof *x->weight);
    double sum = 0, squares = 0;
    for (size_t i = 0; i < n; i++) {
        sum += (double)x->weight[i];
        squares += (double)x->weight[i] * (double)x->weight[i];
    }
    double variance = 1.0 / 64; /* of 4096 uniform numbers: the mean of squares is off by 0.9 / 64 of it, deviation */
    assert_true(fabs(sum / (double)n) < 5 * sqrt(variance / (double)n));
    assert_true(fabs(squares / (double)n - variance) < 5 * 0.9 / 64 * variance);
    wn_model_free(a);
    wn_model_free(b);
}

static void test_bad_shapes(void **state)
{
    static const char *const names[] = {"",
                                        "-",
                                        "a1",
                                        "a1-standar",
                                        "A1-STANDARD",
                                        "l2",
                                        "l2-r4-g6-s5-k3",
                                        "l2-r4-g6-s5-k3-mol-c16",
                                        "l2-r4-g6-s5-k3-gauss-mol",
                                        "l2-r4-g7-s5-k3-mol",
                                        "l0-r4-g6-s5-k3-mol",
                                        "l2-r4-g6-s5-k3-mol-mol",
                                        "l2-r4-g6-s5-k3-l2-mol",
                                        "l2-r4-g6-s5-k3-mol-",
                                        "l2-r4-g6-s5-k3-mol-x",
                                        "l2-r4-g6-s5-k3-mol-mel",
                                        "l2-r4-g6-s5-k-mol",
                                        "l2-r4-g6-s5-k3-gauss1",
                                        "l2-r4-g6-s5-k3-c3",
                                        "l-2-r4-g6-s5-k3-mol",
                                        "l2-r4-g6-s5-k3-mol0",
                                        "l2-r4-g6-s5-k3-c",
                                        "l2-r4-g6-s5-k3-mol2x",
                                        "l2-r4-g6-s5-k3-mol-h0",
                                        "l5000-r4-g6-s5-k3-mol",
                                        "l2-r99999-g6-s5-k3-mol",
                                        "l2-r4-g6-s5-k3-c99999",
                                        "l2-r123456-g6-s5-k3-mol",
                                        "l2-r4-g6-s5-k3-mol-up",
                                        "l2-r4-g6-s5-k3-mol-mel8-up1",
                                        "l99999999999-r4-g6-s5-k3-mol",
                                        "l2-r16384-g16384-s16384-k3-mol"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        wn_model *model = (wn_model *)1;
        wn_error error = {0};
        wn_status status = wn_shape_model(&model, names[i], &error);
        if (status != WN_ERROR_ARGUMENT && status != WN_ERROR_FORMAT)
            fail_msg("'%s': status %d", names[i], (int)status);
        assert_null(model);
        assert_true(error.message[0] && error.where[0] && !strchr(error.message, '\n'));
    }
}

static void test_list(void **state)
{
    int n = 0;
    for (const char *name; (name = wn_shape_name(n)); n++) wn_model_free(shape(name));
    assert_int_equal(n, 10);
}

/* ---- caches ------------------------------------------------------------------------------------------------------- */

static char folder[64];

static void put(int index, const char *name, const char *word)
{
    char path[160];
    snprintf(path, sizeof path, "%s/index%d", folder, index);
    mkdir(path, 0700);
    snprintf(path, sizeof path, "%s/index%d/%s", folder, index, name);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fprintf(f, "%s\n", word);
    fclose(f);
}

static void put_cache(int index, const char *level, const char *type, const char *size)
{
    put(index, "level", level);
    put(index, "type", type);
    put(index, "size", size);
}

static int make_folder(void **state)
{
    snprintf(folder, sizeof folder, "wavenet-caches-XXXXXX");
    return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
    static const char *const names[] = {"level", "type", "size"};
    char path[160];
    for (int i = 0; i < 10; i++) {
        for (int k = 0; k < 3; k++) {
            snprintf(path, sizeof path, "%s/index%d/%s", folder, i, names[k]);
            remove(path);
        }
        snprintf(path, sizeof path, "%s/index%d", folder, i);
        rmdir(path);
    }
    return rmdir(folder);
}

static void expect_caches(int n, size_t one, size_t two, size_t three)
{
    wn_caches c;
    wn_caches_read(&c, folder);
    assert_int_equal(c.n, n);
    assert_int_equal(c.bytes[0], one);
    if (n > 1) assert_int_equal(c.bytes[1], two);
    if (n > 2) assert_int_equal(c.bytes[2], three);
}

static void test_caches(void **state)
{
    const size_t guess[] = {1 << 15, 1 << 20, 1 << 24};
    expect_caches(3, guess[0], guess[1], guess[2]);
    put_cache(0, "1", "Data", "48K");
    expect_caches(1, 48 << 10, 0, 0);
    put_cache(1, "1", "Instruction", "64K");
    put_cache(2, "3", "Unified", "24M");
    expect_caches(3, guess[0], guess[1], guess[2]); /* no level 2 */
    put_cache(3, "2", "Unified", "1280K");
    expect_caches(3, 48 << 10, 1280 << 10, 24 << 20);
    put_cache(3, "2", "Unified", "nonsense");
    expect_caches(3, guess[0], guess[1], guess[2]);
    put_cache(3, "2", "Unified", "-1K");
    expect_caches(3, guess[0], guess[1], guess[2]);
}

static void test_levels(void **state)
{
    const wn_caches c = {3, {32 << 10, 1 << 20, 32 << 20}};
    assert_int_equal(wn_caches_holding(&c, 32 << 10, 1), 0);
    assert_int_equal(wn_caches_holding(&c, (32 << 10) + 1, 1), 1);
    assert_int_equal(wn_caches_holding(&c, 1 << 20, 2), 1); /* each has its own */
    assert_int_equal(wn_caches_holding(&c, 20 << 20, 1), 2);
    assert_int_equal(wn_caches_holding(&c, 20 << 20, 2), 3); /* they share the last */
    size_t below = 0;
    for (int level = 0; level <= 3; level++) {
        size_t bytes = wn_caches_probe(&c, level);
        assert_true(bytes >= 2 * below && bytes % 4096 == 0);
        if (level < 3) assert_true(2 * bytes <= c.bytes[level]);
        below = level < 3 ? c.bytes[level] : 0;
    }
}

/* ---- floors ------------------------------------------------------------------------------------------------------- */

static wn_cost cost_in(wn_precision precision, const char *name, int block, int voices, int frames)
{
    wn_model *model = shape(name);
    wn_plan *plan;
    wn_cost c;
    wn_plan_config config = {.max_frames = block, .voices = voices, .precision = precision};
    assert_int_equal(wn_plan_new(&plan, model, &config, NULL), WN_OK);
    wn_cost_of(&c, plan, frames);
    wn_plan_free(plan);
    wn_model_free(model);
    return c;
}

static wn_cost cost(const char *name, int block, int voices, int frames)
{
    return cost_in(WN_PRECISION_F32, name, block, voices, frames);
}

static void test_capture_cost(void **state)
{
    wn_cost one = cost("a1-standard", 1, 1, 1), many = cost("a1-standard", 64, 1, 64);
    assert_true(one.macs == 13320 && many.macs == 13320);
    assert_true(one.n_functions == 1 && one.functions[0].act.fn == WN_ACT_TANH);
    assert_true(one.functions[0].elements == 240 && many.functions[0].elements == 240);
    /* The last residual, 8 x 8, is read by nobody. */
    assert_true(many.resident == 4 * (13320 - 64) && fabs(many.bytes - many.resident / 64) < 1e-9);
    assert_true(one.bytes == many.resident &&
                one.resident == many.resident); /* so narrow that all is read with every frame */
    assert_int_equal(cost("a2-full", 64, 1, 64).n_functions, 0);
}

static void test_generation_cost(void **state)
{
    /* Classes: no product of the input but one column of 40; 2 layers of gate 30; the last residual is read by nobody. The
     * second layer's two past taps are known two frames ahead, where voices do not share the reading anyway. */
    double weights = 2 * (7200 + 1200 + 1500) - 1200 + 50 * 16 + 16 * 16, past = 2 * 2400 / 2;
    wn_cost one = cost("l2-r40-g60-s50-k3-c16", 1, 1, 1), four = cost("l2-r40-g60-s50-k3-c16", 1, 4, 1);
    assert_true(one.bytes == 4 * (weights - past + 40) && four.bytes == 4 * (weights + 4 * 40));
    assert_true(one.resident == 4 * (weights + 16 * 40) && four.resident == one.resident);
    assert_true(one.n_functions == 1 && one.functions[0].op == WN_OP_GATE && one.functions[0].elements == 2 * 30);
    /* Features: 2 layers of 8 x 60, in rows of 64, multiplied eight samples ahead; or 60 every 256 samples. */
    wn_cost up = cost("l2-r40-g60-s50-k3-c16-h16-mel8-up", 1, 1, 1);
    assert_true(up.bytes == one.bytes + 4 * 2 * 8 * 64 / 8);
    wn_cost mel = cost("l2-r40-g60-s50-k3-c16-h16-mel8", 1, 1, 1);
    assert_true(fabs(mel.bytes - one.bytes - 4 * 2 * 8 * 60 / 256.0) < 1e-9);
}

/* All products but those of the first layer and the last are wide enough for fewer bits. */
static void test_precisions(void **state)
{
    const char *name = "l1-r64-g128-s64-k1-gauss";
    double wide = 64 * 128 + 64 * 64 + 64 * 64, rest = 64 + 2 * 64;
    wn_cost f32 = cost(name, 1, 1, 1), bf16 = cost_in(WN_PRECISION_BF16, name, 1, 1, 1);
    wn_cost int8 = cost_in(WN_PRECISION_INT8, name, 1, 1, 1);
    assert_true(f32.bytes == 4 * (wide + rest) && bf16.bytes == 2 * wide + 4 * rest && int8.bytes == wide + 4 * rest);
    assert_true(f32.macs8 == 0 && bf16.macs8 == 0 && int8.macs8 == wide);
    assert_true(bf16.macs == f32.macs && int8.macs == f32.macs - wide);
}

static void test_floor(void **state)
{
    const wn_cost eighths = {.macs = 500, .macs8 = 2000, .bytes = 1};
    assert_true(fabs(wn_roofline_of(&eighths, &(wn_rates){.macs = 1e9, .macs8 = 4e9, .read = 1e9}, 1, 1).arithmetic -
                     1e-6) < 1e-15);
    const wn_cost c = {.macs = 1000, .bytes = 4000, .n_functions = 2, .functions = {{.elements = 10}, {.elements = 6}}};
    const wn_rates rates = {.macs = 1e9, .read = 8e9, .functions = {1e9, 2e9}};
    wn_roofline f = wn_roofline_of(&c, &rates, 1, 1);
    assert_true(fabs(f.arithmetic - 1013e-9) < 1e-15 && fabs(f.bandwidth - 500e-9) < 1e-15);
    f = wn_roofline_of(&c, &rates, 8, 2); /* two plans read for four voices each */
    assert_true(fabs(f.arithmetic - 1013e-9) < 1e-15 && fabs(f.bandwidth - 125e-9) < 1e-15);
}

/* ---- latency ------------------------------------------------------------------------------------------------------ */

static wn_latency chain_of(const char *name, wn_cost *cost)
{
    wn_model *model = shape(name);
    wn_plan *plan;
    wn_latency chain;
    assert_int_equal(wn_plan_new(&plan, model, &(wn_plan_config){.max_frames = 1}, NULL), WN_OK);
    wn_cost_of(cost, plan, 1);
    assert_int_equal(wn_latency_of(&chain, plan, cost, NULL), WN_OK);
    wn_plan_free(plan);
    wn_model_free(model);
    return chain;
}

/* Counted by hand from the architecture. A product of 16 inputs is four chains of 4 FMAs, two additions that join them and one
 * that adds them to the sum. */
static void test_latency(void **state)
{
    wn_cost cost;
    wn_latency chain = chain_of("a1-standard", &cost);
    int wide = 4 + 4, narrow = 2 + 2,
        joins = 3 + 3 + 1; /* convolution, 1x1; the additions of both and of the residual */
    /* 1 -> 16, ten layers, 16 -> 8, nine layers, the last layer up to the skip sum, 8 -> 1 and the head's scale. */
    assert_int_equal(chain.fmas, 1 + 10 * wide + 4 + 9 * narrow + 2 + 2 + 1);
    assert_int_equal(chain.additions, 1 + 10 * joins + 3 + 9 * joins + 3 + 1 + 3);
    assert_int_equal(chain.functions[0], 20);

    /* Classes: a column is added; two gated layers, of which the second ends in the skip sum; 50 -> 16 -> 16 with ReLU
     * before each. 40 and 50 inputs are chains of 10 and 13, 30 inputs of 8. */
    chain = chain_of("l2-r40-g60-s50-k3-c16", &cost);
    assert_int_equal(chain.functions[0], 2);
    assert_true(chain.fmas >= 2 * (10 + 1) + 8 + 8 + 13 + 4);
    wn_operation_latency links = {.fma = 1, .addition = 10, .functions = {100}};
    assert_true(wn_latency_seconds(&chain, &links) == chain.fmas + 10 * chain.additions + 200);
}

/* ---- microbenchmarks --------------------------------------------------------------------------------------------- */

static void test_benchmarks(void **state)
{
    const wn_kernels *k = wn_kernels_get(0);
    const wn_fn_param tanh = {.fn = WN_ACT_TANH}, sigmoid = {.fn = WN_ACT_SIGMOID};
    const wn_microbenchmark list[] = {{.peak = wn_peak_get(0)},
                                      {.peak = wn_peak_get(0), .bytes = 1 << 14},
                                      {.kernels = k, .op = WN_OP_ACTIVATE, .act = tanh},
                                      {.kernels = k, .op = WN_OP_GATE, .act = tanh, .gate = sigmoid},
                                      {.kernels = k, .op = WN_OP_BLEND, .act = tanh, .gate = sigmoid}};
    double rates[5] = {0};
    wn_microbenchmarks benchmarks;
    assert_int_equal(wn_microbenchmarks_open(&benchmarks, list, 5, 2, NULL), WN_OK);
    assert_int_equal(wn_microbenchmarks_read(&benchmarks, 1e-3, rates, NULL), WN_OK);
    for (int i = 0; i < 5; i++) assert_true(rates[i] > 1e3 && rates[i] < 1e14);
    wn_microbenchmarks_close(&benchmarks);
}

static void test_median(void **state)
{
    double odd[] = {3, 1, 2}, even[] = {4, 1, 2, 3}, one[] = {5};
    assert_true(wn_median(odd, 3) == 2 && wn_median(even, 4) == 2.5 && wn_median(one, 1) == 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_costs),
        cmocka_unit_test(test_dilations),
        cmocka_unit_test(test_weights),
        cmocka_unit_test(test_bad_shapes),
        cmocka_unit_test(test_list),
        cmocka_unit_test_setup_teardown(test_caches, make_folder, remove_folder),
        cmocka_unit_test(test_levels),
        cmocka_unit_test(test_capture_cost),
        cmocka_unit_test(test_generation_cost),
        cmocka_unit_test(test_precisions),
        cmocka_unit_test(test_floor),
        cmocka_unit_test(test_latency),
        cmocka_unit_test(test_benchmarks),
        cmocka_unit_test(test_median),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
