/* SPDX-License-Identifier: MIT
 * test_parts.c - arena, errors, companding, limits, and the arithmetic of receptive field, parameters and cost.
 * Copyright (c) 2026 the wavenet authors */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "helpers.h"
#include "model/check_model.h"
#include "model/clone.h"
#include "model/companding.h"
#include "model/description.h"
#include "model/receptive.h"

static void arena_gives_zeroed_aligned_memory(void **state)
{
    wn_arena *arena = wn_arena_new();
    for (size_t n = 0; n < 3000; n += 7) {
        uint8_t *p = wn_arena_alloc(arena, n, 3);
        assert_non_null(p);
        assert_int_equal((uintptr_t)p % 64, 0);
        for (size_t i = 0; i < 3 * n; i++) assert_int_equal(p[i], 0);
        memset(p, 0xff, 3 * n); /* whatever comes next must not overlap it */
    }
    assert_string_equal(wn_arena_strdup(arena, "key"), "key");
    assert_null(wn_arena_strdup(arena, NULL));
    wn_arena_free(arena);
}

static void arena_gives_large_pieces_too(void **state)
{
    wn_arena *arena = wn_arena_new();
    uint8_t *pieces[48];
    for (int i = 0; i < 48; i++) { /* through every size of chunk, and past the largest */
        size_t size = (size_t)(i % 5 + 1) << (10 + i % 14);
        pieces[i] = wn_arena_alloc(arena, size, 1);
        assert_non_null(pieces[i]);
        assert_int_equal((uintptr_t)pieces[i] % 64, 0);
        for (size_t at = 0; at < size; at += 61) assert_int_equal(pieces[i][at], 0);
        memset(pieces[i], i + 1, size);
    }
    for (int i = 0; i < 48; i++)
        for (size_t at = 0, size = (size_t)(i % 5 + 1) << (10 + i % 14); at < size; at += 61)
            assert_int_equal(pieces[i][at], i + 1);
    wn_arena_free(arena);
}

static void arena_refuses_overflow_and_null(void **state)
{
    wn_arena *arena = wn_arena_new();
    assert_null(wn_arena_alloc(arena, SIZE_MAX / 2, 4));
    assert_null(wn_arena_alloc(arena, SIZE_MAX, 1));
    assert_null(wn_arena_alloc(NULL, 1, 1));
    assert_non_null(wn_arena_alloc(arena, SIZE_MAX, 0));
    wn_arena_free(arena);
    wn_arena_free(NULL);
}

static void an_error_is_one_line(void **state)
{
    wn_error error = {0};
    assert_int_equal(wn_fail(&error, WN_ERROR_FORMAT, "a\nb", "x%cy %s", '\r', "z"), WN_ERROR_FORMAT);
    assert_string_equal(error.where, "a?b");
    assert_string_equal(error.message, "x?y z");
    wn_fail(&error, WN_ERROR_FILE, error.message, "about %s", error.where); /* arguments within the error itself */
    assert_string_equal(error.message, "about a?b");
    assert_string_equal(error.where, "x?y z");
    assert_int_equal(wn_fail(NULL, WN_ERROR_MEMORY, NULL, "nobody listens"), WN_ERROR_MEMORY);
    for (int i = WN_OK; i <= WN_ERROR_ARGUMENT; i++) assert_true(strlen(wn_status_text((wn_status)i)) > 1);
}

