/* SPDX-License-Identifier: MIT
 * test_realtime.c - what is marked WN_REALTIME never allocates, locks or calls the system, and every frame costs the same.
 * Copyright (c) 2026 the wavenet authors */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#ifdef __linux__
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#endif

#include <cmocka.h>

#include "../engine/drawn.h"
#include "engine/plan.h"
#include "guard.h"

enum { FRAMES = 300, MOST_VOICES = 2, BLOCK = 37 };

/* ---- everything real-time code may touch, made beforehand ------------------------------------------------------------- */

typedef struct rig {
    int voices;              /* one: blocks of narrow effects lie in planes */
    wn_model *m;
    wn_plan *plan;
    wn_stream *stream;
    wn_conditioner *conditioner;
    wn_sampler *sampler;
    wn_generator *generator; /* NULL for effects */
    drawn_signal *signal;    /* voices * FRAMES long */
    float *out, *rows, *held, *features, *draws;
    wn_model *mono; /* what the switch plays */
    wn_plan *mono_plan;
    wn_stream *mono_stream;
    wn_switch *sw;
} rig;

static const drawn_wish wishes[] = {
    {.autoregressive = true, .classes = 1, .held = 1},
    {.autoregressive = true, .classes = 1, .source = WN_CONDITION_FEATURES + 1},
    {.autoregressive = true, .classes = -1, .output = WN_OUTPUT_LOGISTICS + 1},
    {.autoregressive = true, .classes = -1, .output = WN_OUTPUT_GAUSSIANS + 1, .film = 1 + WN_FILM_ACT_PRE, .source = 2},
    {.autoregressive = true, .classes = -1, .output = WN_OUTPUT_GAUSSIAN + 1, .kernel = 40, .dilation = 3},
    {.classes = -1, .output = WN_OUTPUT_PCM + 1, .nested = 1},
    {.classes = -1, .output = WN_OUTPUT_PCM + 1, .plain = 1},
    {0},
};
enum { N_WISHES = sizeof wishes / sizeof *wishes, RIGS = 4 * N_WISHES };

static float *floats(int n)
{
    float *x = calloc((size_t)n + 1, sizeof *x);
    if (!x)
        abort();
    return x;
}

static rig rig_new(int index)
{
    chance c = {(uint64_t)index + 1};
    rig r = {.m = drawn_model(&c, &wishes[index % N_WISHES]), .voices = 1 + index / N_WISHES % MOST_VOICES};
    const wn_condition *k = &r.m->condition;
    wn_sampling s = {.seed = 1, .temperature = 1, .top_k = index % 3 ? 0 : 3, .top_p = index % 2 ? 0.8 : 1};
    assert_int_equal(wn_plan_new(&r.plan, r.m, &(wn_plan_config){.voices = r.voices, .max_frames = 16}, NULL), WN_OK);
    assert_int_equal(wn_stream_new(&r.stream, r.plan, NULL), WN_OK);
    assert_int_equal(wn_conditioner_new(&r.conditioner, r.m, NULL), WN_OK);
    assert_int_equal(wn_sampler_new(&r.sampler, r.m, &s, NULL), WN_OK);
    if (r.m->autoregressive)
        assert_int_equal(wn_generator_new(&r.generator, r.plan, &s, 0, NULL), WN_OK);
    r.signal = drawn_signal_new(&c, r.m, r.voices * FRAMES);
    r.out = floats(r.voices * FRAMES * (r.m->output_channels + 1));
    r.rows = floats(k->local_channels);
    r.held = floats(k->held_channels);
    r.features = floats(FRAMES * k->feature_channels);
    r.draws = floats(FRAMES * wn_sampling_draws(r.m));
    for (int v = 0; r.generator && v < r.voices && k->source == WN_CONDITION_FEATURES; v++)
        assert_int_equal(wn_conditioner_features(wn_generator_conditioner(r.generator, v), r.features, FRAMES, NULL), WN_OK);
    if (k->source == WN_CONDITION_FEATURES)
        assert_int_equal(wn_conditioner_features(r.conditioner, r.features, FRAMES, NULL), WN_OK);
    if (r.generator)
        wn_generator_draws(r.generator, r.draws, 50);
    r.mono = drawn_bare(&c);
    drawn_finish(r.mono);
    assert_int_equal(wn_plan_new(&r.mono_plan, r.mono, &(wn_plan_config){.max_frames = 16}, NULL), WN_OK);
    assert_int_equal(wn_stream_new(&r.mono_stream, r.mono_plan, NULL), WN_OK);
    assert_int_equal(wn_switch_new(&r.sw, 16, BLOCK, NULL), WN_OK);
    return r;
}

