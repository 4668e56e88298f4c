/* SPDX-License-Identifier: MIT
 * test_crossfade.c - handing over from stream to stream: every sample is the sum it should be, whoever is early or late.
 * Copyright (c) 2026 the wavenet authors */
#include <math.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "drawn.h"

enum { FRAMES = 3000, LONGEST = 64, FADE = 100, PLAYERS = 2 };

typedef struct player {
    wn_model *model;
    wn_plan *plan;
    wn_stream *stream, *alone; /* the one given away, and its twin that nobody switches */
} player;

static player player_new(chance *c)
{
    player p = {.model = drawn_mono(c)};
    assert_int_equal(wn_plan_new(&p.plan, p.model, &(wn_plan_config){.max_frames = LONGEST}, NULL), WN_OK);
    assert_int_equal(wn_stream_new(&p.stream, p.plan, NULL), WN_OK);
    assert_int_equal(wn_stream_new(&p.alone, p.plan, NULL), WN_OK);
    return p;
}

static void player_free(player *p)
{
    wn_stream_free(p->stream);
    wn_stream_free(p->alone);
    wn_plan_free(p->plan);
    wn_model_free(p->model);
}

static void fill(chance *c, float *x)
{
    for (int t = 0; t < FRAMES; t++) x[t] = (float)(2 * chance_uniform(c) - 1);
}

/* What a player says from frame `start` on, having heard nothing before: want [FRAMES], 0 before; NULL: the dry signal. */
static void alone(const player *p, int start, const float *x, float *want)
{
    memset(want, 0, FRAMES * sizeof *want);
    if (p)
        wn_stream_run(p->alone, &(wn_block){.frames = FRAMES - start, .pcm = x + start, .out = want + start});
    else
        memcpy(want + start, x + start, (size_t)(FRAMES - start) * sizeof *x);
}

/* Dry, then one, then the other in blocks of any length, in place: each fade is a straight line from where it began. */
static void fades(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 40; seed++) {
        chance c = {seed};
        player p[PLAYERS] = {player_new(&c), player_new(&c)};
        wn_crossfade *crossfade;
        assert_int_equal(wn_crossfade_new(&crossfade, LONGEST, FADE, NULL), WN_OK);
        static float x[FRAMES], y[FRAMES], from[3][FRAMES];
        int begin[3] = {0};
        fill(&c, x);
        memcpy(y, x, sizeof y);
        for (int t = 0, next = 0; t < FRAMES;) {
            wn_stream *gone = p[0].stream;
            if (next < PLAYERS && t >= 900 * (next + 1)) {
                assert_int_equal(wn_crossfade_start(crossfade, p[next].stream), 1);
                begin[++next] = t;
            }
            int n = chance_int(&c, 1, 3 * LONGEST);
            if (n > FRAMES - t) n = FRAMES - t;
            wn_crossfade_run(crossfade, n, y + t, y + t);
            t += n;
            if (wn_crossfade_take_retired(crossfade, &gone)) assert_ptr_equal(gone, next == 1 ? NULL : p[0].stream);
        }
        alone(NULL, 0, x, from[0]);
        alone(&p[0], begin[1], x, from[1]);
        alone(&p[1], begin[2], x, from[2]);
        for (int t = 0; t < FRAMES; t++) {
            int now = t >= begin[2] ? 2 : t >= begin[1] ? 1 : 0;
            double part = now ? fmin(1, (t - begin[now] + 1) / (double)(FADE + 1)) : 1;
            double want = now ? (1 - part) * (double)from[now - 1][t] + part * (double)from[now][t] : (double)x[t];
            double size = now ? fabs((double)from[now - 1][t]) + fabs((double)from[now][t]) : 0;
            assert_true(fabs((double)y[t] - want) <= 1e-6 * size);
        }
        wn_crossfade_free(crossfade);
        for (int i = 0; i < PLAYERS; i++) player_free(&p[i]);
    }
}

