/* SPDX-License-Identifier: MIT
 * test_notes.c - WaveNet Notes in a host of our own: the samples of an instrument, whatever the host does.
 * Copyright (c) 2026 the wavenet authors
 *
 * Usage: test_notes PLUGIN MODEL SHIPPED; MODEL is small, so its bundle is quick; SHIPPED is that of the real bundle. */
#include <math.h>
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

#include "dsp/mix.h"
#include "engine/chance.h"
#include "host.h"
#include "play/instrument.h"
#include "plugin/notes_ports.h"
#include "realtime/guard.h"

enum { FRAMES = 12000, MOST = 2048 };

static const LV2_Descriptor *plugin;
static wn_model *model;
static char bundle[64] = "/tmp/wavenet-notes-XXXXXX", copy[128];
static const char *model_path, *shipped_path;

static int make_bundle(void **state)
{
    (void)state;
    char command[1024];
    assert_non_null(mkdtemp(bundle));
    snprintf(copy, sizeof copy, "%s/notes.safetensors", bundle);
    snprintf(command, sizeof command, "cp '%s' '%s'", model_path, copy);
    return system(command);
}

static int remove_bundle(void **state)
{
    (void)state;
    remove(copy);
    return rmdir(bundle);
}

static host *make_notes(double rate)
{
    host *h = host_new(plugin, bundle, rate, false);
    assert_non_null(h);
    for (uint32_t i = NOTES_GAIN; i < NOTES_PORTS; i++) plugin->connect_port(h->instance, i, &h->controls[i]);
    plugin->connect_port(h->instance, NOTES_MIDI, h->in);
    plugin->activate(h->instance);
    return h;
}

/* Notes at random frames; the same for the same seed. */
typedef struct tune {
    int n;
    struct {
        int frame;
        uint8_t bytes[3];
    } events[64];
} tune;

static tune draw_tune(uint64_t seed)
{
    chance c = {seed};
    tune t = {.n = 24};
    for (int i = 0, frame = 0; i < t.n; i++, frame += chance_int(&c, 0, 900)) {
        static const uint8_t kinds[] = {0x90, 0x90, 0x80, 0xb0, 0xc0, 0xe0};
        t.events[i].frame = frame;
        t.events[i].bytes[0] = kinds[chance_int(&c, 0, 5)];
        t.events[i].bytes[1] = (uint8_t)chance_int(&c, 55, 70);
        t.events[i].bytes[2] = (uint8_t)chance_int(&c, 0, 127);
    }
    return t;
}

static uint32_t event_size(const uint8_t *bytes) { return bytes[0] == 0xc0 ? 2 : 3; }

/* In blocks of all kinds, 0 frames among them, with each event in the block of its frame. */
static void play_host(host *h, const tune *t, float *out)
{
    static const int blocks[] = {64, 1, 0, 333, MOST, 17};
    for (int at = 0, i = 0, b = 0, n; at < FRAMES; at += n, b++) {
        n = blocks[b % 6] < FRAMES - at ? blocks[b % 6] : FRAMES - at;
        host_begin_events(h);
        for (; i < t->n && t->events[i].frame < at + n; i++)
            host_midi(h, t->events[i].frame - at, t->events[i].bytes, event_size(t->events[i].bytes));
        host_end_events(h);
        plugin->connect_port(h->instance, NOTES_OUT, out + at);
        host_run(h, (uint32_t)n);
    }
}

/* An instrument with the events at their frames, and a gain behind it. */
static void play_instrument(double rate, int voices, const tune *t, double db, float *out)
{
    wn_instrument *p;
    float gain = (float)pow(10, db / 20);
    assert_int_equal(wn_instrument_new(&p, model, rate, voices, 1, NULL), WN_OK);
    int done = 0;
    for (int i = 0; i <= t->n; i++) {
        int to = i < t->n && t->events[i].frame < FRAMES ? t->events[i].frame : FRAMES;
        wn_midi_event event;
        wn_instrument_run(p, to - done, out + done);
        done = to;
        if (to < FRAMES &&
            wn_midi_message_read(&event, t->events[i].bytes, event_size(t->events[i].bytes)) == WN_MIDI_ACCEPTED)
            wn_synth_event(wn_instrument_get_synth(p), &event);
    }
    for (int f = 0; f < FRAMES; f++) out[f] *= gain;
    wn_instrument_free(p);
}

