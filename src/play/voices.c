/* SPDX-License-Identifier: MIT
 * voices.c - voice allocator: maps keys, pedals, bends and programs to the controls of N voices.
 * Copyright (c) 2026 the wavenet authors */
#include "play/voices.h"

#include <string.h>

#include "model/model.h"

/* Instruments for the sixteen General MIDI families of eight programs each, in order of preference. If the model has
 * none of a family's, its default plays. */
enum { MAX_PREFERENCES = 3, FAMILY_SIZE = 8, BEND_SEMITONES = 2, FULL = 127 };
static const char *const families[16][MAX_PREFERENCES] = {
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

/* The control changes of one event. */
typedef struct change_list {
    wn_voice_change *changes;
    int n;
} change_list;

/* ---- construction ---------------------------------------------------------------------------------------------- */

static int find_choice(const wn_control *control, const char *name)
{
    for (int i = 0; i < control->n_choices; i++)
        if (strcmp(control->choices[i], name) == 0) return i;
    return -1;
}

static int choose_instrument(const wn_control *control, int program)
{
    const char *const *names = families[program / FAMILY_SIZE];
    for (int i = 0; i < MAX_PREFERENCES && names[i]; i++) {
        int choice = find_choice(control, names[i]);
        if (choice >= 0) return choice;
    }
    return (int)control->default_value;
}

static void init_optional_controls(wn_voices *v, const wn_model *model)
{
    v->velocity = wn_model_find_control(model, "velocity");
    v->instrument = wn_model_find_control(model, "instrument");
    v->bend = wn_model_find_control(model, "bend");
    if (v->bend >= 0) {
        wn_control bend = wn_model_get_control(model, v->bend);
        v->semitone = strcmp(bend.unit, "semitones") == 0 ? 1 : 100;
        v->lowest_bend = bend.minimum;
        v->highest_bend = bend.maximum;
    }
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
    v->choice = -1;
    v->key = wn_model_find_control(model, "key");
    v->gate = wn_model_find_control(model, "gate");
    if (v->key < 0 || v->gate < 0)
        return wn_fail(error, WN_ERROR_ARGUMENT, "voices",
                       "the model has no control '%s'; to play notes, it needs key and gate",
                       v->key < 0 ? "key" : "gate");
    wn_control key = wn_model_get_control(model, v->key);
    v->lowest = key.minimum > 0 ? (int)key.minimum + ((int)key.minimum < key.minimum) : 0;
    v->highest = key.maximum < 127 ? (int)key.maximum : 127;
    for (int i = 0; i < n; i++) v->voice[i].channel = v->voice[i].key = -1;
    for (int c = 0; c < WN_MIDI_CHANNELS; c++) {
        v->channel[c].volume = v->channel[c].expression = FULL;
        v->channel[c].parameter = WN_MIDI_NO_PARAMETER;
        v->channel[c].bend_semitones = BEND_SEMITONES;
    }
    init_optional_controls(v, model);
    return WN_OK;
}

/* ---- voices ---------------------------------------------------------------------------------------------------- */

static void list_add(change_list *out, int voice, int control, double value)
{
    if (control >= 0) out->changes[out->n++] = (wn_voice_change){.voice = voice, .control = control, .value = value};
}

static void voice_release(wn_voices *v, int i, change_list *out)
{
    if (v->voice[i].state == WN_VOICE_RELEASED) return;
    v->voice[i].state = WN_VOICE_RELEASED;
    v->voice[i].since = v->now;
    list_add(out, i, v->gate, 0);
}

/* The voice that was released the longest ago or, if all are playing, the one that started first. */
static int find_voice(const wn_voices *v)
{
    int best = 0;
    for (int i = 1; i < v->n; i++) {
        bool released = v->voice[i].state == WN_VOICE_RELEASED,
             best_released = v->voice[best].state == WN_VOICE_RELEASED;
        if (released != best_released ? released : v->voice[i].since < v->voice[best].since) best = i;
    }
    return best;
}

static double channel_get_bend(const wn_voices *v, int channel)
{
    double range = v->semitone * (v->channel[channel].bend_semitones + v->channel[channel].bend_cents / 100.0);
    double bend = v->channel[channel].bend / 8192.0 * range + v->tuning;
    return bend < v->lowest_bend ? v->lowest_bend : bend > v->highest_bend ? v->highest_bend : bend;
}

static void voice_start_note(wn_voices *v, const wn_midi_event *e, change_list *out)
{
    int i = find_voice(v);
    if (v->voice[i].state != WN_VOICE_RELEASED) v->stolen++;
    voice_release(v, i, out);
    v->voice[i].state = WN_VOICE_HELD;
    v->voice[i].channel = e->channel;
    v->voice[i].key = e->number;
    v->voice[i].since = v->now;
    v->notes++;
    list_add(out, i, v->instrument, v->choice >= 0 ? v->choice : v->choices[v->channel[e->channel].program]);
    list_add(out, i, v->key, e->number);
    list_add(out, i, v->velocity, e->value);
    list_add(out, i, v->bend, channel_get_bend(v, e->channel));
    list_add(out, i, v->gate, 1);
}

/* ---- events ---------------------------------------------------------------------------------------------------- */

static bool voice_plays(const wn_voices *v, int i, const wn_midi_event *e)
{
    return v->voice[i].state != WN_VOICE_RELEASED && v->voice[i].channel == e->channel && v->voice[i].key == e->number;
}

static void handle_note_on(wn_voices *v, const wn_midi_event *e, change_list *out)
{
    if (e->number < v->lowest || e->number > v->highest) {
        v->outside++;
        return;
    }
    for (int i = 0; i < v->n; i++)
        if (voice_plays(v, i, e)) voice_release(v, i, out);
    voice_start_note(v, e, out);
}

/* The key of voice `i` goes up: the note ends, or the pedal sustains it. */
static void voice_key_up(wn_voices *v, int i, change_list *out)
{
    if (v->channel[v->voice[i].channel].pedal)
        v->voice[i].state = WN_VOICE_SUSTAINED;
    else
        voice_release(v, i, out);
}

static void handle_note_off(wn_voices *v, const wn_midi_event *e, change_list *out)
{
    for (int i = 0; i < v->n; i++)
        if (voice_plays(v, i, e) && v->voice[i].state == WN_VOICE_HELD) voice_key_up(v, i, out);
}

static void channel_notes_off(wn_voices *v, int channel, change_list *out)
{
    for (int i = 0; i < v->n; i++)
        if (v->voice[i].channel == channel && v->voice[i].state == WN_VOICE_HELD) voice_key_up(v, i, out);
}

static void channel_sound_off(wn_voices *v, int channel, change_list *out)
{
    for (int i = 0; i < v->n; i++)
        if (v->voice[i].channel == channel) voice_release(v, i, out);
}

static void channel_set_pedal(wn_voices *v, int channel, bool down, change_list *out)
{
    v->channel[channel].pedal = down;
    for (int i = 0; i < v->n && !down; i++)
        if (v->voice[i].channel == channel && v->voice[i].state == WN_VOICE_SUSTAINED) voice_release(v, i, out);
}

static void channel_set_bend(wn_voices *v, int channel, int bend, change_list *out)
{
    v->channel[channel].bend = bend;
    v->bends += v->bend < 0 && bend != 0;
    for (int i = 0; i < v->n; i++)
        if (v->voice[i].channel == channel) list_add(out, i, v->bend, channel_get_bend(v, channel));
}

static void channel_reset(wn_voices *v, int channel, change_list *out)
{
    channel_set_pedal(v, channel, false, out);
    channel_set_bend(v, channel, 0, out);
    v->channel[channel].expression = FULL;
    v->channel[channel].parameter = WN_MIDI_NO_PARAMETER;
}

/* The range holds for the bend that is set, too. */
static void channel_set_parameter(wn_voices *v, const wn_midi_event *e, change_list *out)
{
    if (v->channel[e->channel].parameter != 0) return;
    if (e->number == WN_MIDI_DATA)
        v->channel[e->channel].bend_semitones = e->value;
    else
        v->channel[e->channel].bend_cents = e->value < 100 ? e->value : 99;
    channel_set_bend(v, e->channel, v->channel[e->channel].bend, out);
}

static void channel_choose_parameter(wn_voices *v, const wn_midi_event *e)
{
    int *parameter = &v->channel[e->channel].parameter;
    if (e->number == WN_MIDI_PARAMETER)
        *parameter = (*parameter & 0x7f) | e->value << 7;
    else
        *parameter = (*parameter & 0x3f80) | e->value;
}

static void handle_control(wn_voices *v, const wn_midi_event *e, change_list *out)
{
    switch (e->number) {
    case WN_MIDI_VOLUME: v->channel[e->channel].volume = e->value; break;
    case WN_MIDI_EXPRESSION: v->channel[e->channel].expression = e->value; break;
    case WN_MIDI_DATA:
    case WN_MIDI_DATA_FINE: channel_set_parameter(v, e, out); break;
    case WN_MIDI_PARAMETER:
    case WN_MIDI_PARAMETER_FINE: channel_choose_parameter(v, e); break;
    case WN_MIDI_OTHER:
    case WN_MIDI_OTHER_FINE: v->channel[e->channel].parameter = WN_MIDI_NO_PARAMETER; break;
    case WN_MIDI_SUSTAIN: channel_set_pedal(v, e->channel, e->value >= 64, out); break;
    case WN_MIDI_ALL_SOUND_OFF: channel_sound_off(v, e->channel, out); break;
    case WN_MIDI_RESET: channel_reset(v, e->channel, out); break;
    case WN_MIDI_ALL_NOTES_OFF: channel_notes_off(v, e->channel, out); break;
    default: break;
    }
}

int wn_voices_event(wn_voices *v, const wn_midi_event *e, wn_voice_change changes[WN_MAX_VOICE_CHANGES])
{
    change_list out = {.changes = changes};
    if (e->channel >= WN_MIDI_CHANNELS) return 0;
    if (e->channel == WN_MIDI_DRUMS) {
        v->drums += e->kind == WN_MIDI_NOTE_ON;
        return 0;
    }
    v->now++;
    switch (e->kind) {
    case WN_MIDI_NOTE_OFF: handle_note_off(v, e, &out); break;
    case WN_MIDI_NOTE_ON: handle_note_on(v, e, &out); break;
    case WN_MIDI_CONTROL: handle_control(v, e, &out); break;
    case WN_MIDI_PROGRAM: v->channel[e->channel].program = e->value & (WN_MIDI_PROGRAMS - 1); break;
    case WN_MIDI_BEND: channel_set_bend(v, e->channel, e->value, &out); break;
    default: break;
    }
    return out.n;
}

void wn_voices_set_instrument(wn_voices *voices, int choice) { voices->choice = choice; }

int wn_voices_set_tuning(wn_voices *v, double semitones, wn_voice_change changes[WN_MAX_VOICE_CHANGES])
{
    change_list out = {.changes = changes};
    v->tuning = semitones * v->semitone;
    for (int i = 0; i < v->n; i++)
        if (v->voice[i].channel >= 0) list_add(&out, i, v->bend, channel_get_bend(v, v->voice[i].channel));
    return out.n;
}

double wn_voices_gain(const wn_voices *v, int voice)
{
    int c = v->voice[voice].channel;
    if (c < 0) return 1;
    double level = v->channel[c].volume * v->channel[c].expression / (double)(FULL * FULL);
    return level * level;
}

int wn_voices_start(const wn_voices *v, wn_voice_change changes[WN_MAX_VOICE_CHANGES])
{
    change_list out = {.changes = changes};
    for (int i = 0; i < v->n; i++) list_add(&out, i, v->gate, 0);
    return out.n;
}

int wn_voices_release(wn_voices *v, wn_voice_change changes[WN_MAX_VOICE_CHANGES])
{
    change_list out = {.changes = changes};
    v->now++;
    for (int c = 0; c < WN_MIDI_CHANNELS; c++) v->channel[c].pedal = false;
    for (int i = 0; i < v->n; i++) voice_release(v, i, &out);
    return out.n;
}
