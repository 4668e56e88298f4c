/* SPDX-License-Identifier: MIT
 * synth.h - a generator model as an instrument: MIDI events in, the mix of its voices out.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_PLAY_SYNTH_H
#define WN_PLAY_SYNTH_H

#include "play/midi_queue.h"
#include "play/voice_group.h"
#include "play/voices.h"

/* One thread at a time. The output depends only on the events and on the frame at which each is sent: live or from a
 * file, for any block sizes and any number of threads, the samples are the same. */
typedef struct wn_synth wn_synth;

typedef struct wn_synth_stats {
    int64_t notes;    /* played so far */
    int64_t stolen;   /* notes cut short so far because another needed the voice */
    int64_t left_out; /* notes not played so far: drums, and keys outside the model's range */
    int playing;      /* voices whose gate is on */
} wn_synth_stats;

/* A synth that plays the voices of `group`, which the caller owns and which must outlive the synth. Their sum is
 * multiplied by `gain`. WN_ERROR_ARGUMENT if the model lacks the control key or gate. */
wn_status wn_synth_new(wn_synth **out, const wn_model *model, wn_voice_group *group, double gain, wn_error *error);

/* NULL is allowed. */
void wn_synth_free(wn_synth *synth);

/* Called when a note starts, with the time of its event, on the thread that runs the synth. */
typedef void wn_synth_note_callback(void *user, double when);
void wn_synth_set_note_callback(wn_synth *synth, wn_synth_note_callback *callback, void *user);

/* Apply an event before the next frame. If the voice of a new note still sounds, the old sound first fades out for 3 ms
 * and up to the next hop of the model's controls. */
WN_REALTIME void wn_synth_event(wn_synth *synth, const wn_midi_event *event);

/* Release every key and pedal. */
WN_REALTIME void wn_synth_release(wn_synth *synth);

/* As wn_synth_release, before the next frame that is generated. Any thread. */
WN_REALTIME void wn_synth_request_release(wn_synth *synth);

/* As wn_voices_set_instrument and wn_voices_set_tuning, before the next frame. */
WN_REALTIME void wn_synth_set_instrument(wn_synth *synth, int choice);
WN_REALTIME void wn_synth_set_tuning(wn_synth *synth, double semitones);

/* Apply the events waiting in `queue`. If the queue has dropped events, all notes are released, because a dropped event
 * may have been a note-off. */
WN_REALTIME void wn_synth_run_queue(wn_synth *synth, wn_midi_queue *queue);

/* Generate pcm [frames]: the sum of all voices times the gain. A voice is mixed in from its first note on, because the
 * output of a model whose gate was never on is undefined. Real-time safe if the group has one thread. */
void wn_synth_run(wn_synth *synth, float *pcm, int64_t frames);

/* Any thread. */
wn_synth_stats wn_synth_get_stats(const wn_synth *synth);

#endif
