/* SPDX-License-Identifier: MIT
 * test_stage.c - the fast loops of the condition stages, compiled in double, against the sums of terms that define a kind.
 * Copyright (c) 2026 the wavenet authors */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../engine/chance.h"
#include "model/stage.h"
#include "train/stage.h"

/* Sums of at most some hundred products of values about 1, in another order. */
static const double BOUND = 1e-12;

enum { PARAMETERS = 4096, MAX_FRAMES = 128, MAX_CHANNELS = 8, CASES = 200 };

typedef struct subject {
    wn_stage shape;
    wn_tstage stage;
    wn_tstep from, to;
    double theta[PARAMETERS], grad[2][PARAMETERS]; /* by fast loops, by terms */
    double in[MAX_CHANNELS * MAX_FRAMES], din[2][MAX_CHANNELS * MAX_FRAMES];
    double out[2][MAX_CHANNELS * MAX_FRAMES], dout[MAX_CHANNELS * MAX_FRAMES];
} subject;

static void draw(chance *c, double *x, int n)
{
    for (int i = 0; i < n; i++) x[i] = chance_normal(c);
}

/* A stage of a kind, as a model and the builder of the trainer would set it up. */
static void draw_stage(chance *c, subject *s, int kind)
{
    wn_stage *shape = &s->shape;
    bool transposed = wn_stage_types[kind].parts & WN_STAGE_HAS_TRANSPOSED;
    *shape = (wn_stage){.kind = (wn_stage_kind)kind, .factor = chance_int(c, 1, 4), .linear = chance_percent(c, 50)};
    int in = chance_int(c, 1, MAX_CHANNELS), bias = chance_percent(c, 50);
    bool is_2d = wn_stage_types[kind].parts & WN_STAGE_HAS_KERNEL_2D;
    s->stage = (wn_tstage){.shape = shape, .in = in, .has_bias = is_2d && bias, .kernel = 7, .bias = 3};
    shape->height = 1 + 2 * chance_int(c, 0, 2);
    shape->width = kind == WN_STAGE_CONV_2D ? 1 + 2 * chance_int(c, 0, 2) : shape->factor;
    if (transposed || wn_stage_types[kind].parts & WN_STAGE_HAS_CONV) {
        int kernel = transposed ? shape->factor + chance_int(c, 0, 2 * shape->factor) : chance_int(c, 1, 4);
        shape->conv = (wn_conv){.in = in, .out = chance_int(c, 1, MAX_CHANNELS), .kernel = kernel, .groups = 1};
        s->stage.conv = (wn_tconv){in, shape->conv.out, kernel, 1, 1, bias, 100, 11};
        shape->trim = transposed ? chance_int(c, 0, kernel) : 0;
    } else {
        shape->trim = chance_int(c, 0, 3);
    }
    s->stage.out = wn_stage_channels(shape, in);
}

/* A stretch of the output, and of the input that it needs. False where context leaves nothing. */
static bool draw_spans(chance *c, subject *s)
{
    int64_t in = chance_int(c, 1, 20), out = wn_stage_length(&s->shape, in);
    if (out < 1) return false;
    int64_t from = chance_int(c, 0, (int)out - 1), to = chance_int(c, (int)from + 1, (int)out);
    s->to.span = (wn_tspan){from, to, out};
    s->from.span = (wn_tspan){from, to, in};
    wn_stage_needed(&s->shape, in, &s->from.span.from, &s->from.span.to);
    return true;
}

static void compare(const subject *s, const char *what, const double *fast, const double *terms, int n)
{
    for (int i = 0; i < n; i++)
        if (!(fabs(fast[i] - terms[i]) <= BOUND * fmax(1, fabs(terms[i])))) {
            print_error("%s, %s %d: %.17g, expected %.17g\n", wn_stage_types[s->shape.kind].name, what, i, fast[i],
                        terms[i]);
            fail();
        }
}

static void examine(chance *c, const wn_math *math, subject *s, int kind)
{
    const bool wanted = chance_percent(c, 80);
    draw_stage(c, s, kind);
    if (!draw_spans(c, s)) return;
    draw(c, s->theta, PARAMETERS);
    draw(c, s->in, MAX_CHANNELS * MAX_FRAMES);
    draw(c, s->dout, MAX_CHANNELS * MAX_FRAMES);
    memset(s->grad, 0, sizeof s->grad);
    memset(s->din, 0, sizeof s->din);
    memset(s->out, 0, sizeof s->out);
    s->from.value = (wn_planar_view){s->in, MAX_FRAMES};
    s->to.gradient = (wn_planar_view){s->dout, MAX_FRAMES};
    for (int terms = 0; terms < 2; terms++) {
        s->to.before = (wn_planar_view){s->out[terms], MAX_FRAMES};
        s->from.gradient = (wn_planar_view){s->din[terms], MAX_FRAMES};
        (terms ? wn_tstage_forward_terms : wn_tstage_forward)(math, &s->stage, s->theta, &s->from, &s->to);
        (terms ? wn_tstage_backward_terms : wn_tstage_backward)(math, &s->stage, s->theta, s->grad[terms], &s->from,
                                                                &s->to, wanted);
    }
    compare(s, "output", s->out[0], s->out[1], MAX_CHANNELS * MAX_FRAMES);
    compare(s, "gradient of weight", s->grad[0], s->grad[1], PARAMETERS);
    compare(s, "gradient of input", s->din[0], s->din[1], MAX_CHANNELS * MAX_FRAMES);
}

static void fast_loops_are_the_sums_of_terms(void **state)
{
    chance c = {1};
    static subject s;
    wn_math math = {.kernels = wn_kernels_get(WN_CPU_C), .work = aligned_alloc(64, wn_gemm_work() * sizeof(float))};
    assert_non_null(math.work);
    for (int kind = 0; kind < WN_STAGE_COUNT; kind++)
        for (int i = 0; i < CASES; i++) examine(&c, &math, &s, kind);
    free(math.work);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fast_loops_are_the_sums_of_terms),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
