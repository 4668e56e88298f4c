/* SPDX-License-Identifier: MIT
 * test_instrument.c - a model as an instrument at any rate, against a synth and a resampler run by hand.
 * Copyright (c) 2026 the wavenet authors
 *
 * Usage: test_instrument MODEL */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/failing.h"
#include "dsp/realtime_resampler.h"
#include "play/instrument.h"

enum { RATE = 8000, FRAMES = 20000, VOICES = 3, EVENTS = 7 };

static wn_model *model;

/* Frames of the host, and what happens before each. */
static const struct {
    int frame;
    wn_midi_event event;
} song[EVENTS] = {
    {0, {.kind = WN_MIDI_NOTE_ON, .number = 60, .value = 100}},
    {1, {.kind = WN_MIDI_PROGRAM, .value = 73}},
    {777, {.kind = WN_MIDI_NOTE_ON, .number = 67, .value = 80}},
    {778, {.kind = WN_MIDI_BEND, .value = 3000}},
    {5000, {.kind = WN_MIDI_NOTE_OFF, .number = 60}},
    {9001, {.kind = WN_MIDI_NOTE_ON, .number = 72, .value = 127}},
    {15000, {.kind = WN_MIDI_NOTE_OFF, .number = 72}},
};

/* Play the song in blocks of 1 .. `most` frames. */
static void play_instrument(wn_instrument *p, int most, float *out)
{
    for (int t = 0, i = 0, n; t < FRAMES; t += n) {
        for (; i < EVENTS && song[i].frame == t; i++) wn_synth_event(wn_instrument_get_synth(p), &song[i].event);
        n = 1 + t * 7 % most;
        if (i < EVENTS && n > song[i].frame - t) n = song[i].frame - t;
        if (n > FRAMES - t) n = FRAMES - t;
        wn_instrument_run(p, 0, out + t);
        wn_instrument_run(p, n, out + t);
    }
}

/* The synth alone at its own rate; each event is at the first sample that is not before its frame, or just before it; then all
 * of it through a resampler. */
static void play_by_hand(double rate, float *out)
{
    wn_voice_group *group;
    wn_synth *synth;
    wn_voice_group_config config = {.voices = VOICES, .threads = 1, .sampling = wn_sampling_default(model)};
    assert_int_equal(wn_voice_group_new(&group, model, &config, NULL), WN_OK);
    assert_int_equal(wn_synth_new(&synth, model, group, 1, NULL), WN_OK);
    int samples = (int)ceil(FRAMES * RATE / rate) + 1, done = 0;
    float *raw = malloc((size_t)samples * sizeof *raw), *all = malloc((FRAMES + 1000) * sizeof *all);
    assert_true(raw && all);
    for (int i = 0; i <= EVENTS; i++) {
        /* samples at times below that of frame - 1 exist, and so does the one at it */
        int frame = i < EVENTS ? song[i].frame : FRAMES, due = frame ? (int)floor((frame - 1) * RATE / rate) + 1 : 0;
        wn_synth_run(synth, raw + done, due - done);
        done = due;
        if (i < EVENTS) wn_synth_event(synth, &song[i].event);
    }
    if (rate == RATE) {
        memcpy(out, raw, FRAMES * sizeof *out);
    } else {
        wn_realtime_resampler *r;
        assert_int_equal(wn_realtime_resampler_new(&r, RATE, rate, NULL), WN_OK);
        int made = wn_realtime_resampler_run(r, raw, done, all);
        assert_true(made >= FRAMES && made < FRAMES + 1000);
        memcpy(out, all, FRAMES * sizeof *out);
        wn_realtime_resampler_free(r);
    }
    free(raw);
    free(all);
    wn_synth_free(synth);
    wn_voice_group_free(group);
}

