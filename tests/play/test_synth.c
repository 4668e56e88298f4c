/* SPDX-License-Identifier: MIT
 * test_synth.c - a model played live and from files: the same samples, and no note left hanging. Usage: test_synth MODEL
 * Copyright (c) 2026 the wavenet authors */
#include <math.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "common/failing.h"
#include "play/sequencer.h"

enum { RATE = 8000, CHUNK = 16, LENGTH = RATE, VOICES = 4, SECONDS = 10 };

static const char *model_path;
static wn_model *model;

static int set_up(void **state)
{
    (void)state;
    return wn_model_load(&model, model_path, NULL) != WN_OK;
}

static int tear_down(void **state)
{
    (void)state;
    wn_model_free(model);
    return 0;
}

/* ---- something to play on, something to play ---------------------------------------------------------------------- */

typedef struct instrument {
    wn_voice_group *group;
    wn_synth *synth;
    wn_midi_queue *queue;
} instrument;

static instrument instrument_new(int voices, int threads, double gain)
{
    instrument i;
    wn_voice_group_config config = {.voices = voices, .threads = threads, .sampling = wn_sampling_default(model)};
    assert_int_equal(wn_voice_group_new(&i.group, model, &config, NULL), WN_OK);
    assert_int_equal(wn_synth_new(&i.synth, model, i.group, gain, NULL), WN_OK);
    assert_int_equal(wn_midi_queue_new(&i.queue, NULL), WN_OK);
    return i;
}

static void instrument_free(instrument *i)
{
    wn_synth_free(i->synth);
    wn_voice_group_free(i->group);
    wn_midi_queue_free(i->queue);
}

static uint32_t next_random(uint32_t *state)
{
    *state = *state * 1664525u + 1013904223u;
    return *state >> 8;
}

/* Everything that a voice understands, and drums; three channels, so that pedals and programs meet notes. */
static wn_midi_event draw_event(uint32_t *random)
{
    static const uint8_t controllers[] = {64, 64, 64, 120, 121, 123};
    static const uint8_t channels[] = {0, 0, 1, 2, WN_MIDI_DRUMS};
    wn_midi_event e = {.channel = channels[next_random(random) % 5]};
    uint8_t key = (uint8_t)(18 + next_random(random) % 94), value = (uint8_t)(next_random(random) % 128);
    switch (next_random(random) % 12) {
    case 0: e.kind = WN_MIDI_PROGRAM, e.value = value; break;
    case 1: e.kind = WN_MIDI_BEND, e.value = (int16_t)(value * 128 - 8192); break;
    case 2:
    case 3: e.kind = WN_MIDI_CONTROL, e.number = controllers[next_random(random) % 6], e.value = value; break;
    case 4:
    case 5:
    case 6: e.kind = WN_MIDI_NOTE_OFF, e.number = key; break;
    default: e.kind = WN_MIDI_NOTE_ON, e.number = key, e.value = (int16_t)(1 + value % 127); break;
    }
    return e;
}

/* `n` random events, on frames that chunks begin with. */
static wn_midi_file *draw_file(int n, uint32_t seed)
{
    wn_midi_file *file = calloc(1, sizeof *file);
    assert_non_null(file);
    file->events = calloc((size_t)n, sizeof *file->events);
    assert_non_null(file->events);
    uint32_t random = seed, frame = 0;
    for (int i = 0; i < n; i++) {
        frame += next_random(&random) % 3 * (LENGTH / CHUNK / (unsigned)n) * CHUNK;
        file->events[i] = draw_event(&random);
        file->events[i].time = (double)frame / RATE;
    }
    file->n_events = (size_t)n;
    file->seconds = (double)(frame + CHUNK) / RATE;
    return file;
}

/* ---- live is as offline ------------------------------------------------------------------------------------------- */

/* The file's events through the queue, chunk by chunk, as a player's thread does it. */
static void play_live(instrument *i, const wn_midi_file *file, float *pcm, int frames)
{
    size_t next = 0;
    for (int t = 0; t < frames; t += CHUNK) {
        for (; next < file->n_events && file->events[next].time * RATE <= t; next++)
            assert_int_equal(wn_midi_queue_push(i->queue, &file->events[next]), 1);
        wn_synth_run_queue(i->synth, i->queue);
        if (t == llround(file->seconds * RATE)) wn_synth_release(i->synth);
        wn_synth_run(i->synth, pcm + t, CHUNK);
    }
}

