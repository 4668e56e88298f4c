/* SPDX-License-Identifier: MIT
 * synth.c - a generator model as an instrument: MIDI events in, the mix of its voices out.
 * Copyright (c) 2026 the wavenet authors */
#include "play/synth.h"

#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "model/model.h"

enum { BLOCK = 1024 };     /* frames per run of the voices, at most WN_VOICE_GROUP_CHUNK */
enum { MAX_SETTINGS = 5 }; /* controls that a note sets, including the gate */
#define NEVER INT64_MAX
#define LONG_AGO (INT64_MIN / 2)
#define FADE_OUT 0.003  /* seconds: fade of a stolen voice's old note */
#define FADE_IN 0.001   /* seconds: fade of the note that follows it */
#define RING_TIME 0.02  /* seconds a voice sounds after its last audible sample: half a period of the lowest key */
#define LEVEL_TIME 0.01 /* seconds from silence to full level, and back */
#define AUDIBLE 0.001   /* magnitude, of full scale */

/* A note that starts when the previous note on its voice has faded out. Controls set in the meantime are kept for
 * it. */
typedef struct pending_note {
    int64_t at;        /* frame at which it starts; NEVER: no pending note */
    double when, gate; /* time of its event in seconds; the gate's latest value */
    int n_settings;
    struct {
        int control;
        double value;
    } settings[MAX_SETTINGS];
} pending_note;

struct wn_synth {
    wn_voice_group *group; /* owned by the caller */
    wn_voices voices;
    double gain;                         /* factor */
    int hop;                             /* frames between the network's readings of its controls */
    int fade_out, fade_in, ring_frames;  /* frames */
    int64_t frame;                       /* next frame to generate */
    bool started[WN_MAX_VOICES];         /* has started its first note */
    int64_t last_audible[WN_MAX_VOICES]; /* frame of its last audible sample */
    int64_t last_start[WN_MAX_VOICES];   /* frame at which its last pending note started */
    double level[WN_MAX_VOICES];         /* factor by the channel's volume, on its way to the one that is set */
    double level_step;                   /* per frame */
    pending_note pending[WN_MAX_VOICES];
    wn_synth_note_callback *note_callback;
    void *note_user;
    int64_t dropped;                         /* dropped events of the queue that have been handled */
    float *voice_pcm;                        /* [BLOCK][voices] */
    _Atomic int64_t notes, stolen, left_out; /* copies of the counters of `voices`, for other threads */
    atomic_int playing;
    atomic_bool release_requested; /* by any thread */
};

/* ---- construction ---------------------------------------------------------------------------------------------- */

static void init_timing(wn_synth *s, const wn_model *model)
{
    double rate = model->sample_rate;
    s->hop = model->condition.source == WN_CONDITION_CONTROLS && model->condition.hop > 1 ? model->condition.hop : 1;
    s->fade_out = (int)ceil(FADE_OUT * rate);
    s->fade_in = (int)ceil(FADE_IN * rate);
    s->ring_frames = (int)ceil(RING_TIME * rate);
    s->level_step = 1 / fmax(1, LEVEL_TIME * rate);
    for (int v = 0; v < WN_MAX_VOICES; v++) {
        s->level[v] = 1;
        s->last_audible[v] = s->last_start[v] = LONG_AGO;
        s->pending[v].at = NEVER;
    }
}

wn_status wn_synth_new(wn_synth **out, const wn_model *model, wn_voice_group *group, double gain, wn_error *error)
{
    wn_voice_change changes[WN_MAX_VOICE_CHANGES];
    int voices = wn_voice_group_get_voices(group);
    *out = NULL;
    wn_synth *s = calloc(1, sizeof *s);
    if (!s) return wn_fail_memory(error, "synth");
    s->group = group;
    s->gain = gain;
    init_timing(s, model);
    s->voice_pcm = calloc((size_t)voices * BLOCK, sizeof *s->voice_pcm);
    wn_status status = s->voice_pcm ? WN_OK : wn_fail_memory(error, "synth");
    if (!status) status = wn_voices_init(&s->voices, model, voices, error);
    if (status) {
        wn_synth_free(s);
        return status;
    }
    int n = wn_voices_start(&s->voices, changes);
    for (int i = 0; i < n; i++)
        wn_conditioner_set_control(wn_voice_group_get_conditioner(group, changes[i].voice), changes[i].control,
                                   changes[i].value);
    *out = s;
    return WN_OK;
}

