/* SPDX-License-Identifier: MIT
 * test_network.c - streams against the double-precision reference, and against themselves bit for bit.
 * Copyright (c) 2026 the wavenet authors */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "engine/compile.h"
#include "engine/stream.h"
#include "faults.h"
#include "running.h"

/* Float32 rounds at 6e-8, and tanh and sigmoid are allowed 3.1e-7 at most. A drawn network has at most some 40 operations between an
 * input and an output, of gain about one: together below 40 * 6e-8 + 2 * 3.1e-7 of the largest value inside it. */
static const double BOUND = 3e-6;

static uint64_t first_seed = 1; /* WN_SEED in the environment: look elsewhere */
static int draws = 60;          /* WN_DRAWS */

enum { FRAMES = 260 };

static double worst_error; /* so far, for the log */

/* Worst error of `y` in shares of the peak inside the network. */
static double error_of(const wn_model *m, const drawn_signal *s, const float *y)
{
    double peak, worst = 0;
    ref_input in = drawn_ref(s);
    double *ref = ref_network(m, &in, &peak);
    for (int i = 0; i < s->frames * m->output_channels; i++) {
        double e = fabs((double)y[i] - ref[i]);
        worst = e <= worst ? worst : e; /* NaN counts */
    }
    free(ref);
    worst /= fmax(peak, 1e-3);
    worst_error = fmax(worst_error, worst);
    return worst;
}

static void assert_same(const wn_model *m, const drawn_signal *s, const float *expected, const running *how,
                        const char *what, uint64_t seed)
{
    float *y = running_output(m, s, how, NULL);
    size_t n = (size_t)s->frames * (size_t)m->output_channels;
    if (memcmp(y, expected, n * sizeof *y)) {
        size_t i = 0;
        while (!memcmp(&y[i], &expected[i], sizeof *y)) i++;
        print_error("seed %llu, %s: value %zu of %zu is %.9g, expected %.9g\n", (unsigned long long)seed, what, i, n,
                    (double)y[i], (double)expected[i]);
        fail();
    }
    free(y);
}

static void assert_close(const wn_model *m, const drawn_signal *s, const running *how, uint64_t seed)
{
    float *y = running_output(m, s, how, NULL);
    double e = error_of(m, s, y);
    if (!(e <= BOUND)) {
        print_error("seed %llu, kernels %d: error %.3g of the peak\n", (unsigned long long)seed, how->cpu, e);
        fail();
    }
    free(y);
}

/* Every promise about bits, and the reference. */
static void examine(const drawn_request *request, uint64_t seed)
{
    chance c = {seed};
    wn_model *m = drawn_model(&c, request);
    drawn_signal *s = drawn_signal_new(&c, m, FRAMES);
    running plain = {.cpu = WN_CPU_C, .max_frames = 64};
    float *expected = running_output(m, s, &plain, NULL);
    double e = error_of(m, s, expected);
    if (!(e <= BOUND)) {
        print_error("seed %llu: error %.3g of the peak\n", (unsigned long long)seed, e);
        fail();
    }
    const struct {
        const char *what;
        running how;
    } variants[] = {
        {"block 1", {.cpu = WN_CPU_AUTO, .max_frames = 1, .block = 1}},
        {"block 1, room for 64", {.cpu = WN_CPU_AUTO, .max_frames = 64, .block = 1}},
        {"block 7", {.cpu = WN_CPU_AVX2, .max_frames = 7, .block = 7}},
        {"blocks at random", {.cpu = WN_CPU_AVX512, .max_frames = 33, .block = -33}},
        {"block 64", {.cpu = WN_CPU_AVX512, .max_frames = 64, .block = 64}},
        {"block 1000", {.cpu = WN_CPU_AVX2, .max_frames = 1000}},
        {"block 7, room for 64", {.cpu = WN_CPU_AVX512, .max_frames = 64, .block = 7}},
        {"blocks at random, room for 1000", {.cpu = WN_CPU_AVX2, .max_frames = 1000, .block = -150}},
        {"longer than max_frames", {.cpu = WN_CPU_AUTO, .max_frames = 5, .block = 100}},
        {"C reference, block 13", {.cpu = WN_CPU_C, .max_frames = 13, .block = 13}},
        {"after reset", {.cpu = WN_CPU_AUTO, .max_frames = 64, .after_reset = true}},
        {"voice 2 of 5",
         {.cpu = WN_CPU_AUTO, .max_frames = 11, .block = 11, .voices = 5, .voice = 2, .bad_others = true}},
        {"voice 1 of 2, block 1", {.cpu = WN_CPU_AVX2, .max_frames = 1, .voices = 2, .voice = 1}},
    };
    for (size_t i = 0; i < sizeof variants / sizeof *variants; i++)
        if (wn_cpu_is_available(variants[i].how.cpu))
            assert_same(m, s, expected, &variants[i].how, variants[i].what, seed);
    assert_close(m, s, &(running){.cpu = WN_CPU_PORTABLE, .max_frames = 50}, seed);
    free(expected);
    drawn_signal_free(s);
    wn_model_free(m);
}

