/* SPDX-License-Identifier: MIT
 * test_track.c - control tracks: what they say, and every way they can be wrong.
 * Copyright (c) 2026 the wavenet authors */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/failing.h"
#include "model/description.h"
#include "model/model.h"
#include "wavenet/audio.h"

static wn_model *model;

/* key 0..127, gate 0..1, instrument {piano, flute}; 1000 Hz, so that a millisecond is a sample. */
static int set_up(void **state)
{
    (void)state;
    static char *choices[] = {"piano", "flute"};
    static wn_model_control controls[] = {
        {.name = "key", .unit = "semitones", .minimum = 0, .maximum = 127, .default_value = 60},
        {.name = "gate", .unit = "", .minimum = 0, .maximum = 1, .default_value = 1},
        {.name = "instrument", .unit = "", .kind = WN_CONTROL_CHOICE, .maximum = 1, .n_choices = 2, .choices = choices},
    };
    model = wn_model_new();
    if (!model) return -1;
    model->sample_rate = 1000;
    model->controls = controls;
    model->n_controls = 3;
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    wn_model_free(model);
    return 0;
}

static void expect_events(const char *text, size_t n, const wn_track_event *events)
{
    wn_track *track;
    wn_error error = {0};
    if (wn_track_parse(&track, text, strlen(text), "t.csv", model, &error))
        fail_msg("%s: %s", error.where, error.message);
    assert_int_equal(track->n_events, n);
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(track->events[i].frame, events[i].frame);
        assert_int_equal(track->events[i].control, events[i].control);
        assert_true(track->events[i].value == events[i].value);
    }
    wn_track_free(track);
}

static void test_values(void **state)
{
    (void)state;
    const wn_track_event plain[] = {{0, 0, 60}, {0, 1, 1}, {1500, 1, 0}, {2000, 0, 61.5}, {2000, 1, 0.5}};
    expect_events("time,key,gate\n0,60,1\n1.5,,0\n2,61.5,0.5\n", 5, plain);
    expect_events("time,key,gate\r\n0,60,1\r\n1.5,,0\r\n2,61.5,0.5", 5, plain);
    expect_events("\xef\xbb\xbf# a comment\n\n time , key , gate \n0 , 60, 1\n  # more\n 1.5,,0\n\n2,61.5,5e-1\n", 5,
                  plain);
    expect_events("\"time\",key,\"gate\"\r0,\"60\",1\r1.5,,0\r2,61.5,0.5", 5, plain);
    expect_events("time;key;gate\n0;60;1\n1.5;;0\n2;61.5;5e-1\n", 5, plain);
    expect_events("\"time\";\"key\";\"gate\"\r\n0;60;1\r\n1,5;;0\r\n2;61,5;5,0e-1\r\n", 5, plain);
    expect_events("# of a table\ntime\tkey\tgate\n0\t60\t1\n1.5\t\t0\n2\t 61.5 \t0.5", 5, plain);
    expect_events("time;key;gate\n0;60;1\n1,5;;0\n2,0E+0;61,5;0,5\n", 5, plain);
    expect_events("time,\tkey,\tgate\n0,\t60,1\n1.5,,0\t\n2,61.5,0.5", 5, plain);
    const wn_track_event choices[] = {{0, 2, 1}, {1, 2, 0}, {2, 2, 1}};
    expect_events("instrument,time\nflute,0\n0,0.001\n1,0.002\n", 3, choices);
    const wn_track_event same[] = {{500, 0, 1}, {500, 0, 2}};
    expect_events("time,key\n0.5,1\n0.5,2\n", 2, same);
    expect_events("time\n0\n1\n", 0, NULL);
    expect_events("time,key\n", 0, NULL);
}

