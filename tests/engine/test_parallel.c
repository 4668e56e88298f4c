/* SPDX-License-Identifier: MIT
 * test_parallel.c - two threads that share the frames of one voice: the same bits as one thread with the reference kernels. Also
 * for ThreadSanitizer, which sees every wait that is missing.
 * Copyright (c) 2026 the wavenet authors */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "drawn.h"
#include "engine/exec_interleaved.h"
#include "engine/parallel.h"
#include "engine/plan.h"
#include "running.h"

#ifdef __SANITIZE_THREAD__
enum { MODELS = 16 }; /* everything takes thirty times as long */
#else
enum { MODELS = 40 };
#endif
enum { FRAMES = 60, PIECES = 5 };

/* ---- a model and what it hears -------------------------------------------------------------------------------------------- */

typedef struct setup {
    wn_model *m;
    float *features, *global, prime[FRAMES];
    wn_sampling sampling;
    wn_precision precision;
} setup;

static setup make(int i)
{
    chance c = {(uint64_t)i + 1};
    drawn_request request = {.autoregressive = true,
                             .film = i % 3 ? -1 : 0,
                             .plain = -1,
                             .kernel = 1 + i % 4,
                             .stacks = 1 + i % 2,
                             .classes = i % 2 ? 1 : -1,
                             .width = i % 4 ? 96 + 32 * (i % 3) : 0,
                             .held = i % 5 ? 0 : 1,
                             .source = i % 4 == 2 ? WN_CONDITION_FEATURES + 1 : 0};
    if (!(i % 2)) request.output = WN_OUTPUT_LOGISTICS + 1;
    if (i % 3) request.dilation = 2 + chance_int(&c, 0, 20);
    setup s = {.m = drawn_model(&c, &request), .sampling = {.seed = (uint64_t)i, .temperature = 1, .top_p = 1}};
    const wn_condition *k = &s.m->condition;
    s.features = drawn_floats(&c, s.m->arena, FRAMES * k->feature_channels + 1, 1);
    s.global = drawn_floats(&c, s.m->arena, k->global_channels + 1, 1);
    for (int t = 0; t < FRAMES; t++) s.prime[t] = (float)chance_uniform(&c) - 0.5f;
    s.precision = i % 5 == 3 ? WN_PRECISION_INT8 : i % 5 == 4 ? WN_PRECISION_BF16 : WN_PRECISION_F32;
    return s;
}

static wn_generator *generator_of(const setup *s, const wn_plan *plan)
{
    wn_generator *g;
    assert_int_equal(wn_generator_new(&g, plan, &(wn_generator_config){.sampling = &s->sampling}, NULL), WN_OK);
    wn_conditioner *k = wn_generator_get_conditioner(g, 0);
    const wn_condition *c = &s->m->condition;
    if (c->source == WN_CONDITION_FEATURES)
        assert_int_equal(wn_conditioner_set_features(k, s->features, FRAMES, NULL), WN_OK);
    if (c->global_channels) assert_int_equal(wn_conditioner_set_global(k, s->global, c->global_channels, NULL), WN_OK);
    return g;
}

/* ---- running -------------------------------------------------------------------------------------------------------------- */

static void *help(void *generator)
{
    wn_generator_run_worker(generator);
    return NULL;
}

/* One run or prime: alone, with help from the start or so, or with help that was offered and never comes. */
typedef enum company { ALONE, HELPED, WAITED_FOR } company;

static void run_piece(wn_generator *g, company how, int frames, const float *prime, float *pcm)
{
    pthread_t helper;
    if (how != ALONE) wn_generator_start_parallel(g);
    if (how == HELPED) assert_int_equal(pthread_create(&helper, NULL, help, g), 0);
    if (prime)
        wn_generator_prime(g, prime, frames);
    else
        wn_generator_run(g, frames, pcm, NULL);
    if (how == HELPED)
        assert_int_equal(pthread_join(helper, NULL), 0);
    else
        wn_generator_run_worker(g); /* nothing is left to help with */
}