static void random_models(void **state)
{
    (void)state;
    printf("drawn models from seed %llu\n", (unsigned long long)first_seed);
    for (int i = 0; i < draws; i++) examine(NULL, first_seed + (uint64_t)i);
    printf("worst error %.2g of the peak\n", worst_error);
}

/* The shape of amp captures: the input as condition, no gates. */
static drawn_request capture(int width)
{
    return (drawn_request){.width = width,
                           .classes = -1,
                           .output = WN_OUTPUT_PCM + 1,
                           .film = -1,
                           .source = WN_CONDITION_INPUT + 1,
                           .gating = WN_GATING_NONE + 1,
                           .plain = -1};
}

/* Draws meet both layouts, with operations run alone and in units of every size. */
static void both_layouts(void **state)
{
    (void)state;
    int planes = 0, rows = 0, into = 0, together[7] = {0};
    for (int i = 0; i < 80; i++) {
        chance c = {first_seed + (uint64_t)i};
        drawn_request shape = capture(0);
        wn_model *m = drawn_model(&c, i % 2 ? &shape : NULL);
        wn_plan *plan;
        /* the reference counts as the widest set, so that the count is the same on every machine */
        assert_int_equal(wn_plan_new(&plan, m, &(wn_plan_config){.cpu = WN_CPU_C, .max_frames = 64}, NULL), WN_OK);
        bool planar = plan->layout == WN_PLANAR;
        planes += planar;
        rows += !planar;
        for (int k = 0; k < plan->ops.n; k++) {
            wn_op_info info;
            wn_plan_op_info(plan, k, &info);
            assert_string_equal(info.executor, planar ? "planar" : "interleaved");
            assert_in_range(info.n, 1, planar ? 6 : 1);
            together[info.n] += info.first == k;
            into += info.first == k && info.into_ring;
        }
        wn_plan_free(plan);
        wn_model_free(m);
    }
    printf("%d models planar, %d interleaved; %d operations alone, units of 2 to 6:", planes, rows, together[1]);
    for (int n = 2; n <= 6; n++) printf(" %d", together[n]);
    printf("; %d go straight into a ring\n", into);
    assert_true(planes >= 15 && rows >= 15 && into > 0);
    for (int n = 2; n <= 6; n++) assert_true(together[n] > 0);
}

/* ---- each thing a description can say, on purpose -------------------------------------------------------------------- */

static void every_film_place(void **state)
{
    (void)state;
    for (int place = 0; place < WN_FILM_COUNT; place++)
        for (int i = 0; i < 2; i++)
            examine(&(drawn_request){.film = place + 1,
                                     .source = 1 + (i ? WN_CONDITION_FEATURES : WN_CONDITION_INPUT),
                                     .plain = -1},
                    first_seed + 1000 + (uint64_t)(2 * place + i));
}

