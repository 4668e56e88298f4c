/* SPDX-License-Identifier: MIT
 * voices.c - voice allocator: keys, pedals, bends and programs to the controls of N voices.
 * Copyright (c) 2026 the wavenet authors */
#include "play/voices.h"

#include <string.h>

#include "model/model.h"

/* What plays the sixteen General MIDI families of eight programs each: the first of these that the model has, else its
 * default. */
static const char *const families[16][3] = {
    {"piano"},                             /* piano */
    {"vibraphone", "marimba", "piano"},    /* chromatic percussion */
    {"organ", "flute"},                    /* organ */
    {"guitar"},                            /* guitar */
    {"bass", "guitar"},                    /* bass */
    {"violin", "strings"},                 /* strings */
    {"strings", "violin"},                 /* ensemble */
    {"trumpet", "brass"},                  /* brass */
    {"clarinet", "saxophone", "flute"},    /* reed */
    {"flute"},                             /* pipe */
    {"synth lead", "trumpet"},             /* synth lead */
    {"synth pad", "strings", "violin"},    /* synth pad */
    {"synth effects", "vibraphone"},       /* synth effects */
    {"guitar"},                            /* ethnic */
    {"percussion", "vibraphone", "piano"}, /* percussive */
    {"sound effects"},                     /* sound effects */
};
enum { PREFERENCES = 3, FAMILY = 8, BEND_CENTS = 200 };

/* The changes of one event. */
typedef struct list {
    wn_voice_change *changes;
    int n;
} list;

/* ---- making --------------------------------------------------------------------------------------------------- */

static int find_choice(const wn_control *control, const char *name)
{
    for (int i = 0; i < control->n_choices; i++)
        if (strcmp(control->choices[i], name) == 0) return i;
    return -1;
}

static int choose_instrument(const wn_control *control, int program)
{
    const char *const *names = families[program / FAMILY];
    for (int i = 0; i < PREFERENCES && names[i]; i++) {
        int choice = find_choice(control, names[i]);
        if (choice >= 0) return choice;
    }
    return (int)control->default_value;
}

static void init_optional(wn_voices *v, const wn_model *model)
{
    v->velocity = wn_model_find_control(model, "velocity");
    v->instrument = wn_model_find_control(model, "instrument");
    v->bend = wn_model_find_control(model, "bend");
    if (v->bend >= 0)
        v->bend_range = strcmp(wn_model_get_control(model, v->bend).unit, "semitones") ? BEND_CENTS : BEND_CENTS / 100.0;
    if (v->instrument < 0) return;
    wn_control control = wn_model_get_control(model, v->instrument);
    for (int p = 0; p < WN_MIDI_PROGRAMS; p++) v->choices[p] = choose_instrument(&control, p);
}

wn_status wn_voices_init(wn_voices *v, const wn_model *model, int n, wn_error *error)
{
    memset(v, 0, sizeof *v);
    if (n < 1 || n > WN_MAX_VOICES)
        return wn_fail(error, WN_ERROR_ARGUMENT, "voices", "%d; 1 to %d were expected", n, (int)WN_MAX_VOICES);
    v->n = n;
    v->key = wn_model_find_control(model, "key");
    v->gate = wn_model_find_control(model, "gate");
    if (v->key < 0 || v->gate < 0)
        return wn_fail(error, WN_ERROR_ARGUMENT, "voices",
                       "the model has no control '%s'; to play notes, it needs key and gate", v->key < 0 ? "key" : "gate");
    wn_control key = wn_model_get_control(model, v->key);
    v->lowest = key.minimum > 0 ? (int)key.minimum + ((int)key.minimum < key.minimum) : 0;
    v->highest = key.maximum < 127 ? (int)key.maximum : 127;
    for (int i = 0; i < n; i++) v->voice[i].channel = v->voice[i].key = -1;
    init_optional(v, model);
    return WN_OK;
}

/* ---- voices --------------------------------------------------------------------------------------------------- */

static void change(list *l, int voice, int control, double value)
{
    if (control >= 0) l->changes[l->n++] = (wn_voice_change){.voice = voice, .control = control, .value = value};
}

static void release(wn_voices *v, int i, list *l)
{
    if (v->voice[i].state == WN_VOICE_RELEASED) return;
    v->voice[i].state = WN_VOICE_RELEASED;
    v->voice[i].since = v->now;
    change(l, i, v->gate, 0);
}

/* The released voice of longest standing, or the one that has played the longest. */
static int choose_voice(const wn_voices *v)
{
    int best = 0;
    for (int i = 1; i < v->n; i++) {
        bool idle = v->voice[i].state == WN_VOICE_RELEASED, best_idle = v->voice[best].state == WN_VOICE_RELEASED;
        if (idle != best_idle ? idle : v->voice[i].since < v->voice[best].since) best = i;
    }
    return best;
}

static double bend_of(const wn_voices *v, int channel) { return v->channel[channel].bend / 8192.0 * v->bend_range; }

