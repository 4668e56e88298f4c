/* SPDX-License-Identifier: MIT
 * test_midi_input.c - MIDI inputs on any machine, mostly on one without: lists, refusals, failing allocations.
 * Copyright (c) 2026 the wavenet authors */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "audio/device_query.h"
#include "audio/midi_input.h"
#include "common/failing.h"

/* Nobody's JACK server; ALSA's sequencer may run. */
static int set_up(void **state)
{
    (void)state;
    char name[64];
    snprintf(name, sizeof name, "wavenet-none-%ld", (long)getpid());
    return setenv("JACK_NO_START_SERVER", "1", 1) || setenv("JACK_DEFAULT_SERVER", name, 1);
}

static void test_list(void **state)
{
    (void)state;
    wn_midi_input_list ports;
    assert_int_equal(wn_midi_input_list_read(&ports, NULL), WN_OK);
    for (int i = 0; i < ports.n; i++) assert_true(ports.port[i].name[0] && ports.port[i].system[0]);
    wn_midi_input_list_free(&ports);
    assert_int_equal(ports.n, 0);
}

static void test_refused(void **state)
{
    (void)state;
    static const char *const wishes[] = {"99999", "no port is called so", "100000000000"};
    for (size_t i = 0; i < sizeof wishes / sizeof *wishes; i++) {
        wn_midi_input *port = (wn_midi_input *)state;
        wn_error error = {0};
        assert_int_equal(wn_midi_input_open(&port, wishes[i], &error), WN_ERROR_ARGUMENT);
        assert_null(port);
        assert_string_equal(error.where, wishes[i]);
        assert_non_null(strstr(error.message, "no MIDI"));
    }
    wn_midi_input_close(NULL);
}

/* Where there is no port, one of our own, or a line that says why not. */
static void test_first(void **state)
{
    (void)state;
    wn_midi_input *port;
    wn_error error = {0};
    wn_status status = wn_midi_input_open(&port, NULL, &error);
    assert_int_equal(port != NULL, status == WN_OK);
    if (status) {
        assert_int_equal(status, WN_ERROR_FILE);
        assert_non_null(strstr(error.message, "this machine has no MIDI"));
        return;
    }
    wn_midi_event event;
    assert_true(*wn_midi_input_name(port) && *wn_midi_input_system(port));
    assert_int_equal(wn_midi_input_received(port) + wn_midi_input_broken(port), 0);
    assert_int_equal(wn_midi_queue_pop(wn_midi_input_queue(port), &event), 0);
    wn_midi_input_close(port);
}

static void test_failing_allocations(void **state)
{
    (void)state;
    for (long i = 0;; i++) {
        wn_midi_input *port;
        wn_error error = {0};
        fail_allocation(i);
        wn_status status = wn_midi_input_open(&port, "", &error);
        int failed = allocation_failed();
        fail_allocation(-1);
        if (failed) assert_int_equal(status, WN_ERROR_MEMORY);
        wn_midi_input_close(port);
        if (!failed) {
            assert_true(i >= 2);
            return;
        }
    }
}

static void test_wishes(void **state)
{
    (void)state;
    assert_int_equal(wn_device_query_number("0"), 0);
    assert_int_equal(wn_device_query_number("12345"), 12345);
    assert_int_equal(wn_device_query_number("123456"), -1);
    assert_int_equal(wn_device_query_number(""), -1);
    assert_int_equal(wn_device_query_number("1a"), -1);
    assert_int_equal(wn_device_query_number("-1"), -1);
    assert_true(wn_device_query_is_part("key", "USB KeyStation 61"));
    assert_true(wn_device_query_is_part("61", "USB KeyStation 61"));
    assert_false(wn_device_query_is_part("612", "USB KeyStation 61"));
    assert_false(wn_device_query_is_part("a", ""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_list),   cmocka_unit_test(test_refused),
        cmocka_unit_test(test_first),  cmocka_unit_test(test_failing_allocations),
        cmocka_unit_test(test_wishes),
    };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
