/* SPDX-License-Identifier: MIT
 * synth.c - a generator model as an instrument: MIDI events in, the mix of its voices out.
 * Copyright (c) 2026 the wavenet authors */
#include "play/synth.h"

#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "model/model.h"

enum { BLOCK = 1024 };  /* frames at a time; at most WN_VOICE_GROUP_CHUNK */
enum { SET = 5 };       /* controls that a note sets, the gate among them */
#define NEVER INT64_MAX
#define LONG_AGO (INT64_MIN / 2)
#define FALL 0.003      /* seconds that a note which still sounds takes to make room */
#define RISE 0.001      /* seconds that the next one on its voice takes to come up */
#define RINGS 0.02      /* seconds that a voice counts as sounding after it was last loud: half a period of the lowest key */
#define LOUD 0.001      /* of full scale */

/* A note that waits until the one before it on its voice has made room. Whatever is set meanwhile waits, too. */
typedef struct turn {
    int64_t at; /* frame, or NEVER: none waits */
    double when, gate;
    int n;
    struct {
        int control;
        double value;
    } set[SET];
} turn;

struct wn_synth {
    wn_voice_group *ensemble; /* the caller's */
    wn_voices voices;
    double gain;           /* a factor */
    int hop;               /* frames after which what is set has reached the network */
    int fall, rise, rings; /* frames */
    int64_t frame;         /* the next one */
    bool heard[WN_MAX_VOICES];      /* has begun its first note */
    int64_t loud[WN_MAX_VOICES];    /* frame at which it was last loud */
    int64_t changed[WN_MAX_VOICES]; /* frame of its last turn */
    turn turn[WN_MAX_VOICES];
    wn_synth_note_callback *begins;
    void *begins_user;
    int64_t dropped; /* events of a queue that were lost and have been answered */
    float *rows;     /* [BLOCK][voices] */
    _Atomic int64_t notes, stolen, left_out; /* of `voices`, for other threads */
    atomic_int playing;
};

/* ---- making --------------------------------------------------------------------------------------------------- */

static void set_times(wn_synth *s, const wn_model *model)
{
    double rate = model->sample_rate;
    s->hop = model->condition.source == WN_CONDITION_CONTROLS && model->condition.hop > 1 ? model->condition.hop : 1;
    s->fall = (int)ceil(FALL * rate);
    s->rise = (int)ceil(RISE * rate);
    s->rings = (int)ceil(RINGS * rate);
    for (int v = 0; v < WN_MAX_VOICES; v++) {
        s->loud[v] = s->changed[v] = LONG_AGO;
        s->turn[v].at = NEVER;
    }
}

wn_status wn_synth_new(wn_synth **out, const wn_model *model, wn_voice_group *ensemble, double gain, wn_error *error)
{
    wn_voice_change changes[WN_MAX_VOICE_CHANGES];
    int voices = wn_voice_group_get_voices(ensemble);
    *out = NULL;
    wn_synth *s = calloc(1, sizeof *s);
    if (!s) return wn_fail_memory(error, "synth");
    s->ensemble = ensemble;
    s->gain = gain;
    set_times(s, model);
    s->rows = calloc((size_t)voices * BLOCK, sizeof *s->rows);
    wn_status status = s->rows ? WN_OK : wn_fail_memory(error, "synth");
    if (!status) status = wn_voices_init(&s->voices, model, voices, error);
    if (status) {
        wn_synth_free(s);
        return status;
    }
    int n = wn_voices_start(&s->voices, changes);
    for (int i = 0; i < n; i++)
        wn_conditioner_set_control(wn_voice_group_get_conditioner(ensemble, changes[i].voice), changes[i].control, changes[i].value);
    *out = s;
    return WN_OK;
}

void wn_synth_free(wn_synth *synth)
{
    if (!synth) return;
    free(synth->rows);
    free(synth);
}

void wn_synth_set_note_callback(wn_synth *synth, wn_synth_note_callback *begins, void *user)
{
    synth->begins = begins;
    synth->begins_user = user;
}

/* ---- notes on voices that still sound --------------------------------------------------------------------------- */

/* A gate acts at once, what a note is like from the network's next hop on: in between, the old note's sound would go on at
 * the new one's pitch. So the note begins with a hop, when the old one has made room. */
static void wait_for_turn(wn_synth *s, int v)
{
    if (s->turn[v].at != NEVER) return;
    int64_t hops = (s->frame + s->fall + s->hop - 1) / s->hop;
    s->turn[v] = (turn){.at = hops * s->hop};
}

static bool sounds(const wn_synth *s, int v) { return s->frame - s->loud[v] < s->rings; }

static void set(wn_synth *s, int v, int control, double value)
{
    wn_conditioner_set_control(wn_voice_group_get_conditioner(s->ensemble, v), control, value);
}

static void begin(wn_synth *s, int v, double when)
{
    set(s, v, s->voices.gate, 1);
    s->heard[v] = true;
    if (s->begins) s->begins(s->begins_user, when);
}

/* The last of several values counts. */
static void keep(turn *t, int control, double value)
{
    int i = 0;
    while (i < t->n && t->set[i].control != control) i++;
    if (i == SET) return;
    t->set[i].control = control;
    t->set[i].value = value;
    if (i == t->n) t->n++;
}