/* Classes computed by the formulas of model.h in another language. */
static void companding_follows_the_formulas(void **state)
{
    static const double x[11] = {-1, -0.73, -0.1, -0.004, 0, 0.0007, 0.02, 0.31, 0.999, 1, -2};
    static const struct {
        wn_companding c;
        int n;
        int k[11];
    } cases[] = {{WN_MULAW_TRUNC, 256, {0, 7, 52, 111, 127, 131, 169, 228, 254, 255, 0}},
                 {WN_MULAW_ROUND, 256, {0, 7, 52, 111, 128, 131, 169, 228, 255, 255, 0}},
                 {WN_MULAW_SHIFT, 256, {0, 7, 52, 111, 128, 131, 169, 228, 255, 255, 0}},
                 {WN_MULAW_FLOOR, 256, {0, 7, 52, 111, 128, 131, 169, 229, 255, 255, 0}},
                 {WN_MULAW_DIGITIZE, 256, {0, 7, 52, 111, 127, 131, 169, 228, 254, 255, 0}},
                 {WN_MULAW_RESTRETCH, 256, {0, 7, 52, 111, 127, 131, 169, 228, 254, 255, 0}},
                 {WN_MULAW_MIDTREAD, 256, {1, 8, 53, 112, 128, 132, 169, 228, 255, 255, 1}},
                 {WN_MULAW_TRUNC, 64, {0, 2, 16, 29, 31, 31, 37, 54, 62, 63, 0}},
                 {WN_MULAW_ROUND, 64, {0, 2, 16, 30, 32, 32, 38, 54, 63, 63, 0}},
                 {WN_MULAW_FLOOR, 64, {0, 2, 16, 30, 32, 32, 38, 55, 63, 63, 0}},
                 {WN_MULAW_DIGITIZE, 64, {0, 2, 16, 29, 31, 31, 37, 54, 62, 63, 0}},
                 {WN_MULAW_MIDTREAD, 64, {1, 3, 17, 30, 32, 32, 38, 55, 63, 63, 1}}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        for (int k = 0; k < 11; k++) assert_int_equal(wn_compand_encode(cases[i].c, cases[i].n, x[k]), cases[i].k[k]);
    assert_int_equal(wn_compand_encode(WN_MULAW_TRUNC, 256, NAN), 127);
    assert_int_equal(wn_compand_encode(WN_MULAW_TRUNC, 256, INFINITY), 255);
}

/* What a class decodes to lies in its own cell, or one off where the convention itself is lopsided; steps ascend. */
static void companding_round_trips(void **state)
{
    static const int slack[WN_COMPANDING_COUNT] = {
        [WN_MULAW_TRUNC] = 1, [WN_MULAW_SHIFT] = 1, [WN_MULAW_DIGITIZE] = 1, [WN_MULAW_RESTRETCH] = 1};
    for (int c = WN_MULAW_TRUNC; c < WN_COMPANDING_COUNT; c++) {
        for (int n = 4; n <= 65536; n *= 4) {
            double last = -2.0;
            for (int k = 0; k < n; k++) {
                double x = wn_compand_decode((wn_companding)c, n, k);
                assert_true(x >= -1.0 && x <= 1.0);
                bool clipped = k == 0 || (c == WN_MULAW_MIDTREAD && k == 1) || (c == WN_MULAW_SHIFT && k == 1);
                assert_true(clipped ? x >= last : x > last);
                int back = wn_compand_encode((wn_companding)c, n, x);
                int off = c == WN_MULAW_MIDTREAD && k == 0 ? 1 : slack[c]; /* classes 0 and 1 are both -1 */
                if (abs(back - k) > off)
                    fail_msg("%s: class %d of %d comes back as %d", wn_companding_name((wn_companding)c), k, n, back);
                last = x;
            }
        }
        assert_true(wn_compand_decode((wn_companding)c, 256, -5) == wn_compand_decode((wn_companding)c, 256, 0));
        assert_true(wn_compand_decode((wn_companding)c, 256, 999) == wn_compand_decode((wn_companding)c, 256, 255));
    }
    assert_true(wn_compand_decode(WN_MULAW_MIDTREAD, 256, 128) == 0.0);
    assert_true(wn_compand_decode(WN_MULAW_FLOOR, 256, 128) == 0.0);
}

static void convolutions_have_limits(void **state)
{
    static const struct {
        int in, out, kernel, dilation, groups;
        const char *part;
    } cases[] = {{0, 1, 1, 1, 1, "input channels"},       {1, 0, 1, 1, 1, "output channels"},
                 {-3, 1, 1, 1, 1, "input channels"},      {1, 1, 0, 1, 1, "kernel is 0"},
                 {1, 1, 1, 0, 1, "dilation is 0"},        {1, 1, 1, 1, 0, "groups is 0"},
                 {1, 1, 1, 1, 2, "groups is 2"},          {4, 6, 1, 1, 4, "do not divide"},
                 {1 << 17, 1, 1, 1, 1, "input channels"}, {1, INT32_MAX, 1, 1, 1, "output channels"},
                 {1, 1, INT32_MAX, 1, 1, "kernel"},       {1, 1, 1, INT32_MAX, 1, "dilation"},
                 {1, 1, 65536, 4194304, 1, "history"},    {65536, 65536, 65536, 1, 1, "parameters"},
                 {1, 1, 20, 4194304, 1, "history"}};
    wn_arena *arena = wn_arena_new();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        wn_error error = {0};
        wn_conv conv;
        wn_status status = wn_conv_init(arena, &conv, cases[i].in, cases[i].out, cases[i].kernel, cases[i].dilation,
                                        cases[i].groups, true, "conv", &error);
        assert_error(cases[i].part, status, &error, cases[i].part);
        assert_null(conv.weight);
    }
    wn_conv conv;
    assert_int_equal(wn_conv_init(arena, &conv, 6, 4, 3, 5, 2, true, "conv", NULL), WN_OK);
    assert_int_equal(wn_conv_weights(&conv), 4 * 3 * 3);
    assert_int_equal(wn_conv_reach(&conv), 10);
    wn_arena_free(arena);
}

