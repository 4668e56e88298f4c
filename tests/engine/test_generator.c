/* SPDX-License-Identifier: MIT
 * test_generator.c - a generator against a stream, conditioners and a sampler that are put together by hand.
 * Copyright (c) 2026 the wavenet authors */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "drawn.h"
#include "running.h"

enum { FRAMES = 150 };

/* ---- making both -------------------------------------------------------------------------------------------------- */

typedef struct setup {
    wn_model *m;
    wn_plan *plan;
    float *features; /* [4 * FRAMES][feature channels], a stretch of it for each voice */
    float *global;   /* [4][global channels] */
    wn_sampling sampling;
    int voices, first_voice;
} setup;

static setup make(uint64_t seed, const drawn_request *request, int voices, int first_voice)
{
    chance c = {seed};
    drawn_request w = *request;
    w.autoregressive = true;
    setup s = {.m = drawn_model(&c, &w), .voices = voices, .first_voice = first_voice};
    const wn_condition *k = &s.m->condition;
    s.features = calloc(4 * FRAMES * (size_t)k->feature_channels + 1, sizeof(float));
    s.global = calloc(4 * (size_t)k->global_channels + 1, sizeof(float));
    for (int i = 0; i < 4 * FRAMES * k->feature_channels; i++) s.features[i] = (float)chance_normal(&c);
    for (int i = 0; i < 4 * k->global_channels; i++) s.global[i] = (float)chance_normal(&c);
    s.sampling = (wn_sampling){.seed = chance_bits(&c), .temperature = 0.9, .top_p = 1};
    assert_int_equal(wn_plan_new(&s.plan, s.m, &(wn_plan_config){.voices = voices}, NULL), WN_OK);
    return s;
}

static void drop(setup *s)
{
    wn_plan_free(s->plan);
    wn_model_free(s->m);
    free(s->features);
    free(s->global);
}

/* Voice `who` of the setup, wherever it runs. */
static void condition(const setup *s, wn_conditioner *k, int who)
{
    const wn_condition *c = &s->m->condition;
    if (c->source == WN_CONDITION_FEATURES)
        assert_int_equal(
            wn_conditioner_set_features(k, s->features + (ptrdiff_t)who * 20 * c->feature_channels, 3 * FRAMES, NULL),
            WN_OK);
    if (c->global_channels)
        assert_int_equal(
            wn_conditioner_set_global(k, s->global + (ptrdiff_t)who * c->global_channels, c->global_channels, NULL),
            WN_OK);
}

static wn_generator *generator_with(const setup *s, wn_generator_config config)
{
    wn_generator *g;
    config.sampling = &s->sampling;
    config.first_voice = s->first_voice;
    assert_int_equal(wn_generator_new(&g, s->plan, &config, NULL), WN_OK);
    for (int v = 0; v < s->voices; v++) condition(s, wn_generator_get_conditioner(g, v), s->first_voice + v);
    return g;
}

static wn_generator *generator_of(const setup *s) { return generator_with(s, (wn_generator_config){0}); }