static void start_note(wn_voices *v, const wn_midi_event *e, list *l)
{
    int i = choose_voice(v);
    if (v->voice[i].state != WN_VOICE_RELEASED) v->stolen++;
    release(v, i, l);
    v->voice[i].state = WN_VOICE_HELD;
    v->voice[i].channel = e->channel;
    v->voice[i].key = e->number;
    v->voice[i].since = v->now;
    v->notes++;
    change(l, i, v->instrument, v->choices[v->channel[e->channel].program]);
    change(l, i, v->key, e->number);
    change(l, i, v->velocity, e->value);
    change(l, i, v->bend, bend_of(v, e->channel));
    change(l, i, v->gate, 1);
}

/* ---- events --------------------------------------------------------------------------------------------------- */

static bool plays(const wn_voices *v, int i, const wn_midi_event *e)
{
    return v->voice[i].state != WN_VOICE_RELEASED && v->voice[i].channel == e->channel && v->voice[i].key == e->number;
}

static void note_on(wn_voices *v, const wn_midi_event *e, list *l)
{
    if (e->number < v->lowest || e->number > v->highest) {
        v->outside++;
        return;
    }
    for (int i = 0; i < v->n; i++)
        if (plays(v, i, e)) release(v, i, l);
    start_note(v, e, l);
}

/* The key is up: the note ends, unless the pedal holds it. */
static void let_go(wn_voices *v, int i, list *l)
{
    if (v->channel[v->voice[i].channel].pedal)
        v->voice[i].state = WN_VOICE_SUSTAINED;
    else
        release(v, i, l);
}

static void note_off(wn_voices *v, const wn_midi_event *e, list *l)
{
    for (int i = 0; i < v->n; i++)
        if (plays(v, i, e) && v->voice[i].state == WN_VOICE_HELD) let_go(v, i, l);
}

static void all_notes_off(wn_voices *v, int channel, list *l)
{
    for (int i = 0; i < v->n; i++)
        if (v->voice[i].channel == channel && v->voice[i].state == WN_VOICE_HELD) let_go(v, i, l);
}

static void all_sound_off(wn_voices *v, int channel, list *l)
{
    for (int i = 0; i < v->n; i++)
        if (v->voice[i].channel == channel) release(v, i, l);
}

static void set_pedal(wn_voices *v, int channel, bool down, list *l)
{
    v->channel[channel].pedal = down;
    for (int i = 0; i < v->n && !down; i++)
        if (v->voice[i].channel == channel && v->voice[i].state == WN_VOICE_SUSTAINED) release(v, i, l);
}

static void set_bend(wn_voices *v, int channel, int bend, list *l)
{
    v->channel[channel].bend = bend;
    for (int i = 0; i < v->n; i++)
        if (v->voice[i].channel == channel) change(l, i, v->bend, bend_of(v, channel));
}

static void reset(wn_voices *v, int channel, list *l)
{
    set_pedal(v, channel, false, l);
    set_bend(v, channel, 0, l);
}

static void control(wn_voices *v, const wn_midi_event *e, list *l)
{
    switch (e->number) {
    case WN_MIDI_SUSTAIN: set_pedal(v, e->channel, e->value >= 64, l); break;
    case WN_MIDI_ALL_SOUND_OFF: all_sound_off(v, e->channel, l); break;
    case WN_MIDI_RESET: reset(v, e->channel, l); break;
    case WN_MIDI_ALL_NOTES_OFF: all_notes_off(v, e->channel, l); break;
    default: break;
    }
}

int wn_voices_event(wn_voices *v, const wn_midi_event *e, wn_voice_change changes[WN_MAX_VOICE_CHANGES])
{
    list l = {.changes = changes};
    if (e->channel >= WN_MIDI_CHANNELS) return 0;
    if (e->channel == WN_MIDI_DRUMS) {
        v->drums += e->kind == WN_MIDI_NOTE_ON;
        return 0;
    }
    v->now++;
    switch (e->kind) {
    case WN_MIDI_NOTE_OFF: note_off(v, e, &l); break;
    case WN_MIDI_NOTE_ON: note_on(v, e, &l); break;
    case WN_MIDI_CONTROL: control(v, e, &l); break;
    case WN_MIDI_PROGRAM: v->channel[e->channel].program = e->value & (WN_MIDI_PROGRAMS - 1); break;
    case WN_MIDI_BEND: set_bend(v, e->channel, e->value, &l); break;
    default: break;
    }
    return l.n;
}

int wn_voices_start(const wn_voices *v, wn_voice_change changes[WN_MAX_VOICE_CHANGES])
{
    list l = {.changes = changes};
    for (int i = 0; i < v->n; i++) change(&l, i, v->gate, 0);
    return l.n;
}

int wn_voices_release(wn_voices *v, wn_voice_change changes[WN_MAX_VOICE_CHANGES])
{
    list l = {.changes = changes};
    v->now++;
    for (int c = 0; c < WN_MIDI_CHANNELS; c++) v->channel[c].pedal = false;
    for (int i = 0; i < v->n; i++) release(v, i, &l);
    return l.n;
}