static void take_turns(wn_synth *s)
{
    for (int v = 0; v < s->voices.n; v++) {
        turn *t = &s->turn[v];
        if (t->at > s->frame) continue;
        set(s, v, s->voices.gate, 0);
        for (int i = 0; i < t->n; i++) set(s, v, t->set[i].control, t->set[i].value);
        begin(s, v, t->when);
        if (t->gate <= 0) set(s, v, s->voices.gate, 0); /* it was over before it began */
        t->at = NEVER;
        s->changed[v] = s->frame;
    }
}

static int64_t next_turn(const wn_synth *s)
{
    int64_t next = NEVER;
    for (int v = 0; v < s->voices.n; v++) next = s->turn[v].at < next ? s->turn[v].at : next;
    return next;
}

/* ---- events --------------------------------------------------------------------------------------------------- */

static int count_playing(const wn_voices *v)
{
    int n = 0;
    for (int i = 0; i < v->n; i++) n += v->voice[i].state != WN_VOICE_RELEASED;
    return n;
}

static void count(wn_synth *s)
{
    const wn_voices *v = &s->voices;
    atomic_store_explicit(&s->notes, v->notes, memory_order_relaxed);
    atomic_store_explicit(&s->stolen, v->stolen, memory_order_relaxed);
    atomic_store_explicit(&s->left_out, v->drums + v->outside, memory_order_relaxed);
    atomic_store_explicit(&s->playing, count_playing(v), memory_order_relaxed);
}

static void change(wn_synth *s, const wn_voice_change *c, double when)
{
    turn *t = &s->turn[c->voice];
    bool is_gate = c->control == s->voices.gate;
    if (t->at != NEVER) {
        if (is_gate) t->gate = c->value;
        if (is_gate && c->value > 0) t->when = when;
        if (!is_gate) keep(t, c->control, c->value);
    } else if (is_gate && c->value > 0) {
        begin(s, c->voice, when);
    } else {
        set(s, c->voice, c->control, c->value);
    }
}

static void apply(wn_synth *s, const wn_voice_change *changes, int n, double when)
{
    for (int i = 0; i < n; i++)
        if (changes[i].control == s->voices.gate && changes[i].value > 0 && sounds(s, changes[i].voice))
            wait_for_turn(s, changes[i].voice);
    for (int i = 0; i < n; i++) change(s, &changes[i], when);
    count(s);
}

void wn_synth_event(wn_synth *s, const wn_midi_event *event)
{
    wn_voice_change changes[WN_MAX_VOICE_CHANGES];
    apply(s, changes, wn_voices_event(&s->voices, event, changes), event->time);
}

void wn_synth_release(wn_synth *s)
{
    wn_voice_change changes[WN_MAX_VOICE_CHANGES];
    apply(s, changes, wn_voices_release(&s->voices, changes), 0);
}

void wn_synth_run_queue(wn_synth *s, wn_midi_queue *queue)
{
    wn_midi_event event;
    int64_t dropped = wn_midi_queue_dropped(queue); /* asked before: what is lost from now on is answered the next time */
    for (int left = WN_MIDI_QUEUE_CAPACITY; left > 0 && wn_midi_queue_pop(queue, &event); left--) wn_synth_event(s, &event);
    if (dropped > s->dropped) wn_synth_release(s);
    s->dropped = dropped;
}

wn_synth_stats wn_synth_get_stats(const wn_synth *s)
{
    return (wn_synth_stats){.notes = atomic_load_explicit(&s->notes, memory_order_relaxed),
                             .stolen = atomic_load_explicit(&s->stolen, memory_order_relaxed),
                             .left_out = atomic_load_explicit(&s->left_out, memory_order_relaxed),
                             .playing = atomic_load_explicit(&s->playing, memory_order_relaxed)};
}

/* ---- sound ---------------------------------------------------------------------------------------------------- */

/* 1, but around a turn. */
static double gain_of(const wn_synth *s, int v, int64_t frame)
{
    int64_t risen = frame - s->changed[v], left = s->turn[v].at - frame;
    double gain = risen < s->rise ? (double)risen / s->rise : 1;
    return left < s->fall ? fmin(gain, (double)left / s->fall) : gain;
}

static void mix(wn_synth *s, float *pcm, int frames)
{
    for (int t = 0; t < frames; t++) {
        double sum = 0;
        for (int v = 0; v < s->voices.n; v++) {
            float x = s->rows[t * s->voices.n + v];
            if (!s->heard[v]) continue;
            if (fabsf(x) > LOUD) s->loud[v] = s->frame + t;
            sum += gain_of(s, v, s->frame + t) * x;
        }
        pcm[t] = (float)(s->gain * sum);
    }
}

void wn_synth_run(wn_synth *s, float *pcm, int64_t frames)
{
    while (frames > 0) {
        take_turns(s);
        int64_t left = next_turn(s) - s->frame, most = left < BLOCK ? left : BLOCK;
        int n = (int)(frames < most ? frames : most);
        wn_voice_group_run(s->ensemble, n, s->rows, NULL);
        mix(s, pcm, n);
        s->frame += n;
        pcm += n;
        frames -= n;
    }
}
