/* SPDX-License-Identifier: MIT
 * midi_input.h - keyboards and other programs that play live, through rtmidi.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_AUDIO_MIDI_INPUT_H
#define WN_AUDIO_MIDI_INPUT_H

#include "play/midi_queue.h"

/* What can be listened to, at one moment; one system (as ALSA, JACK) after the other. */
typedef struct wn_midi_input_list {
    int n;
    struct {
        char *name;
        const char *system; /* of static storage */
        unsigned index;     /* within its system */
        int api;            /* rtmidi's number of it */
    } *port;
} wn_midi_input_list;

/* A machine without any gives a list of none. The system's MIDI libraries may print on stderr, here and below.
 * wn_midi_input_list_free afterwards, also after a failure. */
wn_status wn_midi_input_list_read(wn_midi_input_list *out, wn_error *error);
void wn_midi_input_list_free(wn_midi_input_list *ports);

/* A port that is listened to. Its events wait in a queue, with the time of their arrival. */
typedef struct wn_midi_input wn_midi_input;

/* Listen to the port that `wish` gives by its number in the list, its name or a part of it. NULL or "": the first one that
 * something plays on, or, where there is none, a port of our own, which others can connect to. */
wn_status wn_midi_input_open(wn_midi_input **out, const char *wish, wn_error *error);

/* Neither thread may use its queue any more. NULL is allowed. */
void wn_midi_input_close(wn_midi_input *port);

const char *wn_midi_input_name(const wn_midi_input *port);
const char *wn_midi_input_system(const wn_midi_input *port);

/* 1: a port of our own, on which nothing plays as long as nobody connects to it. */
int wn_midi_input_is_own(const wn_midi_input *port);

/* From which one thread may take events. */
wn_midi_queue *wn_midi_input_queue(wn_midi_input *port);

/* Messages received so far, and those of them that were broken. */
int64_t wn_midi_input_received(const wn_midi_input *port);
int64_t wn_midi_input_broken(const wn_midi_input *port);

#endif
