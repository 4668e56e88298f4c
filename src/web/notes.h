/* SPDX-License-Identifier: MIT
 * notes.h - a model as an instrument, in the browser.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_WEB_NOTES_H
#define WN_WEB_NOTES_H

#include "web/web.h"

typedef struct wn_web_notes wn_web_notes;

/* An instrument for sound of `rate` Hz. It takes ownership of `model`, also on failure. `voices` notes at once; 0: as many as run
 * 1.25 times as fast as real time, measured. NULL on failure. */
wn_web_notes *wn_web_notes_new(wn_model *model, double rate, int voices) WN_WEB_EXPORT(notes_new);

/* NULL is allowed. */
void wn_web_notes_free(wn_web_notes *notes) WN_WEB_EXPORT(notes_free);

int wn_web_notes_voices(const wn_web_notes *notes) WN_WEB_EXPORT(notes_voices);

/* The lowest or highest key that the model plays. */
int wn_web_notes_key(const wn_web_notes *notes, bool highest) WN_WEB_EXPORT(notes_key);

/* The name of instrument `choice`, NULL beyond the last. */
const char *wn_web_notes_instrument(const wn_web_notes *notes, int choice) WN_WEB_EXPORT(notes_instrument);

/* Instrument of later notes; -1: by MIDI programs. */
void wn_web_notes_set_instrument(wn_web_notes *notes, int choice) WN_WEB_EXPORT(notes_set_instrument);

void wn_web_notes_set_tuning(wn_web_notes *notes, double semitones) WN_WEB_EXPORT(notes_set_tuning);

/* One MIDI message of `n` <= 3 bytes, before the next frame. Others are ignored. */
void wn_web_notes_send(wn_web_notes *notes, int n, int status, int first, int second) WN_WEB_EXPORT(notes_send);

/* Generate `frames` <= WN_WEB_BLOCK frames. The result is valid until the next call. */
const float *wn_web_notes_run(wn_web_notes *notes, int frames) WN_WEB_EXPORT(notes_run);

#endif