static void test_live_is_offline(void **state)
{
    (void)state;
    static float offline[LENGTH + RATE], live[LENGTH + RATE];
    static const struct {
        int voices, threads;
    } cases[] = {{1, 1}, {4, 1}, {4, 2}, {5, 3}, {8, 2}};
    for (uint32_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        wn_midi_file *file = draw_file(50, c + 1);
        wn_sequencer *song;
        instrument a = instrument_new(cases[c].voices, 1, 0.5),
                   b = instrument_new(cases[c].voices, cases[c].threads, 0.5);
        play_live(&b, file, live, LENGTH + RATE);
        assert_int_equal(wn_sequencer_new(&song, file, RATE, NULL), WN_OK);
        for (int t = 0, n; t < LENGTH + RATE; t += n) { /* in pieces of any length */
            n = LENGTH + RATE - t < 977 ? LENGTH + RATE - t : 977;
            wn_sequencer_run(song, a.synth, offline + t, n);
        }
        assert_memory_equal(offline, live, sizeof live);
        wn_synth_stats counts = wn_synth_get_stats(b.synth);
        assert_true(counts.notes > 10 && counts.left_out > 0 && counts.playing == 0);
        assert_true(cases[c].voices > 1 || counts.stolen > 0);
        wn_sequencer_free(song);
        instrument_free(&a);
        instrument_free(&b);
    }
}

/* An event at a frame acts at that frame, and again after wn_sequencer_start; the song's own frames, not those of chunks. */
static void test_song(void **state)
{
    (void)state;
    static float want[RATE], got[RATE], again[RATE];
    const wn_midi_event on = {.time = 0.0501, .kind = WN_MIDI_NOTE_ON, .number = 60, .value = 100};
    const wn_midi_event off = {.time = 0.3, .kind = WN_MIDI_NOTE_OFF, .number = 60};
    wn_midi_file *file = calloc(1, sizeof *file);
    assert_non_null(file);
    *file = (wn_midi_file){.n_events = 2, .events = calloc(2, sizeof *file->events), .seconds = 0.5};
    assert_non_null(file->events);
    file->events[0] = on;
    file->events[1] = off;
    wn_sequencer *song;
    instrument a = instrument_new(2, 1, 2), b = instrument_new(2, 1, 2), c = instrument_new(2, 1, 2);
    wn_synth_run(a.synth, want, 401);
    wn_synth_event(a.synth, &on);
    wn_synth_run(a.synth, want + 401, 2400 - 401);
    wn_synth_event(a.synth, &off);
    wn_synth_run(a.synth, want + 2400, RATE - 2400);
    assert_int_equal(wn_sequencer_new(&song, file, RATE, NULL), WN_OK);
    assert_int_equal(wn_sequencer_frames(song), RATE / 2);
    wn_sequencer_run(song, b.synth, got, RATE);
    assert_memory_equal(want, got, sizeof got);
    wn_sequencer_start(song);
    wn_sequencer_run(song, c.synth, again, RATE);
    assert_memory_equal(want, again, sizeof again);
    for (int t = 0; t < 401; t++) assert_true(got[t] == 0); /* dropped before its first note */
    float most = 0;
    for (int t = 401; t < 1000; t++) most = got[t] > most ? got[t] : most;
    assert_true(most > 0);
    wn_sequencer_free(song);
    instrument_free(&a);
    instrument_free(&b);
    instrument_free(&c);
}

/* The mix is the sum of the voices that have played, times the gain. */
static void test_mix(void **state)
{
    (void)state;
    enum { N = 500 };
    static float rows[N * 3], got[N];
    wn_voice_group_config config = {.voices = 3, .threads = 1, .sampling = wn_sampling_default(model)};
    wn_voice_group *bare;
    int key = wn_model_find_control(model, "key"), gate = wn_model_find_control(model, "gate");
    assert_int_equal(wn_voice_group_new(&bare, model, &config, NULL), WN_OK);
    for (int v = 0; v < 3; v++) wn_conditioner_set_control(wn_voice_group_get_conditioner(bare, v), gate, 0);
    instrument i = instrument_new(3, 1, 0.25);
    for (int v = 0; v < 2; v++) {
        wn_midi_event on = {.kind = WN_MIDI_NOTE_ON, .number = (uint8_t)(60 + v), .value = 100};
        wn_synth_event(i.synth, &on);
        wn_conditioner_set_control(wn_voice_group_get_conditioner(bare, v), key, 60 + v);
        wn_conditioner_set_control(wn_voice_group_get_conditioner(bare, v), gate, 1);
    }
    wn_voice_group_run(bare, N, rows, NULL);
    wn_synth_run(i.synth, got, N);
    for (int t = 0; t < N; t++) {
        float want = (float)(0.25 * ((double)rows[3 * t] + rows[3 * t + 1]));
        assert_memory_equal(&want, &got[t], sizeof want);
    }
    wn_voice_group_free(bare);
    instrument_free(&i);
}