static void every_activation_and_gating(void **state)
{
    (void)state;
    for (int kind = 0; kind < WN_ACT_COUNT; kind++)
        examine(&(drawn_request){.act = kind + 1, .gating = 1 + kind % 3, .stacks = 1},
                first_seed + 2000 + (uint64_t)kind);
}

static void every_width(void **state)
{
    (void)state;
    static const int widths[] = {1, 3, 5, 7, 12, 16, 17, 33};
    for (int i = 0; i < 8; i++)
        examine(&(drawn_request){.width = widths[i], .film = -1}, first_seed + 3000 + (uint64_t)i);
}

static void long_kernels_and_dilations(void **state)
{
    (void)state;
    static const int shapes[][2] = {{1, 1}, {2, 1}, {2, 128}, {3, 50}, {5, 32}, {16, 9}, {64, 1}, {100, 3}, {2, 400}};
    for (int i = 0; i < 9; i++)
        examine(&(drawn_request){.kernel = shapes[i][0], .dilation = shapes[i][1], .width = 3, .stacks = 1},
                first_seed + 4000 + (uint64_t)i);
}

/* Blocks of captures lie in planes; the last of them with whatever gates and FiLM there may be. */
static void captures(void **state)
{
    (void)state;
    static const int widths[] = {1, 2, 3, 4, 6, 8, 12, 16};
    for (int i = 0; i < 24; i++) {
        drawn_request request = capture(widths[i % 8]);
        request.capture = i < 8;
        if (i >= 16) request.film = request.gating = 0;
        examine(&request, first_seed + 4500 + (uint64_t)i);
    }
}

/* Rows of what the caller gives, as single operations take them. */
static void put_inputs(wn_stream *s, const wn_model *m, const drawn_signal *x, int t, int n)
{
    const wn_op_list *ops = &s->plan->ops;
    float classes[64];
    for (int i = 0; m->input.n_classes && i < n; i++) classes[i] = (float)x->classes[t + i];
    wn_stream_put(s, ops->input, n, m->input.n_classes ? classes : x->pcm + (ptrdiff_t)t * m->input.channels);
    if (m->condition.local_channels && m->condition.source != WN_CONDITION_INPUT)
        wn_stream_put(s, ops->local, n, x->local + (ptrdiff_t)t * m->condition.local_channels);
}

/* With values kept, a block may run operation by operation, the next one as a whole; and what executors make of the operations
 * has the same bits. */
static void compare_operations(const wn_model *m, chance *c, const wn_plan_config *config)
{
    drawn_signal *x = drawn_signal_new(c, m, FRAMES);
    running how = {.cpu = config->cpu, .max_frames = config->max_frames};
    float *want = running_output(m, x, &how, NULL), *got = calloc((size_t)(64 * m->output_channels), sizeof *got);
    wn_plan *plan;
    wn_stream *s;
    assert_non_null(got);
    assert_int_equal(wn_plan_build(&plan, m, config, &(wn_plan_hooks){.keep_values = true}, NULL), WN_OK);
    assert_int_equal(plan->n_segments, plan->ops.n);
    assert_int_equal(wn_stream_new(&s, plan, NULL), WN_OK);
    wn_stream_set_condition(s, 0, m->condition.held_channels ? x->held : NULL);
    int last = m->condition.held_channels ? x->change[1] : FRAMES;
    bool given = m->condition.local_channels && m->condition.source != WN_CONDITION_INPUT;
    for (int t = 0, n; t < last; t += n) {
        n = chance_int(c, 1, plan->max_frames < 64 ? plan->max_frames : 64);
        n = n < last - t ? n : last - t;
        if (chance_percent(c, 50)) {
            wn_stream_run(s, &(wn_block){.frames = n,
                                         .pcm = x->pcm + (ptrdiff_t)t * m->input.channels,
                                         .classes = x->classes + t,
                                         .local = given ? x->local + (ptrdiff_t)t * m->condition.local_channels : NULL,
                                         .out = got});
        } else {
            put_inputs(s, m, x, t, n);
            for (int k = 0; k < plan->ops.n; k++) wn_stream_run_op(s, k, n);
            wn_stream_get(s, plan->ops.output, n, got);
        }
        assert_memory_equal(got, want + (ptrdiff_t)t * m->output_channels,
                            (size_t)(n * m->output_channels) * sizeof *got);
    }
    free(want);
    free(got);
    wn_stream_free(s);
    wn_plan_free(plan);
    drawn_signal_free(x);
}

