/* SPDX-License-Identifier: MIT
 * test_fused.c - narrow networks a few frames at a time: fused layers give the bits that their operations give one by one.
 * Copyright (c) 2026 the wavenet authors */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "engine/compile.h"
#include "engine/exec_fused.h"
#include "faults.h"
#include "running.h"

enum { FRAMES = 700 };

/* What was found in the plans, so that the test knows it has met everything. */
typedef struct tally {
    int fused, ops, longest, halves, vecs[5], gates[3], set_sums, added_sums, unread, from_rows, rings, two_convs,
        tight;
    int kinds[3];
} tally;

static void count_layer(const wn_fused_layer *c, tally *t)
{
    t->fused++;
    t->vecs[c->vecs]++;
    t->gates[c->gate_kind]++;
    t->set_sums += c->sum >= 0 && c->sets;
    t->added_sums += c->sum >= 0 && !c->sets;
    t->unread += c->y < 0;
    t->from_rows += c->init >= 0;
    t->two_convs += c->first != NULL;
    t->rings += c->conv.ring.index >= 0;
    t->tight += c->tight;
    t->kinds[c->kind]++;
}

static void look_at(const wn_model *m, const running *how, tally *t)
{
    wn_plan *plan;
    wn_plan_config config = {.max_frames = how->max_frames, .voices = how->voices, .cpu = how->cpu};
    assert_int_equal(wn_plan_new(&plan, m, &config, NULL), WN_OK);
    for (int i = 0; i < plan->n_segments; i++) {
        const wn_segment *s = &plan->segment[i];
        t->ops += s->n;
        if (s->executor != &wn_exec_fused) continue;
        const wn_fused_program *p = s->program;
        t->longest = p->n > t->longest ? p->n : t->longest;
        t->halves += p->table != plan->kernels;
        for (int k = 0; k < p->n; k++) count_layer(&p->layers[k], t);
    }
    wn_plan_free(plan);
}

/* The C reference has no fused layers: it runs every operation. So does a long block of the portable set, whose bits are its own. */
static void compare(const wn_model *m, const drawn_signal *signal, const running *how, uint64_t seed)
{
    running plain = {.cpu = how->cpu == WN_CPU_PORTABLE ? WN_CPU_PORTABLE : WN_CPU_C, .max_frames = 64};
    float *want = running_output(m, signal, &plain, NULL), *got = running_output(m, signal, how, NULL);
    size_t bytes = (size_t)signal->frames * (size_t)m->output_channels * sizeof *want;
    if (memcmp(want, got, bytes)) {
        print_error("seed %d, kernels %d, %d voices, blocks of %d\n", (int)seed, how->cpu, how->voices,
                    how->max_frames);
        fail();
    }
    free(want);
    free(got);
}

static void compare_sets(const wn_model *m, chance *c, int frames, uint64_t seed, tally *t)
{
    static const int blocks[] = {1, 1, 2, 7}, voices[] = {1, 2, 3, 1};
    drawn_signal *signal = drawn_signal_new(c, m, frames);
    for (int set = WN_CPU_PORTABLE; set <= WN_CPU_NEON; set++)
        for (int k = 0; wn_cpu_is_available((wn_cpu)set) && k < 4; k++) {
            running how = {.cpu = (wn_cpu)set,
                           .max_frames = blocks[k],
                           .block = k == 3 ? -9 : 0,
                           .voices = voices[k],
                           .voice = voices[k] - 1,
                           .after_reset = (seed + (uint64_t)k) % 4 == 0,
                           .bad_others = seed % 3 == 0};
            look_at(m, &how, t);
            compare(m, signal, &how, seed);
        }
    drawn_signal_free(signal);
}

static void test_drawn(void **state)
{
    (void)state;
    tally t = {0};
    for (uint64_t seed = 1; seed <= 120; seed++) {
        chance c = {seed};
        drawn_request request = {.width = seed % 3 ? 1 + (int)(seed % 16) : 0, .film = seed % 2 ? -1 : 0};
        wn_model *m = drawn_model(&c, &request);
        compare_sets(m, &c, 100, seed, &t);
        wn_model_free(m);
    }
    printf("%d fused layers of %d operations, %d in a row\n", t.fused, t.ops, t.longest);
    assert_true(t.fused > 1000 && t.longest > 10 && t.vecs[1] && t.vecs[2] && t.vecs[4]);
    assert_true(t.gates[WN_FUSED_PLAIN] && t.gates[WN_FUSED_GATED] && t.gates[WN_FUSED_BLENDED]);
    assert_true(t.set_sums && t.added_sums && t.unread && t.from_rows && t.rings && t.two_convs && t.tight);
    assert_true(t.halves || !wn_cpu_is_available(WN_CPU_AVX512));
}

