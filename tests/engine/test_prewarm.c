/* SPDX-License-Identifier: MIT
 * test_prewarm.c - wn_stream_prewarm leaves a stream where a receptive field of silence would, bit for bit.
 * Copyright (c) 2026 the wavenet authors */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "drawn.h"

enum { RECEIVED = 90 }; /* frames of signal after the silence: more than one block */

/* One way to run a model. */
typedef struct setting {
    wn_cpu cpu;
    int max_frames, voices;
    bool after_noise; /* the settled stream has heard something before */
} setting;

/* A stream with every voice's signal, rows as it takes them. */
typedef struct rig {
    const wn_model *m;
    wn_plan *plan;
    wn_stream *stream;
    int voices;
    float *pcm, *local, *out; /* [frames][voices][channels] */
    int32_t *classes;         /* [frames][voices] */
} rig;

static void *need(void *p)
{
    if (!p) abort();
    return p;
}

static float *noise(chance *c, int n)
{
    float *x = need(calloc((size_t)n + 1, sizeof *x));
    for (int i = 0; i < n; i++) x[i] = (float)(0.4 * chance_normal(c));
    return x;
}

static int given_local(const wn_model *m)
{
    return m->condition.source == WN_CONDITION_INPUT ? 0 : m->condition.local_channels;
}

/* The same `seed` gives the same signal and the same held vectors. */
static rig rig_new(const wn_model *m, const setting *how, uint64_t seed)
{
    chance c = {seed};
    rig r = {.m = m, .voices = how->voices};
    int rows = RECEIVED * r.voices, held = m->condition.held_channels;
    wn_plan_config config = {.cpu = how->cpu, .max_frames = how->max_frames, .voices = r.voices};
    assert_int_equal(wn_plan_new(&r.plan, m, &config, NULL), WN_OK);
    assert_int_equal(wn_stream_new(&r.stream, r.plan, NULL), WN_OK);
    r.pcm = noise(&c, rows * m->input.channels);
    r.local = noise(&c, rows * given_local(m));
    r.out = need(calloc((size_t)rows, (size_t)m->output_channels * sizeof *r.out));
    r.classes = need(calloc((size_t)rows, sizeof *r.classes));
    for (int i = 0; m->input.n_classes && i < rows; i++) r.classes[i] = chance_int(&c, 0, m->input.n_classes - 1);
    for (int v = 0; held && v < r.voices; v++) {
        float *x = noise(&c, held);
        wn_stream_set_condition(r.stream, v, x);
        free(x);
    }
    return r;
}

static void rig_free(rig *r)
{
    wn_stream_free(r->stream);
    wn_plan_free(r->plan);
    free(r->pcm);
    free(r->local);
    free(r->out);
    free(r->classes);
}

static void hear(rig *r)
{
    wn_block b = {.frames = RECEIVED, .out = r->out, .local = given_local(r->m) ? r->local : NULL};
    if (r->m->input.n_classes)
        b.classes = r->classes;
    else
        b.pcm = r->pcm;
    wn_stream_run(r->stream, &b);
}

/* What wn_stream_prewarm promises to save. */
static void hear_silence(rig *r, int64_t frames)
{
    size_t n = (size_t)frames * (size_t)r->voices;
    wn_block b = {.frames = (int)frames};
    float *out = need(malloc(n * (size_t)r->m->output_channels * sizeof *out));
    float *pcm = need(calloc(n, (size_t)r->m->input.channels * sizeof *pcm));
    int32_t *classes = need(malloc(n * sizeof *classes));
    for (size_t i = 0; i < n; i++) classes[i] = r->m->input.n_classes ? wn_model_encode(r->m, 0) : 0;
    b.out = out;
    if (r->m->input.n_classes)
        b.classes = classes;
    else
        b.pcm = pcm;
    wn_stream_run(r->stream, &b);
    free(out);
    free(pcm);
    free(classes);
}

static void assert_settles(const wn_model *m, const setting *how, uint64_t seed)
{
    rig prewarmed = rig_new(m, how, seed), waited = rig_new(m, how, seed);
    size_t n = (size_t)RECEIVED * (size_t)how->voices * (size_t)m->output_channels;
    if (how->after_noise) hear(&prewarmed);
    wn_stream_prewarm(prewarmed.stream);
    hear_silence(&waited, wn_model_get_info(m).receptive_field);
    hear(&prewarmed);
    hear(&waited);
    if (memcmp(prewarmed.out, waited.out, n * sizeof *prewarmed.out)) {
        size_t i = 0;
        while (!memcmp(&prewarmed.out[i], &waited.out[i], sizeof(float))) i++;
        print_error("seed %llu, kernels %d, %d voices: value %zu of %zu is %.9g, expected %.9g\n",
                    (unsigned long long)seed, how->cpu, how->voices, i, n, (double)prewarmed.out[i],
                    (double)waited.out[i]);
        fail();
    }
    rig_free(&prewarmed);
    rig_free(&waited);
}

static void examine(const drawn_request *request, uint64_t seed)
{
    static const setting settings[] = {
        {WN_CPU_C, 64, 1, false},     {WN_CPU_PORTABLE, 7, 1, true}, {WN_CPU_AVX2, 33, 3, false},
        {WN_CPU_AVX512, 64, 1, true}, {WN_CPU_AVX512, 1, 2, false},  {WN_CPU_NEON, 64, 1, true},
    };
    chance c = {seed};
    wn_model *m = drawn_model(&c, request);
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++)
        if (wn_cpu_is_available(settings[i].cpu)) assert_settles(m, &settings[i], seed);
    wn_model_free(m);
}

static void drawn_models(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 60; seed++) examine(NULL, seed);
}

static void effects(void **state)
{
    (void)state;
    for (uint64_t seed = 101; seed <= 130; seed++)
        examine(&(drawn_request){.classes = -1, .output = WN_OUTPUT_PCM + 1, .source = WN_CONDITION_INPUT + 1}, seed);
}

static void nested_conditions(void **state)
{
    (void)state;
    for (uint64_t seed = 201; seed <= 215; seed++) examine(&(drawn_request){.nested = 1}, seed);
}

static void film_everywhere(void **state)
{
    (void)state;
    for (int place = 0; place < WN_FILM_COUNT; place++)
        examine(&(drawn_request){.film = place + 1, .source = WN_CONDITION_INPUT + 1, .plain = -1},
                301 + (uint64_t)place);
}

static void classes(void **state)
{
    (void)state;
    for (uint64_t seed = 401; seed <= 415; seed++)
        examine(&(drawn_request){.classes = 1, .held = (int)(seed % 2)}, seed);
}

static void long_histories(void **state)
{
    (void)state;
    static const int shapes[][2] = {{2, 700}, {3, 512}, {64, 7}, {15, 20}};
    for (int i = 0; i < 4; i++)
        examine(&(drawn_request){.kernel = shapes[i][0], .dilation = shapes[i][1], .width = 3, .stacks = 2},
                501 + (uint64_t)i);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(drawn_models),    cmocka_unit_test(effects), cmocka_unit_test(nested_conditions),
        cmocka_unit_test(film_everywhere), cmocka_unit_test(classes), cmocka_unit_test(long_histories),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