static void plays_on_time_at_any_rate(void **state)
{
    (void)state;
    static const double rates[] = {RATE, 48000, 44100, 96000, 6000};
    static float want[FRAMES], got[FRAMES];
    for (int i = 0; i < 5; i++) {
        play_by_hand(rates[i], want);
        for (int most = 1; most < 5000; most = most * 17 + 3) {
            wn_instrument *p;
            assert_int_equal(wn_instrument_new(&p, model, rates[i], VOICES, 1, NULL), WN_OK);
            assert_int_equal(wn_instrument_get_voices(p), VOICES);
            int latency = wn_instrument_get_latency(p);
            assert_true(rates[i] == RATE ? latency == 0 : latency >= 24 && latency <= 0.005 * rates[i]);
            play_instrument(p, most, got);
            assert_memory_equal(got, want, sizeof got);
            wn_instrument_free(p);
        }
    }
}

/* An instrument that is chosen, and a tuning, give what a program and a bend give. */
static void follows_settings(void **state)
{
    (void)state;
    static float want[FRAMES], got[FRAMES];
    const wn_midi_event note = {.kind = WN_MIDI_NOTE_ON, .number = 60, .value = 100},
                        piano = {.kind = WN_MIDI_PROGRAM, .value = 0}, flute = {.kind = WN_MIDI_PROGRAM, .value = 73},
                        up = {.kind = WN_MIDI_BEND, .value = 4096};
    wn_instrument *a, *b;
    assert_int_equal(wn_instrument_new(&a, model, 16000, VOICES, 1, NULL), WN_OK);
    assert_int_equal(wn_instrument_new(&b, model, 16000, VOICES, 1, NULL), WN_OK);
    wn_synth *by_events = wn_instrument_get_synth(a), *by_settings = wn_instrument_get_synth(b);
    wn_synth_event(by_events, &flute);
    wn_synth_event(by_events, &note);
    wn_synth_set_instrument(by_settings, 1);
    wn_synth_event(by_settings, &piano);
    wn_synth_event(by_settings, &note);
    wn_instrument_run(a, FRAMES / 2, want);
    wn_instrument_run(b, FRAMES / 2, got);
    wn_synth_event(by_events, &up);
    wn_synth_set_tuning(by_settings, 1);
    wn_instrument_run(a, FRAMES / 2, want + FRAMES / 2);
    wn_instrument_run(b, FRAMES / 2, got + FRAMES / 2);
    assert_memory_equal(got, want, sizeof got);
    wn_instrument_free(a);
    wn_instrument_free(b);
}

static void measures_its_voices(void **state)
{
    (void)state;
    static const double margins[] = {1e9, 1e-9};
    static const int voices[] = {1, 8};
    for (int i = 0; i < 2; i++) {
        wn_instrument *p;
        assert_int_equal(wn_instrument_new(&p, model, 48000, 0, margins[i], NULL), WN_OK);
        assert_int_equal(wn_instrument_get_voices(p), voices[i]);
        wn_instrument_free(p);
    }
}

static void refuses_what_it_cannot_play(void **state)
{
    (void)state;
    wn_instrument *p;
    assert_int_equal(wn_instrument_new(&p, model, 44100.5, 1, 1, NULL), WN_ERROR_UNSUPPORTED);
    assert_null(p);
    assert_int_equal(wn_instrument_new(&p, model, 48000, WN_MAX_VOICES + 1, 1, NULL), WN_ERROR_ARGUMENT);
    assert_null(p);
}

static void survives_failing_allocations(void **state)
{
    (void)state;
    int refused = 0;
    for (long n = 0, more = 1; more; n++) {
        wn_instrument *p;
        fail_allocation(n);
        wn_status status = wn_instrument_new(&p, model, 44100, VOICES, 1, NULL);
        more = allocation_failed();
        fail_allocation(-1);
        assert_int_equal(status, more ? WN_ERROR_MEMORY : WN_OK);
        refused += status != WN_OK;
        wn_instrument_free(p);
    }
    assert_true(refused > 10);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plays_on_time_at_any_rate),    cmocka_unit_test(follows_settings),
        cmocka_unit_test(measures_its_voices),          cmocka_unit_test(refuses_what_it_cannot_play),
        cmocka_unit_test(survives_failing_allocations),
    };
    if (argc != 2 || wn_model_load(&model, argv[1], NULL)) return 2;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    wn_model_free(model);
    return failed;
}
