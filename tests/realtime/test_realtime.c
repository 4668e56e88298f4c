/* SPDX-License-Identifier: MIT
 * test_realtime.c - what is marked WN_REALTIME never allocates, locks or calls the system, and every frame costs the same.
 * Copyright (c) 2026 the wavenet authors */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
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

#include "analysing.h"
#include "callback.h"
#include "engine/exec_interleaved.h"
#include "engine/interleaved.h"
#include "guard.h"
#include "keyboard.h"
#include "playing.h"
#include "rig.h"

static const char *controls_model; /* path */

static void no_allocation_no_lock(void **state)
{
    (void)state;
    for (int i = 0; i < RIGS; i++) {
        rig r = rig_new(i);
        guard_begin();
        rig_play(&r);
        assert_int_equal(guard_end(), 0);
        rig_free(&r);
    }
    for (int i = 0; i < CALLBACKS; i++) {
        callback *c = callback_new(i);
        guard_begin();
        callback_play(c);
        assert_int_equal(guard_end(), 0);
        callback_free(c);
    }
    for (int i = 0; i < PLAYINGS; i++) {
        playing *p = playing_new(i);
        do {
            guard_begin();
            playing_run(p);
            assert_int_equal(guard_end(), 0);
        } while (playing_rest(p));
        playing_free(p);
    }
    for (int i = 0; i < KEYBOARDS; i++) {
        keyboard *k = keyboard_new(i, controls_model);
        guard_begin();
        keyboard_play(k);
        assert_int_equal(guard_end(), 0);
        assert_true(k->received > 10);
        keyboard_free(k);
    }
    guard_begin(); /* the guard itself */
    void *volatile block = malloc(1);
    free(block);
    assert_int_equal(guard_end(), 2);
}

static void no_allocation_in_analysis(void **state)
{
    for (int i = 0; i < ANALYSINGS; i++) {
        analysing *a = analysing_new(i);
        if (!a) skip();
        guard_begin();
        analysing_play(a);
        assert_int_equal(guard_end(), 0);
        assert_true(a->made > 50);
        analysing_free(a);
    }
}

static void *help_guarded(void *generator)
{
    guard_begin();
    wn_generator_run_worker(generator);
    return (void *)(intptr_t)guard_end();
}

/* Both threads of one voice. */
static void no_allocation_in_pairs(void **state)
{
    (void)state;
    int shared = 0;
    for (int i = RIGS / 2; i < RIGS; i++) {
        rig r = rig_new(i);
        for (int run = 0; run < 5 && r.generator && wn_plan_get_threads(r.plan) > 1; run++) {
            pthread_t helper;
            void *calls;
            wn_generator_start_parallel(r.generator);
            assert_int_equal(pthread_create(&helper, NULL, help_guarded, r.generator), 0);
            guard_begin();
            wn_generator_run(r.generator, FRAMES / 2, r.out, NULL);
            assert_int_equal(guard_end(), 0);
            assert_int_equal(pthread_join(helper, &calls), 0);
            assert_int_equal((intptr_t)calls, 0);
            shared++;
        }
        rig_free(&r);
    }
    assert_true(shared > 0);
}

/* ---- no system calls ---------------------------------------------------------------------------------------------------- */

#ifdef __linux__
/* In a child that the kernel kills at any system call but read, write and exit. 1: it came through, 0: killed, -1: this
 * kernel does not offer it. */
static int survives(rig *r, callback *c, playing *p, keyboard *k)
{
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT)) syscall(SYS_exit, 2);
        if (r) rig_play(r);
        if (c) callback_play(c);
        if (p) playing_run(p); /* the source's thread is not in the child: soon there is too little */
        if (k) keyboard_play(k);
        if (!r && !c && !p && !k) getppid();
        syscall(SYS_exit, 0);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? (WEXITSTATUS(status) == 0 ? 1 : -1) : 0;
}

static void no_system_call(void **state)
{
    (void)state;
    int control = survives(NULL, NULL, NULL, NULL);
    if (control < 0) skip();
    assert_int_equal(control, 0);
    for (int i = 0; i < RIGS; i++) {
        rig r = rig_new(i);
        assert_int_equal(survives(&r, NULL, NULL, NULL), 1);
        rig_free(&r);
    }
    for (int i = 0; i < CALLBACKS; i++) {
        callback *c = callback_new(i);
        assert_int_equal(survives(NULL, c, NULL, NULL), 1);
        callback_free(c);
    }
    /* For marks the clock is read. That takes no system call, but this mode takes the processor's counter away, too. */
    for (int i = 0; i < PLAYINGS / 2; i++) {
        playing *p = playing_new(i);
        assert_int_equal(survives(NULL, NULL, p, NULL), 1);
        playing_free(p);
    }
    for (int i = 0; i < KEYBOARDS; i++) {
        keyboard *k = keyboard_new(i, controls_model);
        assert_int_equal(survives(NULL, NULL, NULL, k), 1);
        keyboard_free(k);
    }
}
#endif

/* ---- constant cost ------------------------------------------------------------------------------------------------------ */

