/* SPDX-License-Identifier: MIT
 * test_pipeline.c - the condition pipeline, sample by sample, against every stage run over the whole signal in double.
 * Copyright (c) 2026 the wavenet authors */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "drawn.h"
#include "engine/pipeline.h"
#include "model/stage.h"

/* Up to four stages of gain about one, tens of additions each, every one rounded to 6e-8 of values up to about 10. */
static const double BOUND = 1e-5;

static uint64_t first_seed = 1;

/* ---- drawn pipelines --------------------------------------------------------------------------------------------- */

static void draw_kernel(chance *c, wn_arena *arena, wn_stage *s)
{
    s->height = 1 + 2 * chance_int(c, 0, 2);
    s->width = s->kind == WN_STAGE_CONV_2D ? 1 + 2 * chance_int(c, 0, 4) : s->factor;
    s->kernel = drawn_floats(c, arena, s->height * s->width, 1 / sqrt((double)s->height * s->width));
    s->bias = chance_percent(c, 50) ? drawn_floats(c, arena, 1, 0.2) : NULL;
}

/* One stage that takes *width channels; *rate grows. */
static void draw_stage(chance *c, wn_arena *arena, wn_stage *s, int kind, int *width, int *rate)
{
    s->kind = (wn_stage_kind)kind;
    if (kind == WN_STAGE_UPSAMPLE || kind == WN_STAGE_TRANSPOSED || kind == WN_STAGE_TRANSPOSED_2D)
        *rate *= s->factor = chance_int(c, 1, 5);
    if (kind == WN_STAGE_UPSAMPLE) s->linear = chance_percent(c, 60);
    if (kind == WN_STAGE_CONV_2D || kind == WN_STAGE_TRANSPOSED_2D) draw_kernel(c, arena, s);
    int out = chance_int(c, 1, 7);
    if (kind == WN_STAGE_CONV)
        drawn_conv(c, arena, &s->conv, *width, out, chance_int(c, 1, 4), 1, 1, chance_percent(c, 50));
    if (kind == WN_STAGE_TRANSPOSED) {
        drawn_conv(c, arena, &s->conv, *width, out, s->factor + chance_int(c, 0, 2 * s->factor), 1, 1,
                   chance_percent(c, 50));
        s->trim = chance_int(c, 0, s->conv.kernel);
    }
    if (kind == WN_STAGE_CROP) s->trim = chance_int(c, 0, 2);
    if (s->conv.out) *width = out;
    if (kind != WN_STAGE_UPSAMPLE && kind != WN_STAGE_CROP)
        s->act = drawn_act(c, arena, chance_percent(c, 50) ? WN_ACT_IDENTITY : -1, *width);
}

/* kind < 0: any. */
static wn_model *draw_pipeline(chance *c, int kind)
{
    wn_model *m = drawn_bare(c);
    wn_condition *k = &m->condition;
    int rate = 1, width;
    k->source = WN_CONDITION_FEATURES;
    width = k->feature_channels = chance_int(c, 1, 6);
    k->n_stages = kind < 0 ? chance_int(c, 0, 4) : 1;
    k->stages = wn_arena_alloc(m->arena, (size_t)k->n_stages, sizeof *k->stages);
    for (int i = 0; i < k->n_stages; i++)
        draw_stage(c, m->arena, &k->stages[i], kind < 0 ? chance_int(c, 0, WN_STAGE_CROP) : kind, &width, &rate);
    k->hop = rate;
    if (rate == 1 && chance_percent(c, 70)) {
        k->to_held = true;
        k->hop = chance_int(c, 1, 9);
    }
    k->global_channels = chance_percent(c, 40) ? chance_int(c, 1, 3) : 0;
    drawn_finish(m);
    return m;
}

static float *draw_rows(chance *c, int rows, int channels)
{
    float *x = malloc((size_t)rows * (size_t)channels * sizeof *x);
    for (int i = 0; i < rows * channels; i++) x[i] = (float)chance_normal(c);
    return x;
}

/* ---- against the whole signal ------------------------------------------------------------------------------------ */

typedef struct case_ {
    wn_model *m;
    wn_conditioner *k;
    double *ref;
    int rows, channels; /* of ref */
    float *local, *held, global[4];
    uint64_t seed;
} case_;