static void plays_on_time(void **state)
{
    (void)state;
    static const double rates[] = {48000, 44100, 8000, 96000};
    static float want[FRAMES], got[FRAMES];
    for (int i = 0; i < 4; i++) {
        tune t = draw_tune((uint64_t)i);
        host *h = make_notes(rates[i]);
        h->controls[NOTES_GAIN] = -3;
        play_host(h, &t, got);
        int voices = (int)h->controls[NOTES_VOICES];
        assert_true(voices >= 1 && voices <= 8);
        play_instrument(rates[i], voices, &t, -3, want);
        assert_memory_equal(got, want, sizeof got);
        int sounding = 0;
        for (int f = 0; f < FRAMES; f++) sounding += got[f] != 0;
        assert_true(sounding > FRAMES / 2);
        assert_true(rates[i] == 8000 ? h->controls[NOTES_LATENCY] == 0 : h->controls[NOTES_LATENCY] >= 24);
        host_free(h);
    }
}

/* The instrument of the port is that of the model's control; the tuning is one of cents. */
static void follows_controls(void **state)
{
    (void)state;
    static float want[FRAMES], got[FRAMES];
    const uint8_t note[] = {0x90, 60, 100};
    host *h = make_notes(48000);
    h->controls[NOTES_INSTRUMENT] = 2.4f; /* the second: flute */
    h->controls[NOTES_TUNING] = 50;
    h->controls[NOTES_GAIN] = 0;
    plugin->connect_port(h->instance, NOTES_OUT, got);
    host_begin_events(h);
    host_midi(h, 0, note, 3);
    host_end_events(h);
    host_run(h, FRAMES);
    wn_instrument *p;
    assert_int_equal(wn_instrument_new(&p, model, 48000, (int)h->controls[NOTES_VOICES], 1, NULL), WN_OK);
    wn_synth *synth = wn_instrument_get_synth(p);
    wn_synth_event(synth, &(wn_midi_event){.kind = WN_MIDI_PROGRAM, .value = 73});
    wn_synth_event(synth, &(wn_midi_event){.kind = WN_MIDI_BEND, .value = 2048}); /* half a semitone of two */
    wn_synth_event(synth, &(wn_midi_event){.kind = WN_MIDI_NOTE_ON, .number = 60, .value = 100});
    wn_instrument_run(p, FRAMES, want);
    assert_memory_equal(got, want, sizeof got);
    wn_instrument_free(p);
    host_free(h);
}

/* The labels of the instruments are those of the shipped model, in its order. */
static void names_the_instruments(void **state)
{
    (void)state;
    const char *at = notes_ports[NOTES_INSTRUMENT].turtle;
    wn_model *shipped;
    assert_int_equal(wn_model_load(&shipped, shipped_path, NULL), WN_OK);
    wn_control c = wn_model_get_control(shipped, wn_model_find_control(shipped, "instrument"));
    assert_true(notes_ports[NOTES_INSTRUMENT].maximum == (float)c.n_choices);
    for (int i = 0; i < c.n_choices; i++) {
        char row[128];
        snprintf(row, sizeof row, "rdfs:label \"%s\" ; rdf:value %d.0", c.choices[i], i + 1);
        at = strstr(at, row);
        assert_non_null(at);
    }
    wn_model_free(shipped);
}

/* Any control, any event at any frame, damaged sequences, unconnected ports: finite sound and no fault. */
static void survives_hostile_hosts(void **state)
{
    (void)state;
    static const float values[] = {NAN, INFINITY, -INFINITY, 0, 1, -1, 1e30f, 6, 2.5f, -60};
    chance c = {17};
    float *out = malloc(64 * sizeof *out);
    assert_non_null(out);
    host *h = make_notes(44100);
    plugin->connect_port(h->instance, NOTES_OUT, out);
    double end = host_clock() + host_duration(0);
    for (int turn = 0; turn < 3000 || host_clock() < end; turn++) {
        for (int i = NOTES_GAIN; i <= NOTES_TUNING; i++) h->controls[i] = values[chance_int(&c, 0, 9)];
        host_begin_events(h);
        for (int n = chance_int(&c, 0, 5); n > 0; n--) {
            uint8_t bytes[4];
            for (int i = 0; i < 4; i++) bytes[i] = (uint8_t)chance_int(&c, i ? 0 : 128, i ? 140 : 255);
            static const int64_t frames[] = {0, 5, -1, INT64_MIN, INT64_MAX, 63, 64, 1000};
            host_midi(h, frames[chance_int(&c, 0, 7)], bytes, (uint32_t)chance_int(&c, 0, 4));
        }
        host_end_events(h);
        void *damaged = host_damage(h, &c, chance_percent(&c, 50) ? 0 : 3);
        plugin->connect_port(h->instance, NOTES_MIDI, damaged);
        int n = chance_int(&c, 0, 64);
        host_run(h, (uint32_t)n);
        for (int t = 0; t < n; t++) assert_true(isfinite(out[t]));
        free(damaged);
    }
    for (uint32_t i = 0; i <= NOTES_PORTS; i++) plugin->connect_port(h->instance, i, NULL);
    host_run(h, 64);
    host_free(h);
    free(out);
}

