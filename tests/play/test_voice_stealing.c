/* SPDX-License-Identifier: MIT
 * test_voice_stealing.c - a voice that is taken from a note that sounds makes no click. Usage: test_voice_stealing NOTES-MODEL
 * Copyright (c) 2026 the wavenet authors
 *
 * A click is an edge: energy above a few kHz within milliseconds. Ordinary notes have edges, too, where they begin and
 * while they sound. So each steal is compared with the two notes it lies between, played apart: the louder of the new
 * one's attack and the old one's sound. To tell what these figures mean, the same notes are also cut off and joined hard. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "play/sequencer.h"

enum { RATE = 16000, NOTES = 40, STEALS = NOTES - 1, GAP = RATE * 9 / 10, HOLD = RATE / 4, LEAD = RATE / 10 };
enum { EDGE = 32, NEAR = 320, ATTACK = RATE / 20, MOST = NOTES * GAP };

typedef struct note {
    int frame, program, key, velocity;
} note;

static const int programs[] = {0, 24, 11, 73, 56, 40};
static const char *model_path;
static wn_model *model;
static note notes[NOTES];
static float together[MOST], apart[MOST], joined[2 * LEAD];
static int length; /* frames of `together` */

/* ---- notes on one voice -------------------------------------------------------------------------------------------- */

static uint32_t next_random(uint32_t *state)
{
    *state = *state * 1664525u + 1013904223u;
    return *state >> 8;
}

static void draw_notes(void)
{
    static const int velocities[] = {30, 60, 100, 127};
    static const int waits[] = {90, 151, 207, 263, 331}; /* milliseconds */
    uint32_t random = 5;
    int frame = RATE / 5;
    for (int i = 0; i < NOTES; i++) {
        notes[i] = (note){frame, programs[next_random(&random) % 6], 40 + (int)(next_random(&random) % 44),
                          velocities[next_random(&random) % 4]};
        frame += waits[next_random(&random) % 5] * RATE / 1000;
    }
    length = frame + RATE / 2;
}

static wn_synth *synth_of(wn_voice_group **group)
{
    wn_synth *synth;
    wn_voice_group_config config = {.voices = 1, .threads = 1, .sampling = wn_sampling_default(model)};
    assert_int_equal(wn_voice_group_new(group, model, &config, NULL), WN_OK);
    assert_int_equal(wn_synth_new(&synth, model, *group, 1, NULL), WN_OK);
    return synth;
}

static void strike(wn_synth *synth, const note *n)
{
    wn_midi_event program = {.kind = WN_MIDI_PROGRAM, .value = (int16_t)n->program};
    wn_midi_event on = {.kind = WN_MIDI_NOTE_ON, .number = (uint8_t)n->key, .value = (int16_t)n->velocity};
    wn_synth_event(synth, &program);
    wn_synth_event(synth, &on);
}

static void play_together(wn_synth *synth)
{
    int frame = 0;
    for (int i = 0; i < NOTES; i++) {
        wn_synth_run(synth, together + frame, notes[i].frame - frame);
        frame = notes[i].frame;
        strike(synth, &notes[i]);
    }
    wn_synth_run(synth, together + frame, length - frame);
    assert_in_range(wn_synth_get_stats(synth).stolen, STEALS - 4, STEALS); /* a key struck again takes its own voice */
}

/* Note i from frame i x GAP + LEAD on; the one before has rung out. */
static void play_apart(wn_synth *synth)
{
    for (int i = 0; i < NOTES; i++) {
        float *pcm = apart + i * GAP;
        wn_synth_run(synth, pcm, LEAD);
        strike(synth, &notes[i]);
        wn_synth_run(synth, pcm + LEAD, HOLD);
        wn_synth_release(synth);
        wn_synth_run(synth, pcm + LEAD + HOLD, GAP - LEAD - HOLD);
    }
    assert_int_equal(wn_synth_get_stats(synth).stolen, 0);
}