/* A prime, then pieces of many lengths; with a second thread in most of them, or alone. */
static void generate(const setup *s, const wn_plan_config *config, float *pcm)
{
    static const int pieces[PIECES] = {1, FRAMES / 2, 3, FRAMES / 4, FRAMES / 4 - 4};
    wn_plan *plan;
    assert_int_equal(wn_plan_new(&plan, s->m, config, NULL), WN_OK);
    wn_generator *g = generator_of(s, plan);
    company usual = config->threads > 1 ? HELPED : ALONE;
    run_piece(g, usual, 20, s->prime, NULL);
    static const company turns[PIECES] = {HELPED, HELPED, ALONE, HELPED, WAITED_FOR};
    for (int i = 0; i < PIECES; pcm += pieces[i++])
        run_piece(g, usual == HELPED ? turns[i] : ALONE, pieces[i], NULL, pcm);
    wn_generator_free(g);
    wn_plan_free(plan);
}

static void count_tasks(const setup *s, const wn_plan_config *config, int *met)
{
    wn_plan *plan;
    assert_int_equal(wn_plan_new(&plan, s->m, config, NULL), WN_OK);
    const wn_interleaved *p = plan->segment[0].program;
    const wn_schedule *schedule = plan->segment[0].executor == &wn_exec_interleaved ? p->schedule : NULL;
    assert_int_equal(wn_plan_get_threads(plan), schedule ? 2 : 1);
    for (int i = 0; schedule && i < schedule->n[WN_WORKER_THREAD]; i++)
        met[schedule->tasks[WN_WORKER_THREAD][i].kind]++;
    wn_plan_free(plan);
}

static void same_bits(void **state)
{
    (void)state;
    int met[WN_TASK_END + 1] = {0};
    for (int i = 0; i < MODELS; i++) {
        setup s = make(i);
        float want[FRAMES] = {0}, got[FRAMES] = {0};
        generate(&s, &(wn_plan_config){.cpu = WN_CPU_C, .precision = s.precision}, want);
        for (int set = WN_CPU_AUTO; set <= WN_CPU_C; set++) {
            wn_plan_config config = {.cpu = (wn_cpu)set, .precision = s.precision, .threads = 2};
            count_tasks(&s, &config, met);
            generate(&s, &config, got);
            assert_memory_equal(want, got, sizeof want);
        }
        wn_model_free(s.m);
    }
    assert_true(met[WN_TASK_PAST] && met[WN_TASK_TAPS] && met[WN_TASK_OUTPUTS]);
}

/* ---- what cannot be shared ------------------------------------------------------------------------------------------------ */

static void expect_threads(const wn_model *m, wn_plan_config config, int threads)
{
    wn_plan *plan;
    assert_int_equal(wn_plan_new(&plan, m, &config, NULL), WN_OK);
    assert_int_equal(wn_plan_get_threads(plan), threads);
    wn_plan_free(plan);
}

static void when_shared(void **state)
{
    (void)state;
    setup s = make(1);
    wn_plan *plan;
    wn_error error;
    expect_threads(s.m, (wn_plan_config){.threads = 2}, 2);
    expect_threads(s.m, (wn_plan_config){.threads = 1}, 1);
    expect_threads(s.m, (wn_plan_config){0}, 1);
    expect_threads(s.m, (wn_plan_config){.threads = 2, .voices = 2}, 1);
    expect_threads(s.m, (wn_plan_config){.threads = 2, .max_frames = 16}, 1);
    for (int threads = -1; threads <= 3; threads += 4) {
        assert_int_equal(wn_plan_new(&plan, s.m, &(wn_plan_config){.threads = threads}, &error), WN_ERROR_ARGUMENT);
        assert_null(plan);
        assert_non_null(strstr(error.message, "1 or 2"));
    }
    wn_model_free(s.m);
}

/* A helper that nobody asked for, or that comes when there is nothing to share, goes at once. */
static void nothing_to_help(void **state)
{
    (void)state;
    setup s = make(1);
    for (int threads = 1; threads <= 2; threads++) {
        wn_plan *plan;
        float pcm[10];
        assert_int_equal(wn_plan_new(&plan, s.m, &(wn_plan_config){.threads = threads}, NULL), WN_OK);
        wn_generator *g = generator_of(&s, plan);
        wn_generator_run_worker(g);
        run_piece(g, WAITED_FOR, 10, NULL, pcm);
        wn_generator_run_worker(g);
        wn_generator_free(g);
        wn_plan_free(plan);
    }
    wn_model_free(s.m);
}

int main(void)
{
    if (!running_is_exact()) return WN_TEST_SKIPPED;
    const struct CMUnitTest tests[] = {cmocka_unit_test(same_bits), cmocka_unit_test(when_shared),
                                       cmocka_unit_test(nothing_to_help)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
