/* SPDX-License-Identifier: MIT
 * synth.h - a generator model as an instrument: MIDI events in, the mix of its voices out.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_PLAY_SYNTH_H
#define WN_PLAY_SYNTH_H

#include "play/voice_group.h"
#include "play/midi_queue.h"
#include "play/voices.h"

/* One thread at a time. What it plays depends on the events and the frames they come before, on nothing else: live and
 * from a file, in pieces of any length and on any number of threads, the samples are the same. */
typedef struct wn_synth wn_synth;

typedef struct wn_synth_stats {
    int64_t notes, stolen, left_out; /* so far: played, of those cut short, and not played (drums, keys outside) */
    int playing;                     /* voices whose gate is on */
} wn_synth_stats;

/* For the voices of `ensemble`, which stays the caller's and must outlive it; their mix is multiplied by `gain`. The model
 * needs the controls key and gate. */
wn_status wn_synth_new(wn_synth **out, const wn_model *model, wn_voice_group *ensemble, double gain, wn_error *error);
void wn_synth_free(wn_synth *synth);

/* Told of each note when it begins, with the time of its event. */
typedef void wn_synth_note_callback(void *user, double when);
void wn_synth_set_note_callback(wn_synth *synth, wn_synth_note_callback *begins, void *user);

/* Before the next frame. A note whose voice still sounds waits until what sounds there has faded, for 3 ms and up to the
 * next hop of the model's controls. */
WN_REALTIME void wn_synth_event(wn_synth *synth, const wn_midi_event *event);

/* Let go of every key and pedal. */
WN_REALTIME void wn_synth_release(wn_synth *synth);

/* Play what waits in `queue`. Where events were lost, everything is let go: one of them may have been the end of a note. */
WN_REALTIME void wn_synth_run_queue(wn_synth *synth, wn_midi_queue *queue);

/* pcm [frames]: the sum of all voices, times the gain. A voice is heard from its first note on: what a model makes of a gate
 * that was never on is no part of the music. With one thread it is as WN_REALTIME asks. */
void wn_synth_run(wn_synth *synth, float *pcm, int64_t frames);

/* Any thread. */
wn_synth_stats wn_synth_get_stats(const wn_synth *synth);

#endif