static int set_up(void **state)
{
    (void)state;
    wn_voice_group *group;
    if (wn_model_load(&model, model_path, NULL)) return -1;
    draw_notes();
    wn_synth *synth = synth_of(&group);
    play_together(synth);
    wn_synth_free(synth);
    wn_voice_group_free(group);
    synth = synth_of(&group);
    play_apart(synth);
    wn_synth_free(synth);
    wn_voice_group_free(group);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    wn_model_free(model);
    return 0;
}

/* ---- edges ------------------------------------------------------------------------------------------------------------ */

/* The strongest of 2 ms around frames from .. to - 1, in dB: energy of the third difference, which lets 4 kHz pass 35 dB
 * better than 500 Hz. */
static double edge(const float *x, int from, int to)
{
    double most = 1e-10;
    for (int t = from; t < to; t++) {
        double sum = 0;
        for (int i = t; i < t + EDGE; i++) {
            double d = (double)x[i + 3] - 3 * (double)x[i + 2] + 3 * (double)x[i + 1] - x[i];
            sum += d * d;
        }
        most = fmax(most, sum);
    }
    return 10 * log10(most);
}

/* What is ordinary where note i takes the voice of the one before: that note's edges, and this one's first. */
static double ordinary(int i)
{
    double attack = edge(apart, i * GAP + LEAD - EDGE, i * GAP + LEAD + ATTACK);
    return fmax(attack, edge(apart, (i - 1) * GAP + LEAD - EDGE, (i - 1) * GAP + LEAD + HOLD));
}

static double stolen_edge(int i) { return edge(together, notes[i].frame - EDGE - 8, notes[i].frame + NEAR); }

/* The old note up to that moment, then the new one from silence. */
static double joined_edge(int i)
{
    memcpy(joined, together + notes[i].frame - LEAD, LEAD * sizeof *joined);
    memcpy(joined + LEAD, apart + i * GAP + LEAD, LEAD * sizeof *joined);
    return edge(joined, LEAD - EDGE - 8, LEAD + NEAR);
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

typedef struct spread {
    double median, ninth, worst; /* dB beyond what is ordinary; of ten steals, nine have less than `ninth` */
} spread;

static spread compare(double (*of)(int), const char *name)
{
    double beyond[STEALS];
    for (int i = 1; i < NOTES; i++) beyond[i - 1] = of(i) - ordinary(i);
    qsort(beyond, STEALS, sizeof *beyond, ascending);
    spread s = {beyond[STEALS / 2], beyond[STEALS * 9 / 10], beyond[STEALS - 1]};
    printf("%s: edges %+.1f dB beyond ordinary ones in the median, %+.1f in one of ten, %+.1f at worst\n", name,
           s.median, s.ninth, s.worst);
    return s;
}

static bool is_smooth(spread s) { return s.median < -4 && s.ninth < 1 && s.worst < 3; }

static void test_steals(void **state)
{
    (void)state;
    assert_true(is_smooth(compare(stolen_edge, "stolen")));
    assert_false(is_smooth(compare(joined_edge, "joined hard")));
}

/* A note that was let go rings out into exact silence. */
static void test_silence(void **state)
{
    (void)state;
    wn_voice_group *group;
    wn_synth *synth = synth_of(&group);
    for (size_t i = 0; i < sizeof programs / sizeof *programs; i++) {
        strike(synth, &(note){0, programs[i], 60, 127});
        wn_synth_run(synth, together, HOLD);
        wn_synth_release(synth);
        wn_synth_run(synth, together, 3 * RATE / 2);
        for (int t = 3 * RATE / 2 - 100; t < 3 * RATE / 2; t++) assert_true(together[t] == 0);
    }
    wn_synth_free(synth);
    wn_voice_group_free(group);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_steals), cmocka_unit_test(test_silence)};
    if (argc != 2) return 2;
    model_path = argv[1];
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