static void releases_notes(void **state)
{
    (void)state;
    static float out[FRAMES];
    const uint8_t note[] = {0x90, 60, 100};
    host *h = make_notes(8000);
    plugin->connect_port(h->instance, NOTES_OUT, out);
    host_begin_events(h);
    host_midi(h, 10, note, 3);
    host_end_events(h);
    host_run(h, 4000);
    for (int t = 0; t < 10; t++) assert_true(out[t] == 0);
    plugin->activate(h->instance);
    float during[4000];
    memcpy(during, out, sizeof during);
    host_run(h, 4000); /* the gate is off: another sound than that of a note that goes on */
    assert_true(memcmp(during + 10, out, 3990 * sizeof *out) != 0);
    host_free(h);
}

static void refuses_bad_hosts(void **state)
{
    (void)state;
    const LV2_Feature *none[] = {NULL};
    const double rates[] = {0, -1, NAN, INFINITY, 1e9, 44100.5};
    char longest[5000];
    memset(longest, 'a', sizeof longest);
    longest[sizeof longest - 1] = '\0';
    assert_null(plugin->instantiate(plugin, 48000, bundle, none));
    for (int i = 0; i < 6; i++) assert_null(host_new(plugin, bundle, rates[i], false));
    assert_null(host_new(plugin, "/nonexistent", 48000, false));
    assert_null(host_new(plugin, longest, 48000, false));
    assert_null(plugin->extension_data("urn:something"));
}

#ifdef __linux__
/* In a child that the kernel kills at any system call but read, write and exit. */
static int survives_without_calls(host *h, const uint8_t *note, int planted)
{
    static float out[128];
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT)) syscall(SYS_exit, 2);
        plugin->connect_port(h->instance, NOTES_OUT, out);
        for (int i = 0; i < 50; i++) {
            h->controls[NOTES_INSTRUMENT] = (float)(i % 4);
            h->controls[NOTES_TUNING] = (float)i;
            host_begin_events(h);
            host_midi(h, i % 64, note, 3);
            host_end_events(h);
            plugin->run(h->instance, (uint32_t)(i * 7 % 128));
        }
        if (planted) getppid();
        syscall(SYS_exit, 0);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? (WEXITSTATUS(status) == 0 ? 1 : -1) : 0;
}

static void calls_no_system(void **state)
{
    (void)state;
    const uint8_t note[] = {0x90, 60, 100};
    if (!GUARD_PRESENT) skip();
    host *h = make_notes(44100);
    host_begin_events(h);
    host_midi(h, 0, note, 3); /* its URI has a number now */
    host_end_events(h);
    int control = survives_without_calls(h, note, 1);
    if (control >= 0) {
        assert_int_equal(control, 0);
        assert_int_equal(survives_without_calls(h, note, 0), 1);
    }
    host_free(h);
    if (control < 0) skip();
}
#endif

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plays_on_time),         cmocka_unit_test(follows_controls),
        cmocka_unit_test(names_the_instruments), cmocka_unit_test(survives_hostile_hosts),
        cmocka_unit_test(releases_notes),        cmocka_unit_test(refuses_bad_hosts),
#ifdef __linux__
        cmocka_unit_test(calls_no_system),
#endif
    };
    if (argc != 4) return 2;
    plugin = host_load(argv[1]);
    model_path = argv[2];
    shipped_path = argv[3];
    if (wn_model_load(&model, model_path, NULL)) return 2;
    int failed = cmocka_run_group_tests(tests, make_bundle, remove_bundle);
    wn_model_free(model);
    return failed;
}
