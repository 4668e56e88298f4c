/* SPDX-License-Identifier: MIT
 * test_fifo.c - what comes out of the ring is what went in, in order, with two threads and every way of wrapping around.
 * Copyright (c) 2026 the wavenet authors */
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/resource.h>

#include <cmocka.h>

#include "base/fifo.h"
#include "common/failing.h"

/* The n-th float of the stream; all of the first 2^24 are exact. */
static float value(size_t n) { return (float)(n & 0xffffff); }

static uint32_t next(uint32_t *state) { return *state = *state * 1664525u + 1013904223u, *state >> 8; }

static void test_fills_and_empties(void **state)
{
    (void)state;
    const size_t rooms[] = {1, 2, 3, 5, 8, 64, 100};
    for (size_t i = 0; i < sizeof rooms / sizeof *rooms; i++) {
        wn_fifo *ring;
        float in[200], out[200];
        size_t room = rooms[i];
        for (size_t k = 0; k < 200; k++) in[k] = value(k);
        assert_int_equal(wn_fifo_new(&ring, room, NULL), WN_OK);
        assert_int_equal(wn_fifo_get_capacity(ring), room);
        for (int round = 0; round < 10; round++) {
            assert_int_equal(wn_fifo_read(ring, out, 200), 0);
            assert_int_equal(wn_fifo_write(ring, in, 0), 0);
            assert_int_equal(wn_fifo_write(ring, in, 200), room);
            assert_int_equal(wn_fifo_write(ring, in, 200), 0);
            assert_int_equal(wn_fifo_get_fill(ring), room);
            assert_int_equal(wn_fifo_read(ring, out, 0), 0);
            assert_int_equal(wn_fifo_read(ring, out, 200), room);
            assert_memory_equal(in, out, room * sizeof *in);
            assert_int_equal(wn_fifo_get_fill(ring), 0);
        }
        wn_fifo_free(ring);
    }
}

/* Against counters that cannot be wrong: blocks of any length, one thread. */
static void test_blocks(void **state)
{
    (void)state;
    uint32_t chance = 7;
    for (size_t room = 1; room < 40; room++) {
        wn_fifo *ring;
        size_t written = 0, read = 0;
        assert_int_equal(wn_fifo_new(&ring, room, NULL), WN_OK);
        for (int i = 0; i < 2000; i++) {
            float x[64];
            size_t n = next(&chance) % 64, fill = written - read;
            if (next(&chance) % 2) {
                for (size_t k = 0; k < n; k++) x[k] = value(written + k);
                size_t done = wn_fifo_write(ring, x, n);
                assert_int_equal(done, n < room - fill ? n : room - fill);
                written += done;
            } else {
                size_t done = wn_fifo_read(ring, x, n);
                assert_int_equal(done, n < fill ? n : fill);
                for (size_t k = 0; k < done; k++) assert_true(x[k] == value(read + k));
                read += done;
            }
        }
        wn_fifo_free(ring);
    }
}

enum { STREAM = 1 << 20 };

static void *write_stream(void *user)
{
    wn_fifo *ring = user;
    uint32_t chance = 1;
    float x[97];
    for (size_t done = 0; done < STREAM;) {
        size_t n = 1 + next(&chance) % 97;
        if (n > STREAM - done) n = STREAM - done;
        for (size_t k = 0; k < n; k++) x[k] = value(done + k);
        size_t went = wn_fifo_write(ring, x, n);
        done += went;
        if (!went) sched_yield();
    }
    return NULL;
}

static void test_two_threads(void **state)
{
    (void)state;
    wn_fifo *ring;
    pthread_t writer;
    uint32_t chance = 2;
    size_t done = 0, wrong = 0;
    assert_int_equal(wn_fifo_new(&ring, 123, NULL), WN_OK);
    assert_int_equal(pthread_create(&writer, NULL, write_stream, ring), 0);
    while (done < STREAM) {
        float x[64];
        size_t before = wn_fifo_get_fill(ring), n = 1 + next(&chance) % 64, got = wn_fifo_read(ring, x, n);
        wrong += got < (before < n ? before : n); /* the reader gets at least what it was told of */
        for (size_t k = 0; k < got; k++) wrong += x[k] != value(done + k);
        done += got;
        if (!got) sched_yield();
    }
    pthread_join(writer, NULL);
    assert_int_equal(wrong, 0);
    assert_int_equal(wn_fifo_get_fill(ring), 0);
    wn_fifo_free(ring);
}

static void test_refused(void **state)
{
    (void)state;
    wn_fifo *ring = (wn_fifo *)1;
    assert_int_equal(wn_fifo_new(&ring, 0, NULL), WN_ERROR_ARGUMENT);
    assert_null(ring);
    assert_int_equal(wn_fifo_new(&ring, SIZE_MAX / 2, NULL), WN_ERROR_ARGUMENT);
    for (long i = 0; i < 2; i++) {
        fail_allocation(i);
        wn_status status = wn_fifo_new(&ring, 100, NULL);
        fail_allocation(-1);
        assert_int_equal(status, WN_ERROR_MEMORY);
        assert_null(ring);
    }
    wn_fifo_free(NULL);
}

/* Once touched, all of its memory is there: the system has nothing more to lay out when it is written. */
static void test_touched(void **state)
{
    (void)state;
    enum { ROOM = 1 << 24, BLOCK = 4096 };
    static const float block[BLOCK];
    wn_fifo *ring;
    struct rusage before, after;
    assert_int_equal(wn_fifo_new(&ring, ROOM, NULL), WN_OK);
    wn_fifo_touch(ring);
    assert_int_equal(wn_fifo_get_fill(ring), 0);
    wn_fifo_write(ring, block, 1); /* this function's own pages */
    getrusage(RUSAGE_SELF, &before);
    while (wn_fifo_write(ring, block, BLOCK) == BLOCK) continue;
    getrusage(RUSAGE_SELF, &after);
    assert_int_equal(wn_fifo_get_fill(ring), ROOM);
    wn_fifo_free(ring);
#ifndef __SANITIZE_THREAD__ /* which keeps memory of its own for each float */
    assert_true(after.ru_minflt - before.ru_minflt < 16);
#endif
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fills_and_empties), cmocka_unit_test(test_blocks),  cmocka_unit_test(test_two_threads),
        cmocka_unit_test(test_refused),           cmocka_unit_test(test_touched),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