static void operations_and_run(void **state)
{
    (void)state;
    static const int widths[] = {2, 3, 4, 6, 8, 12, 16}, frames[] = {1, 7, 32};
    for (int i = 0; i < 54; i++) {
        chance c = {first_seed + 4600 + (uint64_t)i};
        drawn_request request = capture(widths[i % 7]);
        request.capture = i < 7;
        wn_model *m = drawn_model(&c, i < 14 ? &request : NULL);
        for (int k = 0; k < 3; k++)
            compare_operations(m, &c,
                               &(wn_plan_config){.max_frames = frames[k], .cpu = i % 5 ? WN_CPU_AUTO : WN_CPU_C});
        wn_model_free(m);
    }
}

static void plain_nets_and_mixed_stacks(void **state)
{
    (void)state;
    for (int i = 0; i < 12; i++)
        examine(&(drawn_request){.plain = i % 3 ? 1 : 0, .stacks = 1 + i % 3}, first_seed + 5000 + (uint64_t)i);
}

static void nested_conditions(void **state)
{
    (void)state;
    for (int i = 0; i < 8; i++) examine(&(drawn_request){.nested = 1}, first_seed + 6000 + (uint64_t)i);
}

static void classes_and_holds(void **state)
{
    (void)state;
    for (int i = 0; i < 12; i++)
        examine(&(drawn_request){.classes = i % 2 ? 1 : 0, .held = 1}, first_seed + 7000 + (uint64_t)i);
}

/* ---- corners --------------------------------------------------------------------------------------------------------- */

/* PCM that is not finite counts as 0 and is counted. */
static void bad_pcm(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 6; seed++) {
        chance c = {seed};
        wn_model *m = drawn_model(&c, &(drawn_request){.classes = -1});
        drawn_signal *s = drawn_signal_new(&c, m, FRAMES);
        static const float bad[] = {NAN, INFINITY, -INFINITY, -NAN};
        int ch = m->input.channels;
        for (int i = 0; i < 4; i++) s->pcm[(20 + 31 * i) * ch + i % ch] = 0;
        running how = {.max_frames = 16};
        int64_t count = -1;
        float *clean = running_output(m, s, &how, &count);
        assert_int_equal(count, 0);
        for (int i = 0; i < 4; i++) s->pcm[(20 + 31 * i) * ch + i % ch] = bad[i];
        float *y = running_output(m, s, &how, &count);
        assert_int_equal(count, 4);
        assert_memory_equal(y, clean, (size_t)FRAMES * (size_t)m->output_channels * sizeof *y);
        free(clean);
        free(y);
        drawn_signal_free(s);
        wn_model_free(m);
    }
}

/* Classes out of range count as the class of silence. */
static void bad_classes(void **state)
{
    (void)state;
    static const int32_t bad[] = {-1, INT32_MIN, INT32_MAX, 1 << 24};
    for (uint64_t seed = 1; seed <= 6; seed++) {
        chance c = {seed};
        wn_model *m = drawn_model(&c, &(drawn_request){.classes = 1});
        drawn_signal *s = drawn_signal_new(&c, m, FRAMES);
        for (int i = 0; i < 5; i++) s->classes[20 + 31 * i] = wn_model_get_info(m).silence_class;
        running how = {.max_frames = 16};
        float *clean = running_output(m, s, &how, NULL);
        for (int i = 0; i < 5; i++) s->classes[20 + 31 * i] = i < 4 ? bad[i] : m->input.n_classes;
        float *y = running_output(m, s, &how, NULL);
        assert_memory_equal(y, clean, (size_t)FRAMES * (size_t)m->output_channels * sizeof *y);
        free(clean);
        free(y);
        drawn_signal_free(s);
        wn_model_free(m);
    }
}