/* ---- figures of published networks -------------------------------------------------------------------------------- */

/* "[1,2,4,...]", doubling up to `top`. */
static const char *doubling(int top)
{
    static char text[128];
    int n = snprintf(text, sizeof text, "[1");
    for (int d = 2; d <= top; d *= 2) n += snprintf(text + n, sizeof text - (size_t)n, ",%d", d);
    snprintf(text + n, sizeof text - (size_t)n, "]");
    return text;
}

static void receptive_fields_are_those_of_the_literature(void **state)
{
    static const struct {
        int kernel, top, repeat, first;
        int64_t field;
    } cases[] = {{2, 512, 1, 1, 1024}, {2, 512, 3, 1, 3070}, {2, 512, 5, 2, 5117}, {3, 32, 4, 1, 505},
                 {3, 512, 3, 1, 6139}, {3, 4, 1, 1, 15},     {3, 1, 3, 1, 7}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[512];
        snprintf(
            text, sizeof text,
            "{\"output\":{\"kind\":\"gaussian\"},\"stacks\":[{\"channels\":2,\"kernel\":%d,\"dilations\":%s,\"repeat\":%d,"
            "\"rechannel\":{\"kernel\":%d}}]}",
            cases[i].kernel, doubling(cases[i].top), cases[i].repeat, cases[i].first);
        wn_model *model = model_from(text);
        assert_int_equal(wn_model_receptive(model), cases[i].field);
        wn_model_free(model);
    }
}

/* One array of an amp capture: no gate, the layer's output is its skip, condition = the input. */
static int capture(char *text, size_t size, int channels, const char *kernels, const char *dilations, const char *act,
                   int out, int head_kernel, bool bias)
{
    return snprintf(
        text, size,
        "{\"channels\":%d,\"rechannel\":{\"bias\":false},\"kernel\":%s,\"dilations\":%s,\"gating\":\"none\","
        "\"activation\":%s,\"skip\":false,\"head\":{\"out\":%d,\"kernel\":%d,\"bias\":%s}}",
        channels, kernels, dilations, act, out, head_kernel, bias ? "true" : "false");
}

static void check_capture(const char *stacks, int64_t parameters, int64_t macs, int64_t field)
{
    char text[2048];
    snprintf(text, sizeof text, "{\"output\":{\"kind\":\"pcm\"},\"condition\":{\"source\":\"input\"},\"stacks\":[%s]}",
             stacks);
    wn_model *model = model_from(text);
    assert_int_equal(wn_model_parameters(model), parameters - 1); /* the published count includes the output scale */
    assert_int_equal(wn_model_macs(model), macs);
    assert_int_equal(wn_model_receptive(model), field);
    wn_model_free(model);
}