static void expect(const case_ *x, const float *y, int row, const char *what, int64_t t)
{
    for (int c = 0; c < x->channels; c++) {
        double r = x->ref[(ptrdiff_t)row * x->channels + c], e = fabs((double)y[c] - r);
        if (!(e <= BOUND * fmax(1, fabs(r)))) {
            print_error("seed %llu, %s at %lld, channel %d: %g, expected %g\n", (unsigned long long)x->seed, what,
                        (long long)t, c, (double)y[c], r);
            fail();
        }
    }
}

/* One pass from sample 0, a little past the end: there the last row stays. */
static void walk(case_ *x)
{
    const wn_condition *k = &x->m->condition;
    int64_t length = wn_conditioner_get_length(x->k);
    assert_int_equal(length, (int64_t)x->rows * (k->to_held ? k->hop : 1));
    for (int64_t t = 0; t < length + 12; t++) {
        bool boundary = t == 0 || (k->to_held && t % k->hop == 0);
        assert_int_equal(wn_conditioner_next(x->k, x->local, x->held), boundary);
        int64_t row = k->to_held ? t / k->hop : t;
        int last = (int)(row < x->rows ? row : x->rows - 1);
        expect(x, k->to_held ? x->held + k->global_channels : x->local, last, k->to_held ? "held" : "local", t);
        for (int i = 0; i < k->global_channels; i++) assert_true(x->held[i] == x->global[i]);
    }
}

static void examine(int kind, uint64_t seed)
{
    chance c = {seed};
    case_ x = {.m = draw_pipeline(&c, kind), .seed = seed};
    const wn_condition *k = &x.m->condition;
    int rows = chance_int(&c, 1, 14);
    float *features = draw_rows(&c, rows, k->feature_channels);
    x.ref = ref_pipeline(k, features, rows, &x.rows, &x.channels);
    x.local = calloc((size_t)k->local_channels + 1, sizeof(float));
    x.held = calloc((size_t)k->held_channels + 1, sizeof(float));
    assert_int_equal(wn_conditioner_new(&x.k, x.m, NULL), WN_OK);
    for (int i = 0; i < k->global_channels; i++) x.global[i] = (float)chance_normal(&c);
    if (k->global_channels) assert_int_equal(wn_conditioner_set_global(x.k, x.global, k->global_channels, NULL), WN_OK);
    wn_error error = {0};
    wn_status status = wn_conditioner_set_features(x.k, features, rows, &error);
    assert_int_equal(wn_condition_length(k, rows), x.ref ? x.rows : 0);
    assert_int_equal(status, x.ref ? WN_OK : WN_ERROR_ARGUMENT);
    assert_int_equal(error.message[0] == 0, x.ref != NULL);
    for (int pass = 0; x.ref && pass < 2; pass++) {
        walk(&x);
        wn_conditioner_reset(x.k);
    }
    wn_conditioner_free(x.k);
    wn_model_free(x.m);
    free(features);
    free(x.ref);
    free(x.local);
    free(x.held);
}

static void each_stage(void **state)
{
    (void)state;
    for (int kind = 0; kind <= WN_STAGE_CROP; kind++)
        for (uint64_t i = 0; i < 40; i++) examine(kind, first_seed + 1000 * (uint64_t)(kind + 1) + i);
}

static void chains_of_stages(void **state)
{
    (void)state;
    printf("drawn pipelines from seed %llu\n", (unsigned long long)first_seed);
    for (uint64_t i = 0; i < 400; i++) examine(-1, first_seed + 100000 + i);
}

/* Any range of rows has the bits that the whole range has. */
static void ranges(void **state)
{
    (void)state;
    for (uint64_t seed = first_seed; seed < first_seed + 100; seed++) {
        chance c = {seed};
        wn_model *m = draw_pipeline(&c, -1);
        const wn_condition *k = &m->condition;
        int rows = chance_int(&c, 8, 14);
        float *features = draw_rows(&c, rows, k->feature_channels);
        int64_t n = wn_condition_length(k, rows);
        size_t row = (size_t)k->pipeline_channels * sizeof(float);
        wn_pipeline *whole = wn_pipeline_new(k, n + 1), *part = wn_pipeline_new(k, 5);
        const float *all = n ? wn_pipeline_rows(whole, features, rows, 0, n) : NULL;
        for (int i = 0; n && i < 30; i++) {
            int lo = chance_int(&c, 0, (int)n - 1), most = n - lo < 5 ? (int)n - lo : 5,
                hi = lo + chance_int(&c, 1, most);
            const float *some = wn_pipeline_rows(part, features, rows, lo, hi);
            assert_memory_equal(some, all + (ptrdiff_t)lo * k->pipeline_channels, row * (size_t)(hi - lo));
        }
        wn_pipeline_free(whole);
        wn_pipeline_free(part);
        free(features);
        wn_model_free(m);
    }
}