/* One voice of the setup alone, a frame at a time, from a stream of its own. `prime` [n_prime] comes first. */
static void by_hand(const setup *s, int who, const float *prime, int n_prime, const float *draws, float *pcm,
                    int32_t *classes)
{
    const wn_model *m = s->m;
    wn_plan *plan;
    wn_stream *stream;
    wn_sampler *sampler;
    wn_conditioner *k;
    assert_int_equal(wn_plan_new(&plan, m, &(wn_plan_config){.cpu = WN_CPU_C}, NULL), WN_OK);
    assert_int_equal(wn_stream_new(&stream, plan, NULL), WN_OK);
    assert_int_equal(wn_sampler_new(&sampler, m, &s->sampling, NULL), WN_OK);
    assert_int_equal(wn_conditioner_new(&k, m, NULL), WN_OK);
    condition(s, k, who);
    float *local = calloc((size_t)m->condition.local_channels + 1, sizeof(float));
    float *held = calloc((size_t)m->condition.held_channels + 1, sizeof(float));
    float *y = calloc((size_t)m->output_channels, sizeof(float));
    float x = (float)m->input.first;
    int32_t c = wn_model_get_info(m).silence_class;
    for (int t = 0; t < n_prime + FRAMES; t++) {
        if (wn_conditioner_next(k, local, held)) wn_stream_set_condition(stream, 0, held);
        wn_stream_run(stream, &(wn_block){.frames = 1, .pcm = &x, .classes = &c, .local = local, .out = y});
        if (t < n_prime) {
            x = prime[t];
            c = wn_model_encode(m, x);
            continue;
        }
        const float *u = draws ? draws + (ptrdiff_t)(t - n_prime) * wn_model_get_noise_channels(m) : NULL;
        x = pcm[t - n_prime] = wn_sampler_draw(sampler, (uint32_t)who, (uint64_t)t, u, y, &c);
        classes[t - n_prime] = m->input.n_classes ? c : 0;
    }
    free(local);
    free(held);
    free(y);
    wn_conditioner_free(k);
    wn_sampler_free(sampler);
    wn_stream_free(stream);
    wn_plan_free(plan);
}

static const drawn_request kinds[] = {
    {.classes = 1},
    {.classes = -1, .output = WN_OUTPUT_LOGISTICS + 1},
    {.classes = -1, .output = WN_OUTPUT_GAUSSIANS + 1, .held = 1},
    {.classes = -1, .output = WN_OUTPUT_GAUSSIAN + 1, .source = WN_CONDITION_FEATURES + 1},
    {.classes = 1, .source = WN_CONDITION_FEATURES + 1, .held = 1},
    {.classes = -1, .output = WN_OUTPUT_PCM + 1},
};
enum { KINDS = sizeof kinds / sizeof *kinds };

/* ---- tests ---------------------------------------------------------------------------------------------------------- */

/* Every voice of a generator is what that voice would be alone; pieces of any length make the same whole. */
static void voices(void **state)
{
    (void)state;
    for (int i = 0; i < 5 * KINDS; i++) {
        setup s = make((uint64_t)i, &kinds[i % KINDS], 1 + i % 3, i % 2);
        wn_generator *g = generator_of(&s);
        float *pcm = calloc((size_t)(FRAMES * s.voices), sizeof *pcm), alone[FRAMES];
        int32_t *classes = calloc((size_t)(FRAMES * s.voices), sizeof *classes), alone_classes[FRAMES];
        for (int t = 0, n; t < FRAMES; t += n) {
            n = t + 1 + t / 2 < FRAMES ? 1 + t / 2 : FRAMES - t;
            wn_generator_run(g, n, pcm + t * s.voices, classes + t * s.voices);
        }
        for (int v = 0; v < s.voices; v++) {
            by_hand(&s, s.first_voice + v, NULL, 0, NULL, alone, alone_classes);
            for (int t = 0; t < FRAMES; t++) {
                assert_true(!memcmp(&pcm[t * s.voices + v], &alone[t], sizeof *alone));
                assert_int_equal(classes[t * s.voices + v], alone_classes[t]);
            }
        }
        free(pcm);
        free(classes);
        wn_generator_free(g);
        drop(&s);
    }
}

static void same_again(void **state)
{
    (void)state;
    for (int i = 0; i < KINDS; i++) {
        setup s = make(100 + (uint64_t)i, &kinds[i], 2, 0);
        float a[2 * FRAMES], b[2 * FRAMES];
        for (int pass = 0; pass < 2; pass++) {
            wn_generator *g = generator_of(&s);
            wn_generator_run(g, FRAMES, pass ? b : a, NULL);
            wn_generator_free(g);
        }
        assert_memory_equal(a, b, sizeof a);
        s.sampling.seed ^= 1;
        wn_generator *g = generator_of(&s);
        wn_generator_run(g, FRAMES, b, NULL);
        if (s.m->output != WN_OUTPUT_PCM) assert_memory_not_equal(a, b, sizeof a);
        wn_generator_free(g);
        drop(&s);
    }
}

