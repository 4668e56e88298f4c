/* SPDX-License-Identifier: MIT
 * instrument.h - a synth at the rate of its host: MIDI events at frames of the host, sound at the host's rate.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_PLAY_INSTRUMENT_H
#define WN_PLAY_INSTRUMENT_H

#include "play/midi_message.h"
#include "play/synth.h"

/* One thread at a time. The output depends only on the events and on the frame at which each is sent. */
typedef struct wn_instrument wn_instrument;

/* Make an instrument of `voices` voices (0: as many as run `margin` times as fast as real time, measured, at most 8, and one at
 * least) of `model`, which must outlive it, for sound of `rate` Hz. WN_ERROR_UNSUPPORTED if the rates are different and no whole
 * numbers from 4000 to 768000, WN_ERROR_ARGUMENT if the model lacks the controls of notes. */
wn_status wn_instrument_new(wn_instrument **out, const wn_model *model, double rate, int voices, double margin,
                            wn_error *error);

/* NULL is allowed. */
void wn_instrument_free(wn_instrument *instrument);

int wn_instrument_get_voices(const wn_instrument *instrument);

/* Frames from an event to the sound that answers it: 0 where the rates agree. */
int wn_instrument_get_latency(const wn_instrument *instrument);

/* The synth, for events and settings, which take effect with the next sample of the model: the first one that is not before the
 * next frame. */
WN_REALTIME wn_synth *wn_instrument_get_synth(wn_instrument *instrument);

/* Generate the next `frames` >= 0 frames into `out`. */
WN_REALTIME void wn_instrument_run(wn_instrument *instrument, int frames, float *out);

#endif
