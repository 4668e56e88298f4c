/* SPDX-License-Identifier: MIT
 * fuzz_midi_live.c - MIDI messages as a port delivers them, whatever their bytes, played to voices.
 * Copyright (c) 2026 the wavenet authors */
#include "fuzz.h"
#include "model/model.h"
#include "play/voices.h"

enum { KEY, GATE, INSTRUMENT, BEND, CONTROLS };

static wn_model model;

static void check_event(const wn_midi_event *e)
{
    int bend = e->kind == WN_MIDI_BEND;
    fuzz_check(e->kind <= WN_MIDI_BEND && e->channel < 16 && e->number < 128 && e->time == 0, "no such event");
    fuzz_check(e->value >= (bend ? -8192 : e->kind == WN_MIDI_NOTE_ON) && e->value <= (bend ? 8191 : 127),
               "out of range");
}

/* Follow the gates as a model would. */
static void follow(const wn_voices *v, double *gates, const wn_voice_change *changes, int n)
{
    fuzz_check(n >= 0 && n <= WN_MAX_VOICE_CHANGES, "too many changes");
    for (int i = 0; i < n; i++) {
        fuzz_check(changes[i].voice >= 0 && changes[i].voice < v->n, "no such voice");
        fuzz_check(changes[i].control >= 0 && changes[i].control < CONTROLS, "no such control");
        if (changes[i].control == GATE) gates[changes[i].voice] = changes[i].value;
    }
    for (int i = 0; i < v->n; i++)
        fuzz_check((gates[i] > 0) == (v->voice[i].state != WN_VOICE_RELEASED), "a gate and its voice disagree");
}

static void set_up(void)
{
    static char *choices[] = {"piano", "flute"};
    static wn_model_control controls[] = {
        [KEY] = {.name = "key", .unit = "semitones", .minimum = 21, .maximum = 108, .default_value = 60},
        [GATE] = {.name = "gate", .unit = "", .maximum = 1, .default_value = 1},
        [INSTRUMENT] = {.name = "instrument",
                        .unit = "",
                        .kind = WN_CONTROL_CHOICE,
                        .maximum = 1,
                        .n_choices = 2,
                        .choices = choices},
        [BEND] = {.name = "bend", .unit = "cents", .minimum = -1200, .maximum = 1200},
    };
    model.controls = controls;
    model.n_controls = CONTROLS;
}

/* The first byte tells how many voices; then messages, each after a byte whose low three bits are its length. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    wn_voices voices;
    wn_voice_change changes[WN_MAX_VOICE_CHANGES];
    double gates[WN_MAX_VOICES] = {0};
    if (size == 0) return 0;
    set_up();
    fuzz_check(wn_voices_init(&voices, &model, 1 + data[0] % WN_MAX_VOICES, NULL) == WN_OK, "no voices");
    follow(&voices, gates, changes, wn_voices_start(&voices, changes));
    for (size_t at = 1; at < size;) {
        size_t n = data[at++] & 7;
        n = n < size - at ? n : size - at;
        wn_midi_event event;
        if (wn_midi_message_read(&event, data + at, n) == WN_MIDI_ACCEPTED) {
            check_event(&event);
            follow(&voices, gates, changes, wn_voices_event(&voices, &event, changes));
        }
        at += n;
    }
    follow(&voices, gates, changes, wn_voices_release(&voices, changes));
    for (int i = 0; i < voices.n; i++) fuzz_check(gates[i] == 0, "a note is left hanging");
    return 0;
}

#define SEED(add, s) (add)((s), sizeof(s) - 1)

void fuzz_seeds(void (*add)(const void *data, size_t size))
{
    SEED(add, "\3\2\xc0\x49\3\x90\x3c\x40\3\xb0\x40\x7f\3\x80\x3c\x00\3\x90\x3e\x40\3\xb0\x40\x00\3\xe0\x00\x70");
    SEED(add, "\0\3\x90\x3c\x40\3\x90\x3d\x40\3\x91\x3e\x40\3\xb1\x78\x00\3\xb0\x7b\x00\3\xb0\x79\x00\1\xfe\1\xf8");
    SEED(add,
         "\77\3\x99\x24\x40\3\x90\x14\x40\3\x90\x6d\x40\3\x90\x6c\x40\0\2\x90\x3c\4\x90\x3c\x40\x40\3\x90\x80\x40");
}