static const wn_kernels *real;
static int64_t work; /* multiply-adds and elementwise operations */

static void count_matmul(const wn_matmul *p)
{
    work += (int64_t)p->rows * p->in * p->out * p->taps;
    real->matmul(p);
}
static void count_planar(const wn_planar *first)
{
    for (const wn_planar *p = first; p; p = p->then) {
        int64_t in = 0;
        for (int k = 0; k < p->n_terms; k++) in += (int64_t)p->terms[k].in * p->terms[k].taps;
        work += (int64_t)p->frames * p->out * (in + (p->act != NULL) + (p->sum != NULL));
    }
    real->planar(first);
}
static void count_copy(int rows, int n, const float *x, ptrdiff_t xs, float *y, ptrdiff_t ys)
{
    real->copy(rows, n, x, xs, y, ys); /* at most twice for every frame: a ring's end repeats its start */
}
static void count_activate(const wn_fn_param *f, int rows, int channels, const float *x, ptrdiff_t xs, float *y,
                           ptrdiff_t ys)
{
    work += (int64_t)rows * channels;
    real->activate(f, rows, channels, x, xs, y, ys);
}
static void count_gated(const wn_fn_param *a, const wn_fn_param *g, int rows, int channels, const float *u,
                        ptrdiff_t us, float *z, ptrdiff_t zs)
{
    work += 2 * (int64_t)rows * channels;
    real->gated(a, g, rows, channels, u, us, z, zs);
}
static void count_blended(const wn_fn_param *a, const wn_fn_param *g, int rows, int channels, const float *u,
                          ptrdiff_t us, float *z, ptrdiff_t zs)
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

static void count_matmul_int8(const wn_matmul *p, const wn_int8_weights *w8, float *scratch)
{
    work += (int64_t)p->rows * p->in * p->out * p->taps;
    real->matmul_int8(p, w8, scratch);
}

static int64_t work_of(rig *r, int frames)
{
    wn_block b = {.frames = frames, .pcm = r->signal->pcm, .classes = r->signal->classes, .out = r->out};
    work = 0;
    wn_stream_run(r->stream, &b);
    return work;
}

/* Whatever stands in the rings and wherever they wrap, n frames cost n times what one costs; in planes, as much as any up
 * to the next multiple of WN_LANE_PAD. */
static void check_blocks(rig *r)
{
    int64_t one = work_of(r, 1);
    assert_true(one > 0);
    for (int t = 1, n; t < FRAMES - 16; t += n) {
        n = t < 100 ? 1 : 1 + t % 16;
        assert_int_equal(work_of(r, n), r->plan->layout == WN_PLANAR ? one : n * one); /* n <= 16 */
    }
}

/* Single frames have the past taps of some layer or other multiplied eight frames ahead: any eight frames cost the same,
 * and none more than all its layers' turns could be. */
static void check_frames(rig *r)
{
    enum { TURN = 8 };
    int64_t turn = 0, last[TURN] = {0};
    for (int t = 0; t < FRAMES - 16; t++) {
        int64_t now = work_of(r, 1), sum = 0;
        last[t % TURN] = now;
        for (int i = 0; i < TURN; i++) sum += last[i];
        if (t == 2 * TURN) turn = sum;
        if (t > 2 * TURN) assert_int_equal(sum, turn);
        if (t > 2 * TURN) assert_true(now > 0 && now < turn);
    }
}

/* Work, not time. */
static void constant_cost(void **state)
{
    (void)state;
    wn_kernels counting = {.name = "counting",
                           .matmul = count_matmul,
                           .matmul_int8 = count_matmul_int8,
                           .planar = count_planar,
                           .copy = count_copy,
                           .activate = count_activate,
                           .gated = count_gated,
                           .blended = count_blended,
                           .add_scaled = count_add,
                           .scale = count_scale,
                           .film = count_film};
    int planes = 0, frames = 0, bytes = 0;
    for (int i = 0; i < RIGS; i++) {
        rig r = rig_new(i);
        real = r.plan->kernels;
        counting.lanes = real->lanes;
        const wn_interleaved *program = r.plan->segment[0].program;
        bool single = r.plan->segment[0].executor == &wn_exec_interleaved && program->bulk;
        r.plan->kernels = &counting;
        (single ? check_frames : check_blocks)(&r);
        planes += r.plan->layout == WN_PLANAR;
        frames += single;
        bytes += r.plan->precision == WN_PRECISION_INT8;
        r.plan->kernels = real;
        rig_free(&r);
    }
    assert_true(planes > 0 && frames > 0 && bytes > 0);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_allocation_no_lock),  cmocka_unit_test(no_allocation_in_analysis),
        cmocka_unit_test(no_allocation_in_pairs),
#ifdef __linux__
        cmocka_unit_test(no_system_call),
#endif
        cmocka_unit_test(constant_cost),
    };
    if (argc != 2) return 2;
    controls_model = argv[1];
    if (GUARD_PRESENT) return cmocka_run_group_tests(tests, NULL, NULL);
    printf("skipped: a sanitizer or another C library owns the allocator\n");
    return 77;
}