/* ---- live ------------------------------------------------------------------------------------------------------------ */

typedef struct hearing {
    int n;
    double when[4];
} hearing;

static void hear(void *user, double when)
{
    hearing *h = user;
    if (h->n < 4) h->when[h->n] = when;
    h->n++;
}

/* Only notes that begin to sound are told of. */
static void test_received(void **state)
{
    (void)state;
    static const wn_midi_event events[] = {
        {1.5, WN_MIDI_NOTE_ON, 0, 60, 64}, {2, WN_MIDI_NOTE_ON, WN_MIDI_DRUMS, 60, 64},
        {3, WN_MIDI_NOTE_ON, 0, 10, 64},   {4, WN_MIDI_NOTE_OFF, 0, 60, 64},
        {5, WN_MIDI_PROGRAM, 0, 0, 7},     {6.5, WN_MIDI_NOTE_ON, 3, 61, 1},
    };
    hearing h = {0};
    instrument i = instrument_new(1, 1, 1);
    for (size_t e = 0; e < sizeof events / sizeof *events; e++) wn_midi_queue_push(i.queue, &events[e]);
    wn_synth_set_note_callback(i.synth, hear, &h);
    wn_synth_run_queue(i.synth, i.queue);
    assert_int_equal(h.n, 2);
    assert_true(h.when[0] == 1.5 && h.when[1] == 6.5);
    wn_synth_stats counts = wn_synth_get_stats(i.synth);
    assert_true(counts.notes == 2 && counts.left_out == 2 && counts.playing == 1 && counts.stolen == 0);
    instrument_free(&i);
}

static void key(wn_synth *synth, double time, int kind, int number)
{
    wn_midi_event e = {.time = time, .kind = (uint8_t)kind, .number = (uint8_t)number, .value = 100};
    wn_synth_event(synth, &e);
}

/* On a voice that sounds, a note begins at the first hop (of 40 frames) after 3 ms (24 frames); the last of several does,
 * even if its key is up by then. What sounded before fades. */
static void test_turns(void **state)
{
    (void)state;
    static float pcm[RATE];
    hearing h = {0};
    instrument i = instrument_new(1, 1, 1);
    wn_synth_set_note_callback(i.synth, hear, &h);
    key(i.synth, 1, WN_MIDI_NOTE_ON, 60);
    assert_int_equal(h.n, 1);
    wn_synth_run(i.synth, pcm, 410);
    key(i.synth, 2, WN_MIDI_NOTE_ON, 61);
    wn_synth_run(i.synth, pcm, 10);
    key(i.synth, 3, WN_MIDI_NOTE_ON, 62);
    wn_synth_run(i.synth, pcm, 20);
    assert_int_equal(h.n, 1);
    assert_true(fabsf(pcm[19]) < 0.05f); /* a 24th of what it was */
    wn_synth_run(i.synth, pcm, 1);
    assert_int_equal(h.n, 2);
    assert_true(h.when[1] == 3 && pcm[0] == 0);
    wn_synth_run(i.synth, pcm, 399);
    key(i.synth, 4, WN_MIDI_NOTE_ON, 63);
    key(i.synth, 5, WN_MIDI_NOTE_OFF, 63);
    assert_int_equal(wn_synth_get_stats(i.synth).playing, 0);
    wn_synth_run(i.synth, pcm, 100);
    assert_true(h.n == 3 && h.when[2] == 4);
    assert_int_equal(wn_synth_get_stats(i.synth).playing, 0);
    assert_int_equal(wn_synth_get_stats(i.synth).stolen, 3);
    instrument_free(&i);
}