static drawn_request capture(int width, int kernel)
{
    return (drawn_request){.width = width,
                           .classes = -1,
                           .output = WN_OUTPUT_PCM + 1,
                           .film = -1,
                           .plain = -1,
                           .held = -1,
                           .source = WN_CONDITION_INPUT + 1,
                           .gating = WN_GATING_NONE + 1,
                           .kernel = kernel};
}

/* Every width, for longer than the rings, round and round; and again with layers that are all alike. */
static void test_captures(void **state)
{
    (void)state;
    for (int i = 0; i < 34; i++) {
        int width = 1 + i % 17;
        tally t = {0};
        chance c = {(uint64_t)width};
        drawn_request request = capture(width, 2 + i % 5);
        request.dilation = 1 + chance_int(&c, 0, 30);
        request.capture = i >= 17;
        wn_model *m = drawn_model(&c, &request);
        compare_sets(m, &c, FRAMES, (uint64_t)width, &t);
        assert_true(width <= WN_LANE_PAD ? t.fused * 4 > t.ops && t.rings : t.fused == 0);
        if (request.capture && width <= WN_LANE_PAD) assert_true(t.kinds[WN_FUSED_LAYER] && t.kinds[WN_FUSED_RESIDUAL]);
        wn_model_free(m);
    }
}

/* The last operation of a fused layer that looks back. */
static int last_ring(const wn_plan *plan)
{
    int found = -1;
    for (int i = 0; i < plan->ops.n; i++) {
        wn_op_info info;
        wn_plan_op_info(plan, i, &info);
        if (info.ring && !strcmp(info.executor, wn_exec_fused.name)) found = i;
    }
    return found;
}

/* What is planted is heard, in a fused layer too. */
static void test_planted(void **state)
{
    (void)state;
    chance c = {5};
    drawn_request request = capture(8, 3);
    request.dilation = 20;
    wn_model *m = drawn_model(&c, &request);
    drawn_signal *signal = drawn_signal_new(&c, m, FRAMES);
    float *want = running_output(m, signal, &(running){.cpu = WN_CPU_C, .max_frames = 64}, NULL);
    float *got = calloc((size_t)(FRAMES * m->output_channels), sizeof *got);
    wn_plan *plan;
    assert_non_null(got);
    assert_int_equal(wn_plan_new(&plan, m, &(wn_plan_config){.max_frames = 1}, NULL), WN_OK);
    int op = last_ring(plan);
    assert_true(op >= 0);
    wn_plan_free(plan);
    static const fault_kind kinds[] = {FAULT_NONE, FAULT_SPACING, FAULT_SHORT, FAULT_TAP, FAULT_WRAP};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        fault planted = {.kind = kinds[i], .op = op};
        wn_plan_hooks hooks = fault_hooks(&planted);
        wn_stream *stream;
        assert_int_equal(wn_plan_build(&plan, m, &(wn_plan_config){.max_frames = 1}, &hooks, NULL), WN_OK);
        assert_int_equal(last_ring(plan), op);
        assert_int_equal(wn_stream_new(&stream, plan, NULL), WN_OK);
        wn_stream_run(stream, &(wn_block){.frames = FRAMES, .pcm = signal->pcm, .out = got});
        int same = !memcmp(want, got, (size_t)(FRAMES * m->output_channels) * sizeof *got);
        assert_int_equal(same, kinds[i] == FAULT_NONE);
        wn_stream_free(stream);
        wn_plan_free(plan);
        fault_free(&planted);
    }
    free(want);
    free(got);
    drawn_signal_free(signal);
    wn_model_free(m);
}

int main(void)
{
    if (!running_is_exact()) return WN_TEST_SKIPPED;
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_drawn), cmocka_unit_test(test_captures),
                                       cmocka_unit_test(test_planted)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
