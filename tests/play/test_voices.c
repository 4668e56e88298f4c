/* SPDX-License-Identifier: MIT
 * test_voices.c - the voice allocator: who plays what, and that no note is left hanging.
 * Copyright (c) 2026 the wavenet authors */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "model/description.h"
#include "model/model.h"
#include "play/voices.h"

enum { KEY, VELOCITY, GATE, INSTRUMENT, BEND, CONTROLS };

/* What the voices of a model would have been told so far. */
typedef struct stage {
    wn_voices voices;
    double value[WN_MAX_VOICES][CONTROLS];
    int starts[WN_MAX_VOICES]; /* gates that went on */
    wn_voice_change changes[WN_MAX_VOICE_CHANGES];
} stage;

static wn_model *model;
static stage s;

static int set_up(void **state)
{
    (void)state;
    static char *choices[] = {"piano", "guitar", "vibraphone", "flute", "trumpet", "violin"};
    static wn_model_control controls[] = {
        {.name = "key", .unit = "semitones", .minimum = 21, .maximum = 108, .default_value = 60},
        {.name = "velocity", .unit = "", .minimum = 0, .maximum = 127, .default_value = 100},
        {.name = "gate", .unit = "", .minimum = 0, .maximum = 1, .default_value = 1},
        {.name = "instrument", .unit = "", .kind = WN_CONTROL_CHOICE, .maximum = 5, .n_choices = 6, .choices = choices},
        {.name = "bend", .unit = "cents", .minimum = -1200, .maximum = 1200},
    };
    model = wn_model_new();
    if (!model) return -1;
    model->sample_rate = 1000;
    model->controls = controls;
    model->n_controls = CONTROLS;
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    wn_model_free(model);
    return 0;
}

static void take(int n)
{
    assert_in_range(n, 0, WN_MAX_VOICE_CHANGES);
    for (int i = 0; i < n; i++) {
        const wn_voice_change *c = &s.changes[i];
        assert_in_range(c->voice, 0, s.voices.n - 1);
        assert_in_range(c->control, 0, CONTROLS - 1);
        if (c->control == GATE && c->value > 0) {
            assert_true(s.value[c->voice][GATE] == 0); /* off before it goes on: else no note would start */
            s.starts[c->voice]++;
        }
        s.value[c->voice][c->control] = c->value;
    }
}

static void begin(int n)
{
    memset(&s, 0, sizeof s);
    for (int v = 0; v < n; v++) s.value[v][GATE] = 1;
    assert_int_equal(wn_voices_init(&s.voices, model, n, NULL), WN_OK);
    take(wn_voices_start(&s.voices, s.changes));
    for (int v = 0; v < n; v++) assert_true(s.value[v][GATE] == 0);
}

static void send(int kind, int channel, int number, int value)
{
    wn_midi_event e = {
        .kind = (uint8_t)kind, .channel = (uint8_t)channel, .number = (uint8_t)number, .value = (int16_t)value};
    take(wn_voices_event(&s.voices, &e, s.changes));
}

static void on(int key) { send(WN_MIDI_NOTE_ON, 0, key, 64); }
static void off(int key) { send(WN_MIDI_NOTE_OFF, 0, key, 0); }

/* The keys of the voices, 0 where the gate is off. */
static void expect_keys(int a, int b, int c)
{
    const int want[] = {a, b, c};
    for (int v = 0; v < 3; v++) {
        int got = s.value[v][GATE] > 0 ? (int)s.value[v][KEY] : 0;
        if (got != want[v]) fail_msg("voice %d plays %d, %d was expected", v, got, want[v]);
    }
}

static int gates(void)
{
    int n = 0;
    for (int v = 0; v < s.voices.n; v++) n += s.value[v][GATE] > 0;
    return n;
}