/* ---- terms --------------------------------------------------------------------------------------------------------- */

/* The terms of output frame t lie within the rows that the geometry says are needed. */
static void check_needed(const wn_stage *s, int channels, int64_t total, int64_t t)
{
    const wn_stage_type *type = &wn_stage_types[s->kind];
    int64_t lo = t, hi = t + 1;
    wn_stage_needed(s, total, &lo, &hi);
    assert_true(hi - lo <= wn_stage_max_needed(s, 1));
    for (int c = 0; c < wn_stage_channels(s, channels); c++)
        for (int i = 0; i < type->terms(s); i++) {
            wn_stage_term x = type->term(s, total, c, t, i);
            if (x.t >= 0 && x.t < total) assert_true(x.t >= lo && x.t < hi);
        }
}

/* The loops of a kind give the sums of its terms: bit for bit, except where interpolation rounds in another order. */
static void loops_are_the_sums_of_terms(void **state)
{
    (void)state;
    for (uint64_t seed = first_seed; seed < first_seed + 60; seed++)
        for (int kind = 0; kind < WN_STAGE_COUNT; kind++) {
            chance c = {seed};
            wn_model *m = draw_pipeline(&c, kind);
            const wn_stage *s = &m->condition.stages[0];
            int channels = m->condition.feature_channels, total = chance_int(&c, 1, 14);
            int out = wn_stage_channels(s, channels);
            float *x = draw_rows(&c, total, channels), fast[8], terms[8];
            wn_stage_rows rows = {.data = x, .hi = total, .total = total, .channels = channels};
            for (int64_t t = 0; t < wn_stage_length(s, total); t++) {
                check_needed(s, channels, total, t);
                wn_stage_run(s, &rows, t, fast);
                wn_stage_run_terms(s, &rows, t, terms);
                for (int i = 0; i < out; i++)
                    assert_true(s->linear ? fabs((double)fast[i] - (double)terms[i]) <= BOUND : fast[i] == terms[i]);
            }
            free(x);
            wn_model_free(m);
        }
}

/* ---- what a conditioner refuses ------------------------------------------------------------------------------------- */

static void refusals(void **state)
{
    (void)state;
    chance c = {1};
    wn_model *bare = drawn_bare(&c), *m = draw_pipeline(&c, WN_STAGE_CONV);
    drawn_finish(bare);
    wn_conditioner *k;
    wn_error error;
    float x[8] = {0};
    assert_int_equal(wn_conditioner_new(&k, bare, NULL), WN_OK);
    assert_int_equal(wn_conditioner_set_features(k, x, 1, &error), WN_ERROR_ARGUMENT);
    assert_int_equal(wn_conditioner_set_speaker(k, 0, &error), WN_ERROR_ARGUMENT);
    assert_int_equal(wn_conditioner_set_global(k, x, 1, &error), WN_ERROR_ARGUMENT);
    assert_int_equal(wn_conditioner_get_length(k), INT64_MAX);
    assert_int_equal(wn_conditioner_next(k, NULL, NULL), 1);
    assert_int_equal(wn_conditioner_next(k, NULL, NULL), 0);
    wn_conditioner_set_control(k, 0, 1); /* there is none: ignored */
    wn_conditioner_set_control(k, -1, 1);
    wn_conditioner_free(k);
    wn_conditioner_free(NULL);
    assert_int_equal(wn_conditioner_new(&k, m, NULL), WN_OK);
    assert_int_equal(wn_conditioner_get_length(k), 0);
    assert_int_equal(wn_conditioner_set_features(k, x, 0, &error), WN_ERROR_ARGUMENT);
    assert_int_equal(wn_conditioner_set_features(k, x, -5, &error), WN_ERROR_ARGUMENT);
    assert_int_equal(wn_conditioner_set_features(k, x, INT64_MAX, &error), WN_ERROR_ARGUMENT);
    wn_conditioner_free(k);
    wn_model_free(bare);
    wn_model_free(m);
}

