/* SPDX-License-Identifier: MIT
 * test_lookahead.c - plans for single frames do work in bulk: the same bits as without, spread evenly over frames.
 * Copyright (c) 2026 the wavenet authors */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "engine/exec_interleaved.h"
#include "engine/interleaved.h"
#include "engine/plan.h"
#include "running.h"

enum { FRAMES = 200, MODELS = 80 };

/* What was found in the plans, so that the test knows it has met everything. */
typedef struct tally {
    int ahead[17], several_past, mixins, held_mixins, skips;
} tally;

/* NULL: it is not for single frames. */
static const wn_interleaved *program_of(const wn_plan *plan)
{
    const wn_interleaved *p = plan->segment[0].program;
    return plan->segment[0].executor == &wn_exec_interleaved && p->bulk ? p : NULL;
}

static void look_at(const wn_model *m, int voices, tally *t)
{
    wn_plan *plan;
    assert_int_equal(wn_plan_new(&plan, m, &(wn_plan_config){.max_frames = 1, .voices = voices}, NULL), WN_OK);
    const wn_interleaved *p = program_of(plan);
    for (int i = 0; p && i < p->n_steps; i++) {
        const wn_conv_step *c = p->steps[i].conv;
        if (!c) continue;
        t->ahead[c->ahead.frames]++;
        t->several_past += c->ahead.frames && c->taps > 2;
        t->mixins += c->init == WN_INIT_AHEAD && c->add.first > 0;
        t->held_mixins += p->steps[i].n_ops > 1 && c->init == WN_INIT_HELD;
        t->skips += c->sources != NULL;
        assert_true(c->ahead.frames == 0 || (c->ahead.first >= 1 && c->ahead.first <= c->ahead.frames));
    }
    wn_plan_free(plan);
}

static void compare(const wn_model *m, const drawn_signal *signal, const running *how)
{
    running blocks = {.cpu = WN_CPU_C, .max_frames = 50};
    float *want = running_output(m, signal, &blocks, NULL), *got = running_output(m, signal, how, NULL);
    assert_memory_equal(want, got, (size_t)signal->frames * (size_t)m->output_channels * sizeof *want);
    free(want);
    free(got);
}

/* Kernels of 2 to 5, dilations 1 to 40, conditions of every kind, one and two voices; held vectors change in between. */
static void test_same_bits(void **state)
{
    (void)state;
    tally t = {0};
    for (int i = 0; i < MODELS; i++) {
        chance c = {(uint64_t)i + 1};
        drawn_request request = {.autoregressive = i % 2,
                                 .film = i % 3 ? -1 : 0,
                                 .width = i % 2 ? 5 + i % 20 : 0,
                                 .plain = -1,
                                 .kernel = 2 + i % 4,
                                 .dilation = i % 5 ? 1 + chance_int(&c, 0, 39) : 0,
                                 .held = i % 2 ? 1 : 0};
        wn_model *m = drawn_model(&c, &request);
        drawn_signal *signal = drawn_signal_new(&c, m, FRAMES);
        for (int v = 1; v <= 2; v++) {
            look_at(m, v, &t);
            for (int set = WN_CPU_C; set <= WN_CPU_NEON; set++)
                if (set != WN_CPU_PORTABLE && wn_cpu_is_available((wn_cpu)set))
                    compare(m, signal,
                            &(running){.cpu = (wn_cpu)set,
                                       .max_frames = 1,
                                       .voices = v,
                                       .voice = v - 1,
                                       .after_reset = i % 7 == 0,
                                       .bad_others = i % 4 == 0});
        }
        drawn_signal_free(signal);
        wn_model_free(m);
    }
    assert_true(t.ahead[2] && t.ahead[4] && t.ahead[8] && t.several_past);
    assert_true(t.mixins && t.held_mixins && t.skips);
}

/* Products of past taps that fall due at each frame, by the plan's own figures. */
static void test_evenly(void **state)
{
    (void)state;
    chance c = {99};
    int met = 0;
    for (int i = 0; i < 200; i++) {
        wn_model *m = drawn_model(&c, &(drawn_request){.plain = -1, .film = -1, .kernel = 2, .dilation = 8 + i % 9});
        wn_plan *plan;
        assert_int_equal(wn_plan_new(&plan, m, &(wn_plan_config){.max_frames = 1}, NULL), WN_OK);
        int due[8] = {0}, n = 0, most = 0;
        const wn_interleaved *p = program_of(plan);
        for (int s = 0; p && s < p->n_steps; s++) {
            const wn_conv_step *conv = p->steps[s].conv;
            if (!conv || conv->ahead.frames != 8) continue;
            due[conv->ahead.first % 8]++;
            n++;
        }
        for (int k = 0; k < 8; k++) most = due[k] > most ? due[k] : most;
        assert_true(most <= (n + 7) / 8);
        met += n > 1;
        wn_plan_free(plan);
        wn_model_free(m);
    }
    assert_true(met > 50);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_same_bits), cmocka_unit_test(test_evenly)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