static void test_notes(void **state)
{
    (void)state;
    begin(3);
    on(60);
    expect_keys(60, 0, 0);
    assert_true(s.value[0][VELOCITY] == 64 && s.value[0][INSTRUMENT] == 0 && s.value[0][BEND] == 0);
    on(64);
    off(60);
    expect_keys(0, 64, 0);
    on(67); /* the voice that never played is idle for longer than the one just released */
    expect_keys(0, 64, 67);
    off(64);
    on(70); /* 60 was released before 64 */
    on(71);
    expect_keys(70, 71, 67);
    assert_int_equal(s.voices.stolen, 0);
    on(72); /* 67 has played the longest */
    expect_keys(70, 71, 72);
    on(73);
    on(74);
    expect_keys(73, 74, 72);
    assert_int_equal(s.voices.stolen, 3);
    off(67); /* stolen long ago */
    off(99);
    expect_keys(73, 74, 72);
    off(73);
    off(74);
    off(72);
    expect_keys(0, 0, 0);
    assert_int_equal(s.starts[0] + s.starts[1] + s.starts[2], s.voices.notes);
}

/* Registered parameter 0 is the range of a full bend; others are not ours. */
static void test_bend_range(void **state)
{
    (void)state;
    begin(1);
    on(60);
    send(WN_MIDI_BEND, 0, 0, 4096);
    assert_true(s.value[0][BEND] == 100);
    send(WN_MIDI_CONTROL, 0, WN_MIDI_DATA, 12); /* no parameter is chosen */
    assert_true(s.value[0][BEND] == 100);
    send(WN_MIDI_CONTROL, 0, WN_MIDI_PARAMETER, 0);
    send(WN_MIDI_CONTROL, 0, WN_MIDI_PARAMETER_FINE, 0);
    send(WN_MIDI_CONTROL, 0, WN_MIDI_DATA, 12);
    assert_true(s.value[0][BEND] == 600);
    send(WN_MIDI_BEND, 0, 0, -8192);
    assert_true(s.value[0][BEND] == -1200);
    send(WN_MIDI_CONTROL, 0, WN_MIDI_DATA, 24); /* more than the model bends */
    assert_true(s.value[0][BEND] == -1200);
    send(WN_MIDI_CONTROL, 0, WN_MIDI_DATA, 1);
    send(WN_MIDI_CONTROL, 0, WN_MIDI_DATA_FINE, 50);
    assert_true(s.value[0][BEND] == -150);
    send(WN_MIDI_CONTROL, 0, WN_MIDI_OTHER, 0);
    send(WN_MIDI_CONTROL, 0, WN_MIDI_DATA, 12);
    assert_true(s.value[0][BEND] == -150);
    send(WN_MIDI_CONTROL, 0, WN_MIDI_PARAMETER, 0);
    send(WN_MIDI_CONTROL, 0, WN_MIDI_PARAMETER_FINE, 1); /* fine tuning */
    send(WN_MIDI_CONTROL, 0, WN_MIDI_DATA, 12);
    send(WN_MIDI_CONTROL, 1, WN_MIDI_PARAMETER, 0);
    send(WN_MIDI_CONTROL, 1, WN_MIDI_PARAMETER_FINE, 0);
    send(WN_MIDI_CONTROL, 1, WN_MIDI_DATA, 12);
    assert_true(s.value[0][BEND] == -150);
}

/* Volume and expression are factors of a channel's voices. */
static void test_volume(void **state)
{
    (void)state;
    begin(2);
    assert_true(wn_voices_gain(&s.voices, 0) == 1);
    on(60);
    send(WN_MIDI_NOTE_ON, 1, 64, 64);
    assert_true(wn_voices_gain(&s.voices, 0) == 1);
    send(WN_MIDI_CONTROL, 0, WN_MIDI_VOLUME, 0);
    assert_true(wn_voices_gain(&s.voices, 0) == 0 && wn_voices_gain(&s.voices, 1) == 1);
    send(WN_MIDI_CONTROL, 0, WN_MIDI_VOLUME, 127);
    send(WN_MIDI_CONTROL, 0, WN_MIDI_EXPRESSION, 64);
    double half = 64.0 / 127, gain = wn_voices_gain(&s.voices, 0);
    assert_true(gain > half * half - 1e-12 && gain < half * half + 1e-12);
    send(WN_MIDI_CONTROL, 0, WN_MIDI_RESET, 0);
    assert_true(wn_voices_gain(&s.voices, 0) == 1);
    send(WN_MIDI_CONTROL, 0, WN_MIDI_VOLUME, 64);
    send(WN_MIDI_CONTROL, 0, WN_MIDI_RESET, 0); /* volume stays */
    assert_true(wn_voices_gain(&s.voices, 0) == gain);
}