/* A recording that the generator itself made, fed back as a prime, is continued as if it had just been generated. */
static void primed(void **state)
{
    (void)state;
    for (int i = 0; i < 3 * KINDS; i++) {
        setup s = make(200 + (uint64_t)i, &kinds[i % KINDS], 1, i % 3);
        bool faithful = true; /* whether the companding brings every class back; "trunc" ones need not */
        for (int c = 0; c < s.m->input.n_classes; c++) faithful &= wn_model_encode(s.m, wn_model_decode(s.m, c)) == c;
        float whole[FRAMES], rest[FRAMES], hand[FRAMES];
        int32_t classes[FRAMES];
        wn_generator *g = generator_of(&s);
        wn_generator_run(g, FRAMES, whole, NULL);
        wn_generator_free(g);
        int n = 1 + 13 * i % 100;
        g = generator_of(&s);
        wn_generator_prime(g, whole, n / 2);
        wn_generator_prime(g, whole + n / 2, n - n / 2);
        wn_generator_run(g, FRAMES, rest, NULL);
        by_hand(&s, s.first_voice, whole, n, NULL, hand, classes);
        assert_memory_equal(rest, hand, sizeof hand);
        if (faithful) assert_memory_equal(rest, whole + n, (size_t)(FRAMES - n) * sizeof *rest);
        wn_generator_free(g);
        drop(&s);
    }
}

/* Recorded numbers are used in order, then the counted ones go on where they would have been. */
static void recorded_draws(void **state)
{
    (void)state;
    for (int i = 0; i < KINDS; i++) {
        setup s = make(300 + (uint64_t)i, &kinds[i], 1, 0);
        chance c = {(uint64_t)i};
        int n = wn_model_get_noise_channels(s.m);
        float *draws = calloc((size_t)(FRAMES * n) + 1, sizeof *draws), a[FRAMES], b[FRAMES];
        int32_t classes[FRAMES], expected[FRAMES];
        for (int t = 0; t < FRAMES * n; t++) draws[t] = (float)chance_uniform(&c);
        wn_generator *g = generator_with(&s, (wn_generator_config){.noise = draws, .noise_frames = FRAMES});
        wn_generator_run(g, FRAMES / 2, a, classes);
        wn_generator_run(g, FRAMES - FRAMES / 2, a + FRAMES / 2, classes + FRAMES / 2);
        by_hand(&s, 0, NULL, 0, draws, b, expected);
        assert_memory_equal(a, b, sizeof a);
        assert_memory_equal(classes, expected, sizeof classes);
        wn_generator_run(g, 10, a, NULL); /* past the end */
        wn_generator_free(g);
        g = generator_with(&s, (wn_generator_config){.noise = NULL, .noise_frames = FRAMES});
        wn_generator_run(g, FRAMES, a, NULL);
        by_hand(&s, 0, NULL, 0, NULL, b, expected);
        assert_memory_equal(a, b, sizeof a);
        wn_generator_free(g);
        free(draws);
        drop(&s);
    }
}

/* Without feedback the network hears its first input for ever. */
static void cut_feedback(void **state)
{
    (void)state;
    for (int i = 0; i < KINDS; i++) {
        setup s = make(400 + (uint64_t)i, &kinds[i], 1, 0);
        float a[FRAMES], silence = (float)s.m->input.first, *y = calloc((size_t)s.m->output_channels, sizeof *y);
        int32_t c = wn_model_get_info(s.m).silence_class;
        wn_generator *g = generator_with(&s, (wn_generator_config){.cut_feedback = true});
        wn_generator_run(g, FRAMES, a, NULL);
        wn_stream *stream;
        wn_sampler *sampler;
        wn_conditioner *k;
        assert_int_equal(wn_stream_new(&stream, s.plan, NULL), WN_OK);
        assert_int_equal(wn_sampler_new(&sampler, s.m, &s.sampling, NULL), WN_OK);
        assert_int_equal(wn_conditioner_new(&k, s.m, NULL), WN_OK);
        condition(&s, k, 0);
        float local[64], held[64];
        for (int t = 0; t < FRAMES; t++) {
            if (wn_conditioner_next(k, local, held)) wn_stream_set_condition(stream, 0, held);
            wn_stream_run(stream, &(wn_block){.frames = 1, .pcm = &silence, .classes = &c, .local = local, .out = y});
            int32_t drawn;
            assert_true(a[t] == wn_sampler_draw(sampler, 0, (uint64_t)t, NULL, y, &drawn));
        }
        wn_conditioner_free(k);
        wn_sampler_free(sampler);
        wn_stream_free(stream);
        wn_generator_free(g);
        free(y);
        drop(&s);
    }
}

