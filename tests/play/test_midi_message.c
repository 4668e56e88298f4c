/* SPDX-License-Identifier: MIT
 * test_midi_message.c - live MIDI: what messages say, broken ones, and the queue that carries them to another thread.
 * Copyright (c) 2026 the wavenet authors */
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/failing.h"
#include "play/active_sensing.h"
#include "play/midi_queue.h"

/* ---- messages --------------------------------------------------------------------------------------------------- */

static wn_midi_result read_exactly(wn_midi_event *event, const char *bytes, size_t n)
{
    uint8_t *exact = malloc(n + !n); /* so that a read past the end is seen */
    assert_non_null(exact);
    memcpy(exact, bytes, n);
    wn_midi_result reading = wn_midi_message_read(event, exact, n);
    free(exact);
    return reading;
}

static void test_taken(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t n;
        wn_midi_event want;
    } known[] = {
        {"\x90\x3c\x40", 3, {.kind = WN_MIDI_NOTE_ON, .channel = 0, .number = 60, .value = 64}},
        {"\x9f\x7f\x01", 3, {.kind = WN_MIDI_NOTE_ON, .channel = 15, .number = 127, .value = 1}},
        {"\x92\x00\x00", 3, {.kind = WN_MIDI_NOTE_OFF, .channel = 2, .number = 0, .value = 0}},
        {"\x83\x3c\x7f", 3, {.kind = WN_MIDI_NOTE_OFF, .channel = 3, .number = 60, .value = 127}},
        {"\xb1\x40\x7f", 3, {.kind = WN_MIDI_CONTROL, .channel = 1, .number = WN_MIDI_SUSTAIN, .value = 127}},
        {"\xb0\x78\x00", 3, {.kind = WN_MIDI_CONTROL, .number = WN_MIDI_ALL_SOUND_OFF}},
        {"\xb0\x79\x00", 3, {.kind = WN_MIDI_CONTROL, .number = WN_MIDI_RESET}},
        {"\xb0\x7b\x00", 3, {.kind = WN_MIDI_CONTROL, .number = WN_MIDI_ALL_NOTES_OFF}},
        {"\xc5\x49", 2, {.kind = WN_MIDI_PROGRAM, .channel = 5, .value = 73}},
        {"\xe0\x00\x00", 3, {.kind = WN_MIDI_BEND, .value = -8192}},
        {"\xe0\x00\x40", 3, {.kind = WN_MIDI_BEND, .value = 0}},
        {"\xe0\x7f\x7f", 3, {.kind = WN_MIDI_BEND, .value = 8191}},
        {"\xe4\x01\x40", 3, {.kind = WN_MIDI_BEND, .channel = 4, .value = 1}},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        const wn_midi_event *want = &known[i].want;
        wn_midi_event got;
        assert_int_equal(read_exactly(&got, known[i].bytes, known[i].n), WN_MIDI_ACCEPTED);
        if (got.time != 0 || got.kind != want->kind || got.channel != want->channel || got.number != want->number ||
            got.value != want->value)
            fail_msg("message %zu: kind %d, channel %d, number %d, value %d", i, got.kind, got.channel, got.number,
                     got.value);
    }
}

static void test_left_out(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t n;
    } known[] = {
        {"\xa0\x3c\x40", 3}, {"\xd0\x40", 2},     {"\xb0\x01\x40", 3},     {"\xb0\x0a\x7f", 3}, {"\xb0\x7a\x00", 3},
        {"\xf8", 1},         {"\xf2\x01\x02", 3}, {"\xf0\x7e\x7f\xf7", 4}, {"\xfe", 1},         {"\xff", 1},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        wn_midi_event event = {.time = 7};
        assert_int_equal(read_exactly(&event, known[i].bytes, known[i].n), WN_MIDI_IGNORED);
        assert_true(event.time == 7);
    }
}

/* Of every status byte: all lengths but the right one, and data bytes with the top bit, are broken. */
static void test_broken(void **state)
{
    (void)state;
    wn_midi_event event;
    assert_int_equal(read_exactly(&event, "", 0), WN_MIDI_MALFORMED);
    for (int status = 0; status < 0xf0; status++)
        for (size_t n = 1; n <= 6; n++)
            for (size_t bad = 1; bad <= n; bad++) { /* bad == n: none */
                char bytes[6] = {(char)status};
                if (bad < n) bytes[bad] = (char)0x80;
                size_t length = (status & 0xe0) == 0xc0 ? 2 : 3;
                bool good = status >= 0x80 && n == length && bad == n;
                assert_int_equal(read_exactly(&event, bytes, n) == WN_MIDI_MALFORMED, !good);
            }
}

/* ---- the queue -------------------------------------------------------------------------------------------------- */