/* The key of a note that waits goes up: the note begins and ends at its turn. */
static void test_short_note(void **state)
{
    (void)state;
    enum { N = 400 };
    static float pcm[3][N];
    for (int which = 0; which < 3; which++) { /* key up before the turn, at the next frame, never */
        instrument i = instrument_new(1, 1, 1);
        key(i.synth, 0, WN_MIDI_NOTE_ON, 60);
        wn_synth_run(i.synth, pcm[which], 400);
        key(i.synth, 0, WN_MIDI_NOTE_ON, 61);
        if (which == 0) key(i.synth, 0, WN_MIDI_NOTE_OFF, 61);
        wn_synth_run(i.synth, pcm[which], 41);
        if (which == 1) key(i.synth, 0, WN_MIDI_NOTE_OFF, 61);
        wn_synth_run(i.synth, pcm[which], N);
        instrument_free(&i);
    }
    assert_memory_not_equal(pcm[0], pcm[2], sizeof pcm[0]);
    assert_memory_not_equal(pcm[1], pcm[2], sizeof pcm[0]);
}

/* What is lost may have been the end of a note: everything is let go, and what comes later plays. */
static void test_overflow(void **state)
{
    (void)state;
    instrument i = instrument_new(VOICES, 1, 1);
    wn_midi_event on = {.kind = WN_MIDI_NOTE_ON, .number = 60, .value = 64},
                  off = {.kind = WN_MIDI_NOTE_OFF, .number = 60};
    for (int k = 0; k < WN_MIDI_QUEUE_CAPACITY; k++) assert_int_equal(wn_midi_queue_push(i.queue, &on), 1);
    wn_synth_run_queue(i.synth, i.queue);
    assert_int_equal(wn_synth_get_stats(i.synth).playing, 1); /* one key, struck again and again */
    for (int k = 0; k < WN_MIDI_QUEUE_CAPACITY; k++) assert_int_equal(wn_midi_queue_push(i.queue, &on), 1);
    assert_int_equal(wn_midi_queue_push(i.queue, &off), 0);
    wn_synth_run_queue(i.synth, i.queue);
    assert_int_equal(wn_synth_get_stats(i.synth).playing, 0);
    wn_midi_queue_push(i.queue, &on);
    wn_synth_run_queue(i.synth, i.queue);
    assert_int_equal(wn_synth_get_stats(i.synth).playing, 1);
    instrument_free(&i);
}

typedef struct keyboard {
    wn_midi_queue *queue;
    int events;
    atomic_int turns, done; /* chunks that were played; the keys are up */
} keyboard;

static void rest(void) { nanosleep(&(struct timespec){.tv_nsec = 100000}, NULL); }

/* Every key and pedal goes up, as a player's would, when there is room in the queue for that. */
static void let_go(keyboard *k)
{
    for (int turns = atomic_load(&k->turns); atomic_load(&k->turns) < turns + 2;) rest();
    for (uint8_t channel = 0; channel < 3; channel++) {
        wn_midi_event up = {.kind = WN_MIDI_CONTROL, .channel = channel, .number = WN_MIDI_SUSTAIN};
        for (int key = 0; key < 128; key++) {
            wn_midi_event off = {.kind = WN_MIDI_NOTE_OFF, .channel = channel, .number = (uint8_t)key};
            wn_midi_queue_push(k->queue, &off);
        }
        wn_midi_queue_push(k->queue, &up);
    }
}

static void *strike(void *user)
{
    keyboard *k = user;
    uint32_t random = 99;
    for (int n = 0; n < k->events; n++) {
        wn_midi_event event = draw_event(&random);
        wn_midi_queue_push(k->queue, &event);
        while (atomic_load(&k->turns) < n * (SECONDS * RATE / CHUNK) / k->events) rest();
    }
    let_go(k);
    atomic_store(&k->done, 1);
    return NULL;
}