/* The official shapes of amp captures: weights, multiply-adds, receptive field. */
static void capture_figures_are_the_published_ones(void **state)
{
    static const char lite_first[] = "[1,2,4,8,16,32,64]", lite_second[] = "[128,256,512,1,2,4,8,16,32,64,128,256,512]";
    static const struct {
        int a, b;
        bool lite;
        int64_t parameters, macs;
    } a1[] = {
        {16, 8, false, 13802, 13320}, {12, 6, true, 6554, 6228}, {8, 4, true, 3026, 2808}, {4, 2, true, 842, 732}};
    char text[1800], full[128];
    for (size_t i = 0; i < sizeof a1 / sizeof *a1; i++) {
        snprintf(full, sizeof full, "%s", doubling(512));
        int n = capture(text, sizeof text, a1[i].a, "3", a1[i].lite ? lite_first : full, "\"tanh\"", a1[i].b, 1, false);
        text[n++] = ',';
        capture(text + n, sizeof text - (size_t)n, a1[i].b, "3", a1[i].lite ? lite_second : full, "\"tanh\"", 1, 1,
                true);
        check_capture(text, a1[i].parameters, a1[i].macs, 4093);
    }
    static const char kernels[] = "[6,6,6,6,6,6,6,6,6,6,6,6,6,6,15,15,6,6,6,6,6,6,6]";
    static const char dilations[] = "[1,3,7,17,41,101,239,1,3,7,17,41,101,239,1,13,1,3,7,17,41,101,239]";
    static const struct {
        int channels;
        int64_t parameters, macs;
    } a2[] = {{8, 12146, 11776}, {3, 1871, 1731}};
    for (size_t i = 0; i < 2; i++) {
        capture(text, sizeof text, a2[i].channels, kernels, dilations, "{\"kind\":\"leaky-relu\"}", 1, 16, true);
        check_capture(text, a2[i].parameters, a2[i].macs, 6347);
    }
}

/* Counted by hand: a condition reaches the output through the layers after it, and a nested model looks back itself. */
static void receptive_field_counts_every_way(void **state)
{
    static const struct {
        const char *text;
        int64_t field;
    } cases[] = {
        /* the head conv of the first stack is longer than all of the second */
        {"{\"output\":{\"kind\":\"pcm\"},\"stacks\":[{\"channels\":2,\"dilations\":[1],\"head\":{\"out\":2,\"kernel\":9}},"
         "{\"channels\":2,\"dilations\":[3],\"head\":{\"out\":1,\"kernel\":2}}]}",
         1 + 1 + 8 + 1},
        {"{\"output\":{\"kind\":\"pcm\"},\"stacks\":[{\"channels\":2,\"dilations\":[1],\"head\":{\"out\":2,\"kernel\":3}},"
         "{\"channels\":2,\"dilations\":[9],\"head\":{\"out\":1,\"kernel\":2}}]}",
         1 + 1 + 9 + 1},
        /* a nested model of 1 + 20 enters after the second layer's conv: 20 + head 2 */
        {"{\"output\":{\"kind\":\"pcm\"},\"condition\":{\"nested\":{\"output\":{\"kind\":\"pcm\"},\"stacks\":[{\"channels\":1,"
         "\"dilations\":[20]}]}},\"stacks\":[{\"channels\":2,\"dilations\":[1,2],\"mixin\":[false,true],\"head\":{\"out\":1,\"kernel\":3}}]}",
         1 + 20 + 2},
        /* residuals are absent: the layers stand side by side */
        {"{\"output\":{\"kind\":\"pcm\"},\"stacks\":[{\"channels\":1,\"dilations\":[4,7,2],\"residual\":false}]}", 8}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        wn_model *model = model_from(cases[i].text);
        assert_int_equal(wn_model_receptive(model), cases[i].field);
        wn_model_free(model);
    }
}

static void clones_are_equal_and_separate(void **state)
{
    for (int i = 0; i < n_config_texts; i++) {
        wn_model *model = model_from(config_texts[i]), *copy = wn_model_clone(model);
        assert_non_null(copy);
        assert_same_config(model, copy);
        assert_same_weights(model, copy, 0.0);
        draw_weights(copy, 2);
        wn_model *again = model_from(config_texts[i]);
        assert_same_weights(model, again, 0.0); /* untouched */
        wn_model_free(model);
        assert_int_equal(wn_model_finish(copy, "", NULL), WN_OK); /* alive after its original */
        wn_model_free(copy);
        wn_model_free(again);
    }
}

static void questions_are_answered(void **state)
{
    wn_model *model = model_from(config_texts[0]);
    wn_model_info info = wn_model_get_info(model);
    assert_string_equal(info.name, "instrument");
    assert_int_equal(info.n_classes, 16);
    assert_int_equal(info.silence_class, 8);
    assert_int_equal(info.feature_hop, 80);
    assert_int_equal(info.feature_channels, 0);
    assert_int_equal(info.n_controls, 4);
    assert_int_equal(wn_model_get_local_channels(model), 6);
    assert_int_equal(wn_model_get_held_channels(model), 7);
    assert_int_equal(wn_model_find_control(model, "bend"), 2);
    assert_int_equal(wn_model_find_control(model, "breath"), -1);
    wn_control kind = wn_model_get_control(model, 3);
    assert_int_equal(kind.kind, WN_CONTROL_CHOICE);
    assert_int_equal(kind.default_value, 1);
    assert_string_equal(kind.choices[2], "trumpet");
    assert_string_equal(wn_model_get_control(model, 99).name, "");
    assert_int_equal(wn_model_encode(model, wn_model_decode(model, 3)), 3);
    assert_true(wn_model_decode(model, 8) == 0.0f);
    wn_model_free(model);
    model = model_from(config_texts[2]);
    info = wn_model_get_info(model);
    assert_int_equal(info.feature_channels, 5);
    assert_int_equal(info.feature_context, 3); /* two of the conv, and 14 of 240 samples cut: rounded up */
    assert_int_equal(info.n_mixtures, 2);
    assert_int_equal(info.output_channels, 6);
    wn_model_free(model);
    wn_model_free(NULL);
}