/* A product of 1e-40 comes out as 0, and the caller's arithmetic has its denormals before and after. */
static void denormals(void **state)
{
    (void)state;
    chance c = {3};
    wn_model *m = drawn_bare(&c);
    m->stacks[0].rechannel.weight[0] = 1e-20f;
    drawn_finish(m);
    for (int cpu = WN_CPU_C; cpu <= WN_CPU_NEON; cpu++) {
        if (!wn_cpu_is_available((wn_cpu)cpu)) continue;
        wn_plan *plan;
        wn_stream *stream;
        assert_int_equal(wn_plan_new(&plan, m, &(wn_plan_config){.cpu = (wn_cpu)cpu}, NULL), WN_OK);
        assert_int_equal(wn_stream_new(&stream, plan, NULL), WN_OK);
        const float x = 1e-20f;
        float y = 1;
        volatile float tiny = 1e-40f, half = 0.5f;
        wn_stream_run(stream, &(wn_block){.frames = 1, .pcm = &x, .out = &y});
        assert_true(y == 0);
        assert_true(tiny * half > 0);
        wn_stream_free(stream);
        wn_plan_free(plan);
    }
    wn_model_free(m);
}

static void refused_plans(void **state)
{
    (void)state;
    chance c = {1};
    wn_model *m = drawn_model(&c, NULL);
    const wn_plan_config bad[] = {{.max_frames = -1},
                                  {.max_frames = (1 << 20) + 1},
                                  {.voices = -1},
                                  {.voices = 1 << 20},
                                  {.cpu = (wn_cpu)99},
                                  {.cpu = (wn_cpu)-1},
                                  {.max_frames = 1 << 20, .voices = 1 << 12}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        wn_plan *plan = (wn_plan *)(void *)m;
        wn_error error = {0};
        wn_status status = wn_plan_new(&plan, m, &bad[i], &error);
        assert_int_not_equal(status, WN_OK);
        assert_int_equal(status, error.status);
        assert_null(plan);
        assert_true(error.message[0] != 0);
    }
    wn_model_free(m);
}

/* A plan says what it uses, in the words that ask for it. */
static void plan_facts(void **state)
{
    (void)state;
    chance c = {5};
    wn_model *m = drawn_model(&c, NULL);
    wn_plan *plan;
    for (int cpu = WN_CPU_C; cpu <= WN_CPU_NEON; cpu++) {
        if (!wn_cpu_is_available((wn_cpu)cpu)) continue;
        assert_int_equal(
            wn_plan_new(&plan, m, &(wn_plan_config){.cpu = (wn_cpu)cpu, .max_frames = 3, .voices = 2}, NULL), WN_OK);
        assert_int_equal(wn_cpu_parse(wn_plan_get_cpu(plan)), cpu);
        assert_true(wn_plan_get_stream_bytes(plan) % 64 == 0);
        wn_plan_free(plan);
    }
    assert_int_equal(wn_cpu_parse("auto"), WN_CPU_AUTO);
    assert_int_equal(wn_cpu_parse("8086"), -1);
    wn_plan_free(NULL);
    wn_stream_free(NULL);
    wn_model_free(m);
}

/* ---- planted faults ---------------------------------------------------------------------------------------------------- */

/* Gates and heads of drawn kinds may be constant, and nothing before them would be heard. */
static void deafen_nothing(wn_model *m)
{
    for (int i = 0; i < m->stacks[0].n_layers; i++) m->stacks[0].layers[i].gate.kind = WN_ACT_SIGMOID;
    for (int i = 0; i < m->n_head; i++) m->head[i].act.kind = WN_ACT_TANH;
}

