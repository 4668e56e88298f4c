/* SPDX-License-Identifier: MIT
 * midi_queue.h - a lock-free queue of MIDI events between one thread that receives and one that plays.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_PLAY_MIDI_QUEUE_H
#define WN_PLAY_MIDI_QUEUE_H

#include "play/midi_message.h"

enum { WN_MIDI_QUEUE_CAPACITY = 1024 }; /* events; a cable carries that many in a second */

typedef struct wn_midi_queue wn_midi_queue;

wn_status wn_midi_queue_new(wn_midi_queue **out, wn_error *error);

/* Neither thread may use it any more. NULL is allowed. */
void wn_midi_queue_free(wn_midi_queue *queue);

/* Receiving thread: append. 0: there was no room; the event is dropped and counted. */
WN_REALTIME int wn_midi_queue_push(wn_midi_queue *queue, const wn_midi_event *event);

/* Playing thread: take the oldest. 0: there is none. */
WN_REALTIME int wn_midi_queue_pop(wn_midi_queue *queue, wn_midi_event *event);

/* Events dropped so far; any thread may ask. What was dropped may have been the end of a note: whoever plays should then
 * let go of all. */
WN_REALTIME int64_t wn_midi_queue_dropped(const wn_midi_queue *queue);

#endif
