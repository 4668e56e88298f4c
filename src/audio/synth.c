/* SPDX-License-Identifier: MIT
 * synth.c - a generator model as an instrument: MIDI events in, the mix of its voices out.
 * Copyright (c) 2026 the wavenet authors */
#include "audio/synth.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "model/model.h"

enum { BLOCK = 1024 }; /* frames at a time; at most WN_ENSEMBLE_CHUNK */

struct wn_synth {
    wn_ensemble *ensemble; /* the caller's */
    wn_voices voices;
    bool heard[WN_VOICES_MOST]; /* has begun its first note */
    double gain;                /* a factor */
    int64_t dropped;            /* events of a queue that were lost and have been answered */
    float *rows;                /* [BLOCK][voices] */
    _Atomic int64_t notes, stolen, left_out; /* of `voices`, for other threads */
    atomic_int playing;
};

wn_status wn_synth_new(wn_synth **out, const wn_model *model, wn_ensemble *ensemble, double gain, wn_error *error)
{
    wn_voice_change changes[WN_VOICES_CHANGES];
    int voices = wn_ensemble_voices(ensemble);
    *out = NULL;
    wn_synth *s = calloc(1, sizeof *s);
    if (!s) return wn_fail(error, WN_ERROR_MEMORY, "synth", "out of memory");
    s->ensemble = ensemble;
    s->gain = gain;
    s->rows = calloc((size_t)voices * BLOCK, sizeof *s->rows);
    wn_status status = s->rows ? WN_OK : wn_fail(error, WN_ERROR_MEMORY, "synth", "out of memory");
    if (!status) status = wn_voices_init(&s->voices, model, voices, error);
    if (status) {
        wn_synth_free(s);
        return status;
    }
    int n = wn_voices_start(&s->voices, changes);
    for (int i = 0; i < n; i++)
        wn_conditioner_control(wn_ensemble_conditioner(ensemble, changes[i].voice), changes[i].control, changes[i].value);
    *out = s;
    return WN_OK;
}

void wn_synth_free(wn_synth *synth)
{
    if (!synth) return;
    free(synth->rows);
    free(synth);
}

/* ---- events --------------------------------------------------------------------------------------------------- */

static int count_playing(const wn_voices *v)
{
    int n = 0;
    for (int i = 0; i < v->n; i++) n += v->voice[i].state != WN_VOICE_RELEASED;
    return n;
}

static void apply(wn_synth *s, const wn_voice_change *changes, int n)
{
    const wn_voices *v = &s->voices;
    for (int i = 0; i < n; i++) {
        const wn_voice_change *c = &changes[i];
        wn_conditioner_control(wn_ensemble_conditioner(s->ensemble, c->voice), c->control, c->value);
        if (c->control == v->gate && c->value > 0) s->heard[c->voice] = true;
    }
    atomic_store_explicit(&s->notes, v->notes, memory_order_relaxed);
    atomic_store_explicit(&s->stolen, v->stolen, memory_order_relaxed);
    atomic_store_explicit(&s->left_out, v->drums + v->outside, memory_order_relaxed);
    atomic_store_explicit(&s->playing, count_playing(v), memory_order_relaxed);
}

void wn_synth_event(wn_synth *s, const wn_midi_event *event)
{
    wn_voice_change changes[WN_VOICES_CHANGES];
    apply(s, changes, wn_voices_event(&s->voices, event, changes));
}

void wn_synth_release(wn_synth *s)
{
    wn_voice_change changes[WN_VOICES_CHANGES];
    apply(s, changes, wn_voices_release(&s->voices, changes));
}

void wn_synth_follow(wn_synth *s, wn_midi_queue *queue, wn_synth_heard *heard, void *user)
{
    wn_midi_event event;
    int64_t dropped = wn_midi_queue_dropped(queue); /* asked before: what is lost from now on is answered the next time */
    for (int left = WN_MIDI_QUEUE_ROOM; left > 0 && wn_midi_queue_pop(queue, &event); left--) {
        int64_t notes = s->voices.notes;
        wn_synth_event(s, &event);
        if (heard && s->voices.notes > notes) heard(user, event.time);
    }
    if (dropped > s->dropped) wn_synth_release(s);
    s->dropped = dropped;
}

wn_synth_counts wn_synth_get_counts(const wn_synth *s)
{
    return (wn_synth_counts){.notes = atomic_load_explicit(&s->notes, memory_order_relaxed),
                             .stolen = atomic_load_explicit(&s->stolen, memory_order_relaxed),
                             .left_out = atomic_load_explicit(&s->left_out, memory_order_relaxed),
                             .playing = atomic_load_explicit(&s->playing, memory_order_relaxed)};
}

/* ---- sound ---------------------------------------------------------------------------------------------------- */

static void mix(const wn_synth *s, float *pcm, int frames)
{
    for (int t = 0; t < frames; t++) {
        double sum = 0;
        for (int v = 0; v < s->voices.n; v++)
            if (s->heard[v]) sum += s->rows[t * s->voices.n + v];
        pcm[t] = (float)(s->gain * sum);
    }
}

void wn_synth_run(wn_synth *s, float *pcm, int64_t frames)
{
    while (frames > 0) {
        int n = frames < BLOCK ? (int)frames : BLOCK;
        wn_ensemble_run(s->ensemble, n, s->rows, NULL);
        mix(s, pcm, n);
        pcm += n;
        frames -= n;
    }
}