static void test_again(void **state)
{
    (void)state;
    begin(3);
    on(60);
    on(60);
    expect_keys(0, 60, 0);
    off(60);
    expect_keys(0, 0, 0);
    begin(1);
    on(60);
    on(60);
    assert_int_equal(s.starts[0], 2);
    assert_int_equal(s.voices.stolen, 0);
    on(61);
    off(60);
    assert_true(s.value[0][GATE] == 1 && s.value[0][KEY] == 61);
}

static void test_pedal(void **state)
{
    (void)state;
    begin(3);
    on(60);
    send(WN_MIDI_CONTROL, 0, WN_MIDI_SUSTAIN, 64);
    off(60);
    on(62);
    off(62);
    on(64);
    expect_keys(60, 62, 64);
    on(62); /* struck again: its earlier note ends, which frees its voice */
    expect_keys(60, 62, 64);
    assert_int_equal(s.starts[1], 2);
    assert_int_equal(s.voices.stolen, 0);
}

static void test_pedal_up(void **state)
{
    (void)state;
    begin(3);
    on(60);
    on(62);
    send(WN_MIDI_CONTROL, 0, WN_MIDI_SUSTAIN, 127);
    off(60);
    send(WN_MIDI_CONTROL, 1, WN_MIDI_SUSTAIN, 0); /* of another channel */
    expect_keys(60, 62, 0);
    send(WN_MIDI_CONTROL, 0, WN_MIDI_SUSTAIN, 63);
    expect_keys(0, 62, 0);
    off(62);
    expect_keys(0, 0, 0);
}

static void test_offs(void **state)
{
    (void)state;
    begin(3);
    on(60);
    send(WN_MIDI_NOTE_ON, 1, 62, 1);
    send(WN_MIDI_CONTROL, 0, WN_MIDI_ALL_NOTES_OFF, 0);
    expect_keys(0, 62, 0);
    send(WN_MIDI_CONTROL, 1, WN_MIDI_SUSTAIN, 127);
    send(WN_MIDI_CONTROL, 1, WN_MIDI_ALL_NOTES_OFF, 0); /* as if the keys went up: the pedal holds */
    expect_keys(0, 62, 0);
    send(WN_MIDI_CONTROL, 1, WN_MIDI_ALL_SOUND_OFF, 0);
    expect_keys(0, 0, 0);
    on(60);
    send(WN_MIDI_CONTROL, 0, WN_MIDI_SUSTAIN, 127);
    off(60);
    send(WN_MIDI_BEND, 0, 0, 8191);
    send(WN_MIDI_CONTROL, 0, WN_MIDI_RESET, 0);
    assert_int_equal(gates(), 0);
    for (int v = 0; v < 3; v++) assert_true(s.value[v][BEND] == 0);
}

static void test_bend(void **state)
{
    (void)state;
    begin(3);
    on(60);
    send(WN_MIDI_NOTE_ON, 1, 62, 1);
    send(WN_MIDI_BEND, 0, 0, -8192);
    assert_true(s.value[0][BEND] == -200 && s.value[1][BEND] == 0);
    off(60);
    send(WN_MIDI_BEND, 0, 0, 4096); /* it still rings */
    assert_true(s.value[0][BEND] == 100);
    on(64);
    assert_true(s.value[2][BEND] == 100);
}

static void test_programs(void **state)
{
    (void)state;
    static const struct {
        int program, choice;
    } known[] = {
        {0, 0},  {7, 0},  {8, 2},  {11, 2}, {16, 3}, {24, 1},  {32, 1},  {40, 5},  {48, 5},  {56, 4},
        {64, 3}, {73, 3}, {80, 4}, {88, 5}, {96, 2}, {104, 1}, {112, 2}, {120, 0}, {127, 0},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        begin(1);
        on(60);
        send(WN_MIDI_PROGRAM, 0, 0, known[i].program);
        assert_true(s.value[0][INSTRUMENT] == 0); /* the note that sounds stays what it is */
        on(61);
        assert_true(s.value[0][INSTRUMENT] == known[i].choice);
        send(WN_MIDI_NOTE_ON, 1, 62, 1);
        assert_true(s.value[0][INSTRUMENT] == 0);
    }
}