static void not_numbers(void **state)
{
    (void)state;
    chance c = {2};
    wn_model *m = drawn_bare(&c);
    m->condition.source = WN_CONDITION_FEATURES;
    m->condition.feature_channels = 3;
    m->condition.hop = 1;
    m->condition.global_channels = 2;
    drawn_finish(m);
    wn_conditioner *k;
    assert_int_equal(wn_conditioner_new(&k, m, NULL), WN_OK);
    static const float bad[] = {NAN, INFINITY, -INFINITY};
    for (int i = 0; i < 12; i++) {
        float x[12] = {0}, global[2] = {0};
        wn_error error;
        x[i] = global[i % 2] = bad[i % 3];
        assert_int_equal(wn_conditioner_set_features(k, x, 4, &error), WN_ERROR_ARGUMENT);
        char expected[80];
        snprintf(expected, sizeof expected, "channel %d of feature frame %d is not a finite number", i % 3, i / 3);
        assert_string_equal(error.message, expected);
        assert_int_equal(wn_conditioner_set_global(k, global, 2, &error), WN_ERROR_ARGUMENT);
    }
    assert_int_equal(wn_conditioner_get_length(k), 0); /* refused features are not taken */
    wn_conditioner_free(k);
    wn_model_free(m);
}

/* A conditioner without features gives zeros, not whatever its caller's memory holds. */
static void without_features(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 40; seed++) {
        chance c = {seed};
        wn_model *m = draw_pipeline(&c, -1);
        const wn_condition *k = &m->condition;
        float local[16] = {NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN},
              held[16] = {NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN};
        wn_conditioner *cond;
        assert_int_equal(wn_conditioner_new(&cond, m, NULL), WN_OK);
        wn_conditioner_next(cond, local, held);
        for (int i = 0; i < k->local_channels; i++) assert_true(local[i] == 0);
        for (int i = 0; i < k->held_channels; i++) assert_true(held[i] == 0);
        wn_conditioner_free(cond);
        wn_model_free(m);
    }
}

static void speakers(void **state)
{
    (void)state;
    chance c = {9};
    wn_model *m = drawn_bare(&c);
    m->condition.global_channels = 3;
    m->condition.n_speakers = 4;
    m->condition.embedding = drawn_floats(&c, m->arena, 12, 1);
    drawn_finish(m);
    wn_conditioner *k;
    wn_error error;
    float held[3];
    assert_int_equal(wn_conditioner_new(&k, m, NULL), WN_OK);
    assert_int_equal(wn_conditioner_set_speaker(k, 4, &error), WN_ERROR_ARGUMENT);
    assert_int_equal(wn_conditioner_set_speaker(k, -1, &error), WN_ERROR_ARGUMENT);
    for (int s = 0; s < 4; s++) {
        assert_int_equal(wn_conditioner_set_speaker(k, s, NULL), WN_OK);
        assert_int_equal(wn_conditioner_next(k, NULL, held), 1); /* from the next sample on, without a reset, too */
        assert_memory_equal(held, m->condition.embedding + 3 * s, sizeof held);
        assert_int_equal(wn_conditioner_next(k, NULL, held), 0);
        wn_conditioner_reset(k);
        assert_int_equal(wn_conditioner_next(k, NULL, held), 1);
        assert_memory_equal(held, m->condition.embedding + 3 * s, sizeof held);
    }
    wn_conditioner_free(k);
    wn_model_free(m);
}

int main(void)
{
    const char *seed = getenv("WN_SEED");
    first_seed = seed ? strtoull(seed, NULL, 10) : first_seed;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_stage),       cmocka_unit_test(chains_of_stages),
        cmocka_unit_test(ranges),           cmocka_unit_test(refusals),
        cmocka_unit_test(without_features), cmocka_unit_test(speakers),
        cmocka_unit_test(not_numbers),      cmocka_unit_test(loops_are_the_sums_of_terms),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