static void rig_free(rig *r)
{
    wn_generator_free(r->generator);
    wn_sampler_free(r->sampler);
    wn_conditioner_free(r->conditioner);
    wn_stream_free(r->stream);
    wn_plan_free(r->plan);
    wn_model_free(r->m);
    wn_switch_free(r->sw);
    wn_stream_free(r->mono_stream);
    wn_plan_free(r->mono_plan);
    wn_model_free(r->mono);
    drawn_signal_free(r->signal);
    free(r->out);
    free(r->rows);
    free(r->held);
    free(r->features);
    free(r->draws);
}

/* Every WN_REALTIME function of the engine, over several lengths of every ring. */
static void play(rig *r)
{
    const wn_model *m = r->m;
    for (int t = 0, n; t < FRAMES; t += n) {
        n = BLOCK < FRAMES - t ? BLOCK : FRAMES - t;
        int row = t * r->voices;
        wn_block b = {.frames = n, .out = r->out + row * m->output_channels};
        if (m->input.n_classes)
            b.classes = r->signal->classes + row;
        else
            b.pcm = r->signal->pcm + row * m->input.channels;
        if (wn_model_local_channels(m))
            b.local = r->signal->local + row * m->condition.local_channels;
        if (m->condition.held_channels)
            wn_stream_hold(r->stream, t % r->voices, r->signal->held);
        wn_stream_run(r->stream, &b);
    }
    for (int t = 0; t < FRAMES; t++) {
        int32_t c;
        wn_conditioner_control(r->conditioner, 0, t % 7); /* out of place, and nothing, where there are none */
        wn_conditioner_next(r->conditioner, r->rows, r->held);
        wn_sampler_draw(r->sampler, 0, (uint64_t)t, NULL, r->out + t * m->output_channels, &c);
        wn_nll(m, r->out, 0, 0);
    }
    wn_stream_settle(r->stream);
    (void)wn_stream_bad_samples(r->stream);
    for (int i = 0; i < 4; i++) {
        wn_stream *gone;
        wn_switch_to(r->sw, i % 2 ? NULL : r->mono_stream);
        wn_switch_run(r->sw, 2 * BLOCK, r->out, r->out);
        wn_switch_take(r->sw, &gone);
    }
    if (!r->generator)
        return;
    wn_generator_prime(r->generator, r->signal->pcm, 60);
    wn_generator_run(r->generator, 150, r->out, r->signal->classes);
}

static void no_allocation_no_lock(void **state)
{
    (void)state;
    for (int i = 0; i < RIGS; i++) {
        rig r = rig_new(i);
        guard_begin();
        play(&r);
        assert_int_equal(guard_end(), 0);
        rig_free(&r);
    }
    guard_begin(); /* the guard itself */
    void *volatile block = malloc(1);
    free(block);
    assert_int_equal(guard_end(), 2);
}

/* ---- no system calls ---------------------------------------------------------------------------------------------------- */

#ifdef __linux__
/* In a child that the kernel kills at any system call but read, write and exit. 1: it came through, 0: killed, -1: this
 * kernel does not offer it. */
static int survives(rig *r)
{
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT))
            syscall(SYS_exit, 2);
        if (r)
            play(r);
        else
            getppid();
        syscall(SYS_exit, 0);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? (WEXITSTATUS(status) == 0 ? 1 : -1) : 0;
}

static void no_system_call(void **state)
{
    (void)state;
    int control = survives(NULL);
    if (control < 0)
        skip();
    assert_int_equal(control, 0);
    for (int i = 0; i < RIGS; i++) {
        rig r = rig_new(i);
        assert_int_equal(survives(&r), 1);
        rig_free(&r);
    }
}
#endif