/* The same samples from every kernel set that has FMA. */
static void kernel_sets(void **state)
{
    (void)state;
    for (int i = 0; i < KINDS; i++) {
        setup s = make(500 + (uint64_t)i, &kinds[i], 2, 0);
        float reference[2 * FRAMES], y[2 * FRAMES];
        for (int cpu = WN_CPU_C; cpu <= WN_CPU_NEON; cpu++) {
            if (cpu == WN_CPU_PORTABLE || !wn_cpu_is_available((wn_cpu)cpu)) continue;
            wn_plan_free(s.plan);
            assert_int_equal(
                wn_plan_new(&s.plan, s.m, &(wn_plan_config){.voices = 2, .cpu = (wn_cpu)cpu, .max_frames = cpu}, NULL),
                WN_OK);
            wn_generator *g = generator_of(&s);
            wn_generator_run(g, FRAMES, cpu == WN_CPU_C ? reference : y, NULL);
            wn_generator_free(g);
            if (cpu != WN_CPU_C) assert_memory_equal(y, reference, sizeof y);
        }
        drop(&s);
    }
}

static void refused(void **state)
{
    (void)state;
    chance c = {1};
    wn_model *effect = drawn_model(&c, &(drawn_request){.classes = -1, .output = WN_OUTPUT_PCM + 1});
    setup s = make(1, &kinds[1], 1, 0);
    wn_plan *plan;
    wn_error error = {0};
    wn_generator *g = (wn_generator *)(void *)effect;
    assert_int_equal(wn_plan_new(&plan, effect, NULL, NULL), WN_OK);
    assert_int_equal(wn_generator_new(&g, plan, &(wn_generator_config){.sampling = &s.sampling}, &error),
                     WN_ERROR_ARGUMENT);
    assert_null(g);
    assert_true(error.message[0]);
    s.sampling.temperature = -1;
    g = (wn_generator *)(void *)effect;
    assert_int_equal(wn_generator_new(&g, s.plan, &(wn_generator_config){.sampling = &s.sampling}, &error),
                     WN_ERROR_ARGUMENT);
    assert_null(g);
    wn_generator_free(NULL);
    wn_plan_free(plan);
    wn_model_free(effect);
    drop(&s);
}

/* Feedback of more than one channel is nothing a sampler can draw. */
static void several_channels(void **state)
{
    (void)state;
    chance c = {1};
    wn_model *m = drawn_bare(&c);
    wn_plan *plan;
    wn_generator *g;
    m->autoregressive = true;
    m->input.channels = m->output_channels = m->stacks[0].channels = 2;
    drawn_conv(&c, m->arena, &m->stacks[0].rechannel, 2, 2, 1, 1, 1, false);
    drawn_finish(m);
    assert_int_equal(wn_plan_new(&plan, m, NULL, NULL), WN_OK);
    assert_int_equal(wn_generator_new(&g, plan, NULL, NULL), WN_ERROR_UNSUPPORTED);
    assert_null(g);
    wn_plan_free(plan);
    wn_model_free(m);
}

int main(void)
{
    if (!running_is_exact()) return WN_TEST_SKIPPED;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(voices),         cmocka_unit_test(same_again),       cmocka_unit_test(primed),
        cmocka_unit_test(recorded_draws), cmocka_unit_test(cut_feedback),     cmocka_unit_test(kernel_sets),
        cmocka_unit_test(refused),        cmocka_unit_test(several_channels),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