static void test_refused(void **state)
{
    (void)state;
    static const struct {
        const char *text, *where, *words;
    } bad[] = {
        {"", "t.csv, line 1", "empty"},
        {"# only a comment\n", "t.csv, line 1", "empty"},
        {"key,gate\n60,1\n", "t.csv, line 1", "no column 'time'"},
        {"time,pitch\n0,60\n", "t.csv, line 1", "'pitch' is neither"},
        {"time,\n0,60\n", "t.csv, line 1", "'' is neither"},
        {"time,key,key\n0,60,61\n", "t.csv, line 1", "'key' is there twice"},
        {"time,time\n0,0\n", "t.csv, line 1", "'time' is there twice"},
        {"time,key\n1,60\n0.5,61\n", "t.csv, line 3", "times must ascend"},
        {"time,key\n-1,60\n", "t.csv, line 2", "outside"},
        {"time,key\n1e30,60\n", "t.csv, line 2", "outside"},
        {"time,key\nnan,60\n", "t.csv, line 2", "no number"},
        {"time,key\ninf,60\n", "t.csv, line 2", "no number"},
        {"time,key\n,60\n", "t.csv, line 2", "no number"},
        {"time,key\nx,60\n", "t.csv, line 2", "time 'x' is no number"},
        {"time,key\n0,sixty\n", "t.csv, line 2", "'sixty' is no number for key"},
        {"time,key\n0,60 61\n", "t.csv, line 2", "no number"},
        {"time,key\n0,nan\n", "t.csv, line 2", "no number"},
        {"time,key\n0,128\n", "t.csv, line 2", "key 128 is outside its range 0 to 127"},
        {"time,key\n\n\n0,-0.5\n", "t.csv, line 4", "outside its range"},
        {"time,instrument\n0,tuba\n", "t.csv, line 2", "one of piano, flute was expected"},
        {"time,instrument\n0,2\n", "t.csv, line 2", "one of piano, flute"},
        {"time,instrument\n0,0.5\n", "t.csv, line 2", "one of piano, flute"},
        {"time,instrument\n0,-1\n", "t.csv, line 2", "one of piano, flute"},
        {"time,key,gate\n0,60\n", "t.csv, line 2", "2 cells, 3 were expected"},
        {"time,key\n0,60,1\n", "t.csv, line 2", "more than the 2 cells"},
        {"time,\"key\n0,60\n", "t.csv, line 1", "not closed"},
        {"time,key\n0,\"60\"1\n", "t.csv, line 2", "after a closing"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        wn_track *track = (wn_track *)1;
        wn_error error = {0};
        assert_int_not_equal(wn_track_parse(&track, bad[i].text, strlen(bad[i].text), "t.csv", model, &error), WN_OK);
        assert_null(track);
        assert_string_equal(error.where, bad[i].where);
        if (!strstr(error.message, bad[i].words)) fail_msg("'%s' was expected in '%s'", bad[i].words, error.message);
    }
}

static void test_bytes(void **state)
{
    (void)state;
    wn_track *track;
    static char text[1000] = "time,key\n0,";
    memset(text + 11, '1', 900);
    assert_int_equal(wn_track_parse(&track, text, 911, "t.csv", model, NULL), WN_ERROR_FORMAT);
    assert_int_equal(wn_track_parse(&track, "time,key\n0,6\0000\n", 15, "t.csv", model, NULL), WN_ERROR_FORMAT);
    assert_int_equal(wn_track_load(&track, "/tmp", model, NULL), WN_ERROR_FILE);
    assert_int_equal(wn_track_load(&track, "/nonexistent/t.csv", model, NULL), WN_ERROR_FILE);
    model->sample_rate = 0;
    assert_int_equal(wn_track_parse(&track, "time,key\n0,60\n", 14, "t.csv", model, NULL), WN_ERROR_FORMAT);
    model->sample_rate = 1000;
}

static void test_failing_allocations(void **state)
{
    (void)state;
    char text[4096] = "time,key\n";
    size_t n = strlen(text);
    for (int i = 0; i < 200; i++) n += (size_t)snprintf(text + n, sizeof text - n, "%d,%d\n", i, i % 128);
    int failures = 0;
    for (long i = 0;; i++) {
        wn_track *track;
        fail_allocation(i);
        wn_status status = wn_track_parse(&track, text, n, "t.csv", model, NULL);
        int failed = allocation_failed();
        fail_allocation(-1);
        assert_int_equal(status, failed ? WN_ERROR_MEMORY : WN_OK);
        wn_track_free(track);
        if (!failed) break;
        failures++;
    }
    assert_true(failures >= 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_bytes),
        cmocka_unit_test(test_failing_allocations),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