/* A thousand random events from one thread, ten seconds of sound made by another with helpers of its own. */
static void test_storm(void **state)
{
    (void)state;
    instrument i = instrument_new(VOICES, 2, 1);
    keyboard k = {.queue = i.queue, .events = 1000};
    pthread_t thread;
    float pcm[CHUNK];
    int most = 0, after = 0;
    assert_int_equal(pthread_create(&thread, NULL, strike, &k), 0);
    for (int t = 0; t < SECONDS * RATE || after < 2; t += CHUNK) {
        after += atomic_load(&k.done);
        wn_synth_run_queue(i.synth, i.queue);
        wn_synth_run(i.synth, pcm, CHUNK);
        atomic_fetch_add(&k.turns, 1);
        int playing = wn_synth_get_stats(i.synth).playing;
        most = playing > most ? playing : most;
    }
    pthread_join(thread, NULL);
    wn_synth_stats counts = wn_synth_get_stats(i.synth);
    assert_int_equal(counts.playing, 0);
    assert_int_equal(most, VOICES);
    assert_true(counts.notes > 200 && counts.left_out > 50);
    assert_int_equal(wn_midi_queue_dropped(i.queue), 0);
    instrument_free(&i);
}

/* ---- memory ---------------------------------------------------------------------------------------------------------- */

static wn_status make(wn_error *error)
{
    wn_voice_group_config config = {.voices = VOICES, .threads = 2, .sampling = wn_sampling_default(model)};
    wn_voice_group *group;
    wn_synth *synth = NULL;
    wn_sequencer *song = NULL;
    wn_midi_file *file = NULL;
    wn_status status = wn_voice_group_new(&group, model, &config, error);
    if (!status) status = wn_synth_new(&synth, model, group, 1, error);
    if (!status) file = calloc(1, sizeof *file);
    if (!status && !file) status = WN_ERROR_MEMORY;
    if (!status) status = wn_sequencer_new(&song, file, RATE, error);
    wn_sequencer_free(song);
    wn_synth_free(synth);
    wn_voice_group_free(group);
    return status;
}

static void test_failing_allocations(void **state)
{
    (void)state;
    for (long i = 0;; i++) {
        fail_allocation(i);
        wn_status status = make(NULL);
        int failed = allocation_failed();
        fail_allocation(-1);
        assert_int_equal(status, failed ? WN_ERROR_MEMORY : WN_OK);
        if (failed) continue;
        assert_true(i > 20);
        return;
    }
}

static void test_refused(void **state)
{
    (void)state;
    wn_voice_group_config config = {.voices = WN_MAX_VOICES + 1, .threads = 1, .sampling = wn_sampling_default(model)};
    wn_voice_group *group;
    wn_synth *synth = (wn_synth *)state;
    wn_sequencer *song = (wn_sequencer *)state;
    assert_int_equal(wn_voice_group_new(&group, model, &config, NULL), WN_OK);
    assert_int_equal(wn_synth_new(&synth, model, group, 1, NULL), WN_ERROR_ARGUMENT);
    assert_null(synth);
    wn_voice_group_free(group);
    assert_int_not_equal(wn_sequencer_load(&song, "/nonexistent/song.mid", RATE, NULL), WN_OK);
    assert_null(song);
    wn_sequencer_free(NULL);
    wn_synth_free(NULL);
}

/* A release that another thread requests takes effect before the next frame, like one between two frames. */
static void test_requested_release(void **state)
{
    (void)state;
    static float direct[LENGTH], requested[LENGTH];
    for (int turn = 0; turn < 2; turn++) {
        instrument i = instrument_new(2, 1, 1);
        float *pcm = turn ? requested : direct;
        for (uint8_t key = 60; key < 62; key++)
            wn_synth_event(i.synth, &(wn_midi_event){.kind = WN_MIDI_NOTE_ON, .number = key, .value = 100});
        wn_synth_run(i.synth, pcm, LENGTH / 2);
        assert_int_equal(wn_synth_get_stats(i.synth).playing, 2);
        if (turn)
            wn_synth_request_release(i.synth);
        else
            wn_synth_release(i.synth);
        wn_synth_run(i.synth, pcm + LENGTH / 2, LENGTH / 2);
        assert_int_equal(wn_synth_get_stats(i.synth).playing, 0);
        instrument_free(&i);
    }
    assert_memory_equal(direct, requested, sizeof direct);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_live_is_offline),
        cmocka_unit_test(test_song),
        cmocka_unit_test(test_mix),
        cmocka_unit_test(test_received),
        cmocka_unit_test(test_turns),
        cmocka_unit_test(test_short_note),
        cmocka_unit_test(test_overflow),
        cmocka_unit_test(test_requested_release),
        cmocka_unit_test(test_storm),
        cmocka_unit_test(test_failing_allocations),
        cmocka_unit_test(test_refused),
    };
    if (argc != 2) return 2;
    model_path = argv[1];
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