static wn_midi_event numbered(long n)
{
    return (wn_midi_event){
        .time = (double)n, .kind = n % 5, .channel = n % 16, .number = n % 128, .value = (int16_t)(n % 8192)};
}

static void expect(const wn_midi_event *got, long n)
{
    wn_midi_event want = numbered(n);
    assert_true(got->time == want.time);
    assert_int_equal(got->kind, want.kind);
    assert_int_equal(got->channel, want.channel);
    assert_int_equal(got->number, want.number);
    assert_int_equal(got->value, want.value);
}

static void test_queue(void **state)
{
    (void)state;
    wn_midi_queue *queue;
    wn_midi_event event;
    long in = 0, out = 0;
    assert_int_equal(wn_midi_queue_new(&queue, NULL), WN_OK);
    assert_int_equal(wn_midi_queue_pop(queue, &event), 0);
    for (int round = 0; round < 5; round++) {
        for (int i = 0; i < WN_MIDI_QUEUE_CAPACITY; i++) {
            event = numbered(in++);
            assert_int_equal(wn_midi_queue_push(queue, &event), 1);
        }
        assert_int_equal(wn_midi_queue_dropped(queue), round);
        assert_int_equal(wn_midi_queue_push(queue, &event), 0);
        assert_int_equal(wn_midi_queue_dropped(queue), round + 1);
        int left = round; /* the next round wraps around elsewhere */
        while (in - out > left) {
            assert_int_equal(wn_midi_queue_pop(queue, &event), 1);
            expect(&event, out++);
        }
        while (left--) {
            assert_int_equal(wn_midi_queue_pop(queue, &event), 1);
            expect(&event, out++);
        }
        assert_int_equal(wn_midi_queue_pop(queue, &event), 0);
        event = numbered(in++);
        assert_int_equal(wn_midi_queue_push(queue, &event), 1);
        assert_int_equal(wn_midi_queue_pop(queue, &event), 1);
        expect(&event, out++);
    }
    wn_midi_queue_free(queue);
    wn_midi_queue_free(NULL);
}

enum { MANY = 300000 };

static void *push_many(void *user)
{
    wn_midi_queue *queue = user;
    for (long n = 0; n < MANY; n++) {
        wn_midi_event event = numbered(n);
        while (!wn_midi_queue_push(queue, &event)) sched_yield();
    }
    return NULL;
}

static void test_two_threads(void **state)
{
    (void)state;
    wn_midi_queue *queue;
    pthread_t thread;
    assert_int_equal(wn_midi_queue_new(&queue, NULL), WN_OK);
    assert_int_equal(pthread_create(&thread, NULL, push_many, queue), 0);
    for (long n = 0; n < MANY;) {
        wn_midi_event event;
        if (wn_midi_queue_pop(queue, &event))
            expect(&event, n++);
        else
            sched_yield();
    }
    pthread_join(thread, NULL);
    wn_midi_queue_free(queue);
}

/* Only a keyboard that has sent active sensing can be lost, once each time; any message shows that it is there. */
static void test_active_sensing(void **state)
{
    (void)state;
    static const uint8_t note[] = {0x90, 60, 64}, sensing[] = {0xfe};
    wn_active_sensing s = {0};
    assert_false(wn_active_sensing_receive(&s, note, 3, 10));
    assert_false(wn_active_sensing_is_lost(&s, 1000));
    assert_true(wn_active_sensing_receive(&s, sensing, 1, 1000));
    assert_false(wn_active_sensing_is_lost(&s, 1000.29));
    assert_false(wn_active_sensing_receive(&s, note, 3, 1000.29));
    assert_false(wn_active_sensing_is_lost(&s, 1000.58));
    assert_true(wn_active_sensing_is_lost(&s, 1000.6));
    assert_false(wn_active_sensing_is_lost(&s, 1001));
    assert_false(
        wn_active_sensing_receive(&s, note, 3, 1002)); /* it may have been plugged in again, and senses no more */
    assert_false(wn_active_sensing_is_lost(&s, 2000));
    assert_true(wn_active_sensing_receive(&s, sensing, 1, 2000));
    assert_true(wn_active_sensing_is_lost(&s, 2000.31));
}

static void test_failing_allocation(void **state)
{
    (void)state;
    wn_midi_queue *queue = (wn_midi_queue *)state;
    fail_allocation(0);
    assert_int_equal(wn_midi_queue_new(&queue, NULL), WN_ERROR_MEMORY);
    fail_allocation(-1);
    assert_null(queue);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_taken),          cmocka_unit_test(test_left_out),
        cmocka_unit_test(test_broken),         cmocka_unit_test(test_queue),
        cmocka_unit_test(test_two_threads),    cmocka_unit_test(test_failing_allocation),
        cmocka_unit_test(test_active_sensing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