static void test_left_out(void **state)
{
    (void)state;
    begin(3);
    send(WN_MIDI_NOTE_ON, WN_MIDI_DRUMS, 36, 100);
    send(WN_MIDI_BEND, WN_MIDI_DRUMS, 0, 100);
    on(20);
    on(109);
    assert_int_equal(gates(), 0);
    assert_int_equal(s.voices.drums, 1);
    assert_int_equal(s.voices.outside, 2);
    assert_int_equal(s.voices.notes, 0);
    on(21);
    on(108);
    assert_int_equal(gates(), 2);
}

static void test_refused(void **state)
{
    (void)state;
    wn_voices v;
    wn_error error = {0};
    assert_int_equal(wn_voices_init(&v, model, 0, &error), WN_ERROR_ARGUMENT);
    assert_int_equal(wn_voices_init(&v, model, WN_MAX_VOICES + 1, &error), WN_ERROR_ARGUMENT);
    model->n_controls = 2;
    assert_int_equal(wn_voices_init(&v, model, 8, &error), WN_ERROR_ARGUMENT);
    assert_non_null(strstr(error.message, "'gate'"));
    model->n_controls = 3; /* key, velocity, gate are enough */
    assert_int_equal(wn_voices_init(&v, model, 8, &error), WN_OK);
    model->n_controls = CONTROLS;
}

static uint32_t next_random(uint32_t *state)
{
    *state = *state * 1664525u + 1013904223u;
    return *state >> 8;
}

static void send_random(uint32_t *random)
{
    static const int controllers[] = {64, 64, 64, 120, 121, 123};
    int channel = (int)(next_random(random) % 16), key = (int)(next_random(random) % 128),
        value = (int)(next_random(random) % 128);
    switch (next_random(random) % 10) {
    case 0: send(WN_MIDI_CONTROL, channel, controllers[next_random(random) % 6], value); break;
    case 1: send(WN_MIDI_PROGRAM, channel, 0, value); break;
    case 2: send(WN_MIDI_BEND, channel, 0, value * 128 - 8192); break;
    case 3:
    case 4:
    case 5: send(WN_MIDI_NOTE_OFF, channel, key, value); break;
    default: send(WN_MIDI_NOTE_ON, channel, key, 1 + value % 127); break;
    }
}

/* A thousand random events; then every key and pedal goes up as a player's would, or all at once: no gate stays on. */
static void test_random(void **state)
{
    (void)state;
    for (uint32_t seed = 1; seed <= 100; seed++) {
        uint32_t random = seed;
        int most = 0;
        begin(seed % 5 ? 1 + (int)(seed % WN_MAX_VOICES) : WN_MAX_VOICES);
        for (int i = 0; i < 1000; i++) {
            send_random(&random);
            most = gates() > most ? gates() : most;
            int playing = 0;
            for (int v = 0; v < s.voices.n; v++) {
                playing += s.voices.voice[v].state != WN_VOICE_RELEASED;
                assert_int_equal(s.voices.voice[v].state != WN_VOICE_RELEASED, s.value[v][GATE] > 0);
            }
            assert_int_equal(playing, gates());
        }
        assert_true(most > 0);
        for (int c = 0; c < 16 && seed % 2; c++) {
            for (int key = 0; key < 128; key++) send(WN_MIDI_NOTE_OFF, c, key, 0);
            send(WN_MIDI_CONTROL, c, WN_MIDI_SUSTAIN, 0);
        }
        if (seed % 2 == 0) take(wn_voices_release(&s.voices, s.changes));
        assert_int_equal(gates(), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_notes),    cmocka_unit_test(test_again),      cmocka_unit_test(test_pedal),
        cmocka_unit_test(test_pedal_up), cmocka_unit_test(test_offs),       cmocka_unit_test(test_bend),
        cmocka_unit_test(test_programs), cmocka_unit_test(test_left_out),   cmocka_unit_test(test_refused),
        cmocka_unit_test(test_random),   cmocka_unit_test(test_bend_range), cmocka_unit_test(test_volume),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
