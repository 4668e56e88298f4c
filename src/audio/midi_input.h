/* SPDX-License-Identifier: MIT
 * midi_input.h - MIDI input from keyboards and other programs, through rtmidi.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_AUDIO_MIDI_INPUT_H
#define WN_AUDIO_MIDI_INPUT_H

#include <stdbool.h>

#include "play/midi_queue.h"

/* A snapshot of the MIDI ports that send, grouped by system (ALSA, JACK). */
typedef struct wn_midi_input_list {
    int n;
    struct {
        char *name;
        const char *system; /* static storage */
        unsigned index;     /* within its system */
        int api;            /* rtmidi's number of the system */
    } * port;
} wn_midi_input_list;

/* List the ports; a machine without MIDI gives an empty list. The system's MIDI libraries may print on stderr, here and
 * in wn_midi_input_open. Call wn_midi_input_list_free afterwards, also after a failure. */
wn_status wn_midi_input_list_read(wn_midi_input_list *out, wn_error *error);
void wn_midi_input_list_free(wn_midi_input_list *ports);

/* An opened port. Its events go to a queue, with the time of their arrival. */
typedef struct wn_midi_input wn_midi_input;

/* Open the port that `query` names by its number in the list, its name or a part of its name. NULL or "": the first
 * port other than ALSA's loopback or, if there is none, a virtual port that other programs can connect to. */
wn_status wn_midi_input_open(wn_midi_input **out, const char *query, wn_error *error);

/* The reader of the queue must have stopped. NULL is allowed. */
void wn_midi_input_close(wn_midi_input *port);

/* Names of the port and of its system, owned by the port. */
const char *wn_midi_input_name(const wn_midi_input *port);
const char *wn_midi_input_system(const wn_midi_input *port);

/* Whether it is a virtual port, which is silent until another program connects to it. */
bool wn_midi_input_is_own(const wn_midi_input *port);

/* The queue of received events, owned by the port. One thread may read it. */
wn_midi_queue *wn_midi_input_queue(wn_midi_input *port);

/* Whether a keyboard that sends active sensing has fallen silent, as one that is unplugged does. True once each time; its keys
 * are to be released. To be polled by one thread. */
bool wn_midi_input_is_lost(wn_midi_input *port);

/* Number of messages received so far, but those of active sensing, and of malformed ones among them. Any thread. */
int64_t wn_midi_input_received(const wn_midi_input *port);
int64_t wn_midi_input_broken(const wn_midi_input *port);

#endif
