/* SPDX-License-Identifier: MIT
 * midi_queue.h - a lock-free queue of MIDI events between one thread that receives and one that plays.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_PLAY_MIDI_QUEUE_H
#define WN_PLAY_MIDI_QUEUE_H

#include <stdbool.h>

#include "play/midi_message.h"

enum { WN_MIDI_QUEUE_CAPACITY = 1024 }; /* events; a MIDI cable carries about that many per second */

typedef struct wn_midi_queue wn_midi_queue;

wn_status wn_midi_queue_new(wn_midi_queue **out, wn_error *error);

/* Both threads must have stopped using the queue. NULL is allowed. */
void wn_midi_queue_free(wn_midi_queue *queue);

/* Receiving thread: append an event. Returns false if the queue is full; the event is then dropped and counted. */
WN_REALTIME bool wn_midi_queue_push(wn_midi_queue *queue, const wn_midi_event *event);

/* Playing thread: remove the oldest event. Returns false if the queue is empty. */
WN_REALTIME bool wn_midi_queue_pop(wn_midi_queue *queue, wn_midi_event *event);

/* Number of events dropped so far. Any thread. A dropped event may have been a note-off, so the playing thread should
 * release all notes when the number rises. */
WN_REALTIME int64_t wn_midi_queue_dropped(const wn_midi_queue *queue);

#endif