/* A wish waits for the fade before it; what is taken is what no longer sounds; a fade of no frames is a cut. */
static void order(void **state)
{
    (void)state;
    chance c = {7};
    player p = player_new(&c);
    wn_crossfade *crossfade;
    wn_stream *gone = p.stream;
    static float x[FRAMES], y[FRAMES];
    fill(&c, x);
    assert_int_equal(wn_crossfade_new(&crossfade, LONGEST, 10, NULL), WN_OK);
    assert_int_equal(wn_crossfade_take_retired(crossfade, &gone), 0);
    assert_int_equal(wn_crossfade_start(crossfade, p.stream), 1);
    assert_int_equal(wn_crossfade_start(crossfade, NULL), 0); /* one waits already */
    wn_crossfade_run(crossfade, 5, x, y);
    assert_int_equal(wn_crossfade_take_retired(crossfade, &gone), 0); /* half way */
    assert_int_equal(wn_crossfade_start(crossfade, NULL), 1);
    wn_crossfade_run(crossfade, 64, x, y);
    wn_crossfade_run(crossfade, 64, x, y);
    assert_int_equal(wn_crossfade_start(crossfade, NULL), 0); /* nobody took what ended, so the wish still waits */
    assert_int_equal(wn_crossfade_take_retired(crossfade, &gone), 1);
    assert_null(gone);
    wn_crossfade_run(crossfade, 64, x, y);
    assert_int_equal(wn_crossfade_take_retired(crossfade, &gone), 1);
    assert_ptr_equal(gone, p.stream);
    wn_crossfade_run(crossfade, 64, x, y);
    assert_memory_equal(x, y, 64 * sizeof *x);
    y[3] = NAN;
    y[4] = -INFINITY;
    wn_crossfade_run(crossfade, 64, y, y);
    for (int t = 0; t < 64; t++) assert_float_equal(y[t], t == 3 || t == 4 ? 0 : x[t], 0);
    wn_crossfade_free(crossfade);
    assert_int_equal(wn_crossfade_new(&crossfade, LONGEST, 0, NULL), WN_OK);
    assert_int_equal(wn_crossfade_start(crossfade, p.stream), 1);
    wn_stream_reset(p.stream);
    wn_crossfade_run(crossfade, 64, x, y);
    assert_int_equal(wn_crossfade_take_retired(crossfade, &gone), 1);
    assert_null(gone);
    static float want[FRAMES];
    alone(&p, 0, x, want);
    assert_memory_equal(y, want, 64 * sizeof *y);
    wn_crossfade_free(crossfade);
    wn_crossfade_free(NULL);
    player_free(&p);
    wn_error error;
    assert_int_equal(wn_crossfade_new(&crossfade, 0, 10, &error), WN_ERROR_ARGUMENT);
    assert_null(crossfade);
}

typedef struct stage {
    wn_crossfade *crossfade;
    const float *x;
    _Atomic(bool) over;
    bool finite;
} stage;

static void *play(void *argument)
{
    stage *s = argument;
    float y[LONGEST];
    s->finite = true;
    for (int t = 0; !atomic_load(&s->over); t = (t + LONGEST) % (FRAMES - LONGEST)) {
        wn_crossfade_run(s->crossfade, LONGEST, s->x + t, y);
        for (int i = 0; i < LONGEST; i++) s->finite &= isfinite(y[i]) != 0;
    }
    return NULL;
}

/* A commander who resets every stream he gets back and sends it in again; ThreadSanitizer watches. */
static void threads(void **state)
{
    (void)state;
    chance c = {11};
    player p[PLAYERS] = {player_new(&c), player_new(&c)};
    static float x[FRAMES];
    stage s = {.x = x};
    fill(&c, x);
    assert_int_equal(wn_crossfade_new(&s.crossfade, LONGEST, FADE, NULL), WN_OK);
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, play, &s), 0);
    for (int round = 0; round < 300; round++) {
        while (!wn_crossfade_start(s.crossfade, round % 3 ? p[round % 3 - 1].stream : NULL)) sched_yield();
        wn_stream *gone;
        while (!wn_crossfade_take_retired(s.crossfade, &gone)) sched_yield();
        assert_ptr_equal(gone, round % 3 == 0 ? (round ? p[1].stream : NULL) : round % 3 == 1 ? NULL : p[0].stream);
        if (gone) wn_stream_reset(gone);
    }
    atomic_store(&s.over, true);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_true(s.finite);
    wn_crossfade_free(s.crossfade);
    for (int i = 0; i < PLAYERS; i++) player_free(&p[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(fades), cmocka_unit_test(order), cmocka_unit_test(threads)};
    return cmocka_run_group_tests_name("switch", tests, NULL, NULL);
}