void wn_synth_free(wn_synth *synth)
{
    if (!synth) return;
    free(synth->voice_pcm);
    free(synth);
}

void wn_synth_set_note_callback(wn_synth *synth, wn_synth_note_callback *note_callback, void *user)
{
    synth->note_callback = note_callback;
    synth->note_user = user;
}

/* ---- notes on voices that still sound -------------------------------------------------------------------------- */

/* Defer the next note of voice `v` to the first hop after the fade-out. The gate acts at once, but the other
 * controls act from the network's next hop on: a note that started between hops would continue the old sound at the
 * new pitch. */
static void defer_note(wn_synth *s, int v)
{
    if (s->pending[v].at != NEVER) return;
    int64_t hops = (s->frame + s->fade_out + s->hop - 1) / s->hop;
    s->pending[v] = (pending_note){.at = hops * s->hop};
}

static bool is_sounding(const wn_synth *s, int v) { return s->frame - s->last_audible[v] < s->ring_frames; }

static void voice_set_control(wn_synth *s, int v, int control, double value)
{
    wn_conditioner_set_control(wn_voice_group_get_conditioner(s->group, v), control, value);
}

static void voice_start_note(wn_synth *s, int v, double when)
{
    voice_set_control(s, v, s->voices.gate, 1);
    s->started[v] = true;
    s->level[v] = wn_voices_gain(&s->voices, v); /* what sounded before has faded out */
    if (s->note_callback) s->note_callback(s->note_user, when);
}

/* Keep a control's value for the pending note, replacing an earlier one. */
static void pending_note_set(pending_note *p, int control, double value)
{
    int i = 0;
    while (i < p->n_settings && p->settings[i].control != control) i++;
    if (i == MAX_SETTINGS) return;
    p->settings[i].control = control;
    p->settings[i].value = value;
    if (i == p->n_settings) p->n_settings++;
}

static void start_due_notes(wn_synth *s)
{
    for (int v = 0; v < s->voices.n; v++) {
        pending_note *p = &s->pending[v];
        if (p->at > s->frame) continue;
        voice_set_control(s, v, s->voices.gate, 0);
        for (int i = 0; i < p->n_settings; i++) voice_set_control(s, v, p->settings[i].control, p->settings[i].value);
        voice_start_note(s, v, p->when);
        if (p->gate <= 0) voice_set_control(s, v, s->voices.gate, 0); /* it was released before it started */
        p->at = NEVER;
        s->last_start[v] = s->frame;
    }
}

static int64_t next_pending_frame(const wn_synth *s)
{
    int64_t next = NEVER;
    for (int v = 0; v < s->voices.n; v++) next = s->pending[v].at < next ? s->pending[v].at : next;
    return next;
}

/* ---- events ---------------------------------------------------------------------------------------------------- */

static int count_playing(const wn_voices *v)
{
    int n = 0;
    for (int i = 0; i < v->n; i++) n += v->voice[i].state != WN_VOICE_RELEASED;
    return n;
}

static void publish_stats(wn_synth *s)
{
    const wn_voices *v = &s->voices;
    atomic_store_explicit(&s->notes, v->notes, memory_order_relaxed);
    atomic_store_explicit(&s->stolen, v->stolen, memory_order_relaxed);
    atomic_store_explicit(&s->left_out, v->drums + v->outside, memory_order_relaxed);
    atomic_store_explicit(&s->playing, count_playing(v), memory_order_relaxed);
}

static void apply_change(wn_synth *s, const wn_voice_change *c, double when)
{
    pending_note *p = &s->pending[c->voice];
    bool is_gate = c->control == s->voices.gate;
    if (p->at != NEVER) {
        if (is_gate) p->gate = c->value;
        if (is_gate && c->value > 0) p->when = when;
        if (!is_gate) pending_note_set(p, c->control, c->value);
    } else if (is_gate && c->value > 0) {
        voice_start_note(s, c->voice, when);
    } else {
        voice_set_control(s, c->voice, c->control, c->value);
    }
}