static wn_model *impulse(int n, double rate)
{
    static const float taps[100] = {1, 0.5f};
    wn_model *model;
    assert_int_equal(wn_model_from_impulse_response(&model, taps, n, rate, NULL), WN_OK);
    return model;
}

static void chains_add_up(void **state)
{
    (void)state;
    wn_model *models[] = {impulse(3, 0), impulse(50, 44100), impulse(100, 44100)}, *chain, *nested;
    models[0]->input_level_dbu = 7;
    models[2]->output_level_dbu = -3;
    assert_int_equal(wn_model_from_chain(&nested, models + 1, 2, NULL), WN_OK);
    assert_int_equal(wn_model_from_chain(&chain, (wn_model *[]){models[0], nested}, 2, NULL), WN_OK);
    wn_model *copy = wn_model_clone(chain);
    wn_model_free(chain);
    wn_model_info info = wn_model_get_info(copy);
    assert_int_equal(info.receptive_field, 3 + 50 + 100 - 2);
    assert_int_equal(info.parameters, 153);
    assert_int_equal(info.macs, 153);
    assert_int_equal(wn_model_remembered(copy), 2 + 49 + 99);
    assert_true(info.sample_rate == 44100 && info.input_level_dbu == 7 && info.output_level_dbu == -3);
    assert_true(info.input_channels == 1 && info.output_channels == 1 && isnan(info.loudness));
    wn_model_free(copy);
}

static void chains_have_limits(void **state)
{
    (void)state;
    wn_error error = {0};
    wn_model *chain, *models[WN_MAX_CHAIN + 1];
    assert_int_equal(wn_model_from_chain(&chain, NULL, 0, &error), WN_ERROR_ARGUMENT);
    assert_null(chain);
    for (int i = 0; i <= WN_MAX_CHAIN; i++) models[i] = impulse(1, 48000);
    assert_error("long", wn_model_from_chain(&chain, models, WN_MAX_CHAIN + 1, &error), &error, "expected 1 to 64");
    models[0] = impulse(1, 48000);
    models[1] = impulse(1, 44100);
    assert_error("rates", wn_model_from_chain(&chain, models, 2, &error), &error, "has sample rate 44100");
    models[0] = impulse(1, 48000);
    models[1] = model_from(config_texts[0]);
    assert_error("kinds", wn_model_from_chain(&chain, models, 2, &error), &error, "is not a plain effect");
    models[0] = impulse(1, 48000);
    for (int i = 0; i < WN_MAX_NESTING; i++) {
        assert_int_equal(wn_model_from_chain(&chain, models, 1, NULL), WN_OK);
        models[0] = chain;
    }
    assert_error("depth", wn_model_from_chain(&chain, models, 1, &error), &error, "nested more than 4 deep");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(arena_gives_zeroed_aligned_memory),
        cmocka_unit_test(arena_gives_large_pieces_too),
        cmocka_unit_test(arena_refuses_overflow_and_null),
        cmocka_unit_test(an_error_is_one_line),
        cmocka_unit_test(companding_follows_the_formulas),
        cmocka_unit_test(companding_round_trips),
        cmocka_unit_test(convolutions_have_limits),
        cmocka_unit_test(receptive_fields_are_those_of_the_literature),
        cmocka_unit_test(capture_figures_are_the_published_ones),
        cmocka_unit_test(receptive_field_counts_every_way),
        cmocka_unit_test(clones_are_equal_and_separate),
        cmocka_unit_test(questions_are_answered),
        cmocka_unit_test(chains_add_up),
        cmocka_unit_test(chains_have_limits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