/* Every kind in every ring of `m`; returns how many, by the executor that runs them. */
static void plant_all(wn_model *m, chance *c, int max_frames, uint64_t seed, int *planted)
{
    drawn_signal *s = drawn_signal_new(c, m, FRAMES);
    wn_plan_config config = {.max_frames = max_frames};
    running how = {.max_frames = max_frames};
    float *right = running_output(m, s, &how, NULL);
    wn_plan *plan;
    assert_int_equal(wn_plan_new(&plan, m, &config, NULL), WN_OK);
    for (int i = 0; i < plan->ops.n; i++)
        for (int kind = FAULT_LATE; plan->ring[i] && kind <= FAULT_WRAP; kind++) {
            fault f = {.kind = (fault_kind)kind, .op = i};
            wn_plan_hooks hooks = fault_hooks(&f);
            wn_plan *faulty;
            wn_op_info info;
            how.hooks = &hooks;
            float *wrong = running_output(m, s, &how, NULL);
            if (!memcmp(right, wrong, (size_t)FRAMES * (size_t)m->output_channels * sizeof *right)) {
                char name[WN_OP_NAME];
                wn_op_name(&plan->ops.op[i], name);
                print_error("seed %d, blocks of %d: fault %d in %s is not heard\n", (int)seed, max_frames, kind, name);
                fail();
            }
            assert_int_equal(wn_plan_build(&faulty, m, &config, &hooks, NULL), WN_OK);
            wn_plan_op_info(faulty, i, &info);
            planted[info.executor[0] == 'f' ? 0 : info.executor[0] == 'p' ? 1 : 2]++;
            wn_plan_free(faulty);
            free(wrong);
        }
    wn_plan_free(plan);
    free(right);
    drawn_signal_free(s);
}

/* Every fault in every ring must change what comes out, or verification could not see it; whatever runs it. */
static void faults(void **state)
{
    (void)state;
    int planted[3] = {0};
    for (uint64_t seed = 1; seed <= 10; seed++)
        for (int k = 0; k < 3; k++) {
            static const int frames[] = {9, 1, 9};
            chance c = {seed};
            drawn_request request = {.act = WN_ACT_TANH + 1,
                                     .gating = WN_GATING_GATED + 1,
                                     .plain = -1,
                                     .film = -1,
                                     .stacks = 1,
                                     .kernel = 3};
            if (k == 1)
                request.source = WN_CONDITION_INPUT + 1, request.held = -1, request.width = 8, request.kernel = 2;
            if (k == 2) request.width = 4, request.classes = -1, request.output = WN_OUTPUT_PCM + 1;
            wn_model *m = drawn_model(&c, &request);
            deafen_nothing(m);
            plant_all(m, &c, frames[k], seed, planted);
            wn_model_free(m);
        }
    printf("%d faults planted in fused, %d in planar, %d in interleaved rings\n", planted[0], planted[1], planted[2]);
    assert_true(planted[1] + planted[2] >= 60 && planted[2] >= 20);
    assert_true((planted[0] >= 20 && planted[1] >= 20) || !wn_cpu_is_available(WN_CPU_AVX2));
}

int main(void)
{
    if (!running_is_exact()) return WN_TEST_SKIPPED;
    const char *seed = getenv("WN_SEED"), *n = getenv("WN_DRAWS");
    first_seed = seed ? strtoull(seed, NULL, 10) : first_seed;
    draws = n ? atoi(n) : draws;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_models),
        cmocka_unit_test(both_layouts),
        cmocka_unit_test(every_film_place),
        cmocka_unit_test(every_activation_and_gating),
        cmocka_unit_test(every_width),
        cmocka_unit_test(long_kernels_and_dilations),
        cmocka_unit_test(captures),
        cmocka_unit_test(operations_and_run),
        cmocka_unit_test(plain_nets_and_mixed_stacks),
        cmocka_unit_test(nested_conditions),
        cmocka_unit_test(classes_and_holds),
        cmocka_unit_test(bad_pcm),
        cmocka_unit_test(bad_classes),
        cmocka_unit_test(denormals),
        cmocka_unit_test(refused_plans),
        cmocka_unit_test(plan_facts),
        cmocka_unit_test(faults),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