static void apply_changes(wn_synth *s, const wn_voice_change *changes, int n, double when)
{
    for (int i = 0; i < n; i++)
        if (changes[i].control == s->voices.gate && changes[i].value > 0 && is_sounding(s, changes[i].voice))
            defer_note(s, changes[i].voice);
    for (int i = 0; i < n; i++) apply_change(s, &changes[i], when);
    publish_stats(s);
}

void wn_synth_event(wn_synth *s, const wn_midi_event *event)
{
    wn_voice_change changes[WN_MAX_VOICE_CHANGES];
    apply_changes(s, changes, wn_voices_event(&s->voices, event, changes), event->time);
}

void wn_synth_release(wn_synth *s)
{
    wn_voice_change changes[WN_MAX_VOICE_CHANGES];
    apply_changes(s, changes, wn_voices_release(&s->voices, changes), 0);
}

void wn_synth_request_release(wn_synth *s) { atomic_store_explicit(&s->release_requested, true, memory_order_relaxed); }

void wn_synth_set_instrument(wn_synth *s, int choice) { wn_voices_set_instrument(&s->voices, choice); }

void wn_synth_set_tuning(wn_synth *s, double semitones)
{
    wn_voice_change changes[WN_MAX_VOICE_CHANGES];
    apply_changes(s, changes, wn_voices_set_tuning(&s->voices, semitones, changes), 0);
}

void wn_synth_run_queue(wn_synth *s, wn_midi_queue *queue)
{
    wn_midi_event event;
    int64_t dropped = wn_midi_queue_dropped(queue); /* read first: later losses are handled by the next call */
    for (int remaining = WN_MIDI_QUEUE_CAPACITY; remaining > 0 && wn_midi_queue_pop(queue, &event); remaining--)
        wn_synth_event(s, &event);
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

/* ---- sound ----------------------------------------------------------------------------------------------------- */

/* Gain of voice `v`: fades out before its pending note and in after it, otherwise 1. */
static double voice_gain(const wn_synth *s, int v, int64_t frame)
{
    int64_t elapsed = frame - s->last_start[v], remaining = s->pending[v].at - frame;
    double gain = elapsed < s->fade_in ? (double)elapsed / s->fade_in : 1;
    return remaining < s->fade_out ? fmin(gain, (double)remaining / s->fade_out) : gain;
}

/* The level of voice `v` at the next frame: changes of volume do not click. */
static double voice_level(wn_synth *s, int v)
{
    double wanted = wn_voices_gain(&s->voices, v);
    if (s->level[v] < wanted) s->level[v] = fmin(wanted, s->level[v] + s->level_step);
    if (s->level[v] > wanted) s->level[v] = fmax(wanted, s->level[v] - s->level_step);
    return s->level[v];
}

static void mix_voices(wn_synth *s, float *pcm, int frames)
{
    for (int t = 0; t < frames; t++) {
        double sum = 0;
        for (int v = 0; v < s->voices.n; v++) {
            float x = s->voice_pcm[t * s->voices.n + v];
            if (!s->started[v]) continue;
            if (fabsf(x) > AUDIBLE) s->last_audible[v] = s->frame + t;
            sum += voice_gain(s, v, s->frame + t) * voice_level(s, v) * x;
        }
        pcm[t] = (float)(s->gain * sum);
    }
}

void wn_synth_run(wn_synth *s, float *pcm, int64_t frames)
{
    if (atomic_exchange_explicit(&s->release_requested, false, memory_order_relaxed)) wn_synth_release(s);
    while (frames > 0) {
        start_due_notes(s);
        int64_t remaining = next_pending_frame(s) - s->frame, limit = remaining < BLOCK ? remaining : BLOCK;
        int n = (int)(frames < limit ? frames : limit);
        wn_voice_group_run(s->group, n, s->voice_pcm, NULL);
        mix_voices(s, pcm, n);
        s->frame += n;
        pcm += n;
        frames -= n;
    }
}