/* ---- constant cost ------------------------------------------------------------------------------------------------------ */

static const wn_kernels *real;
static int64_t work; /* multiply-adds and elementwise operations */

static void count_products(const wn_products *p)
{
    work += (int64_t)p->rows * p->in * p->out * p->taps;
    real->products(p);
}
static void count_planes(const wn_planes *p)
{
    int64_t in = 0;
    for (int k = 0; k < p->n_terms; k++) in += p->terms[k].in;
    work += (int64_t)p->frames * p->out * (in + (p->act != NULL) + (p->sum != NULL));
    real->planes(p);
}
static void count_copy(int rows, int n, const float *x, ptrdiff_t xs, float *y, ptrdiff_t ys)
{
    real->copy(rows, n, x, xs, y, ys); /* at most twice for every frame: a ring's end repeats its start */
}
static void count_activate(const wn_fn_param *f, int rows, int channels, const float *x, ptrdiff_t xs, float *y, ptrdiff_t ys)
{
    work += (int64_t)rows * channels;
    real->activate(f, rows, channels, x, xs, y, ys);
}
static void count_gated(const wn_fn_param *a, const wn_fn_param *g, int rows, int channels, const float *u, ptrdiff_t us,
                        float *z, ptrdiff_t zs)
{
    work += 2 * (int64_t)rows * channels;
    real->gated(a, g, rows, channels, u, us, z, zs);
}
static void count_blended(const wn_fn_param *a, const wn_fn_param *g, int rows, int channels, const float *u, ptrdiff_t us,
                          float *z, ptrdiff_t zs)
{
    work += 2 * (int64_t)rows * channels;
    real->blended(a, g, rows, channels, u, us, z, zs);
}
static void count_add(int n, const float *a, const float *b, float s, float *y)
{
    work += n;
    real->add_scaled(n, a, b, s, y);
}
static void count_scale(int n, const float *x, float s, float *y)
{
    work += n;
    real->scale(n, x, s, y);
}
static void count_film(int rows, int channels, const float *x, ptrdiff_t xs, const float *m, ptrdiff_t ms, int shift,
                       float *y, ptrdiff_t ys)
{
    work += (int64_t)rows * channels;
    real->film(rows, channels, x, xs, m, ms, shift, y, ys);
}

/* Work, not time: whatever stands in the rings and wherever they wrap, n frames cost n times what one costs; in planes, as
 * much as any up to the next multiple of WN_LANE_PAD. */
static void constant_cost(void **state)
{
    (void)state;
    const wn_kernels counting = {.name = "counting", .products = count_products, .planes = count_planes,
                                 .copy = count_copy, .activate = count_activate, .gated = count_gated, .blended = count_blended, .add_scaled = count_add,
                                 .scale = count_scale, .film = count_film};
    int planes = 0;
    for (int i = 0; i < RIGS; i++) {
        rig r = rig_new(i);
        real = r.plan->kernels;
        r.plan->kernels = &counting;
        int64_t one = 0;
        for (int t = 0, n; t < FRAMES - 16; t += n) {
            n = t < 100 ? 1 : 1 + t % 16;
            wn_block b = {.frames = n, .pcm = r.signal->pcm, .classes = r.signal->classes, .out = r.out};
            work = 0;
            wn_stream_run(r.stream, &b);
            one = t ? one : work;
            assert_int_equal(work, r.plan->planes ? one : n * one); /* n <= 16 */
            planes += r.plan->planes;
        }
        assert_true(one > 0);
        r.plan->kernels = real;
        rig_free(&r);
    }
    assert_true(planes > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_allocation_no_lock),
#ifdef __linux__
        cmocka_unit_test(no_system_call),
#endif
        cmocka_unit_test(constant_cost),
    };
    if (GUARD_PRESENT)
        return cmocka_run_group_tests(tests, NULL, NULL);
    printf("skipped: a sanitizer or another C library owns the allocator\n");
    return 77;
}
