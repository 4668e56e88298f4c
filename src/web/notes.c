/* SPDX-License-Identifier: MIT
 * notes.c - a model as an instrument, in the browser.
 * Copyright (c) 2026 the wavenet authors */
#include "web/notes.h"

#include <stdlib.h>

#include "base/error.h"
#include "play/instrument.h"
#include "play/realtime_margin.h"

struct wn_web_notes {
    wn_model *model;
    wn_instrument *instrument;
    float out[WN_WEB_BLOCK];
};

wn_web_notes *wn_web_notes_new(wn_model *model, double rate, int voices)
{
    wn_web_notes *notes = calloc(1, sizeof *notes);
    if (!notes) {
        wn_model_free(model);
        wn_fail_memory(wn_web_failure(), NULL);
        return NULL;
    }
    notes->model = model;
    if (wn_instrument_new(&notes->instrument, model, rate, voices, WN_REALTIME_MARGIN, wn_web_failure())) {
        wn_web_notes_free(notes);
        return NULL;
    }
    return notes;
}

void wn_web_notes_free(wn_web_notes *notes)
{
    if (!notes) return;
    wn_instrument_free(notes->instrument);
    wn_model_free(notes->model);
    free(notes);
}

int wn_web_notes_voices(const wn_web_notes *notes) { return wn_instrument_get_voices(notes->instrument); }

int wn_web_notes_key(const wn_web_notes *notes, bool highest)
{
    wn_control key = wn_model_get_control(notes->model, wn_model_find_control(notes->model, "key"));
    return (int)(highest ? key.maximum : key.minimum);
}

const char *wn_web_notes_instrument(const wn_web_notes *notes, int choice)
{
    int index = wn_model_find_control(notes->model, "instrument");
    if (index < 0) return NULL;
    wn_control control = wn_model_get_control(notes->model, index);
    return choice >= 0 && choice < control.n_choices ? control.choices[choice] : NULL;
}

void wn_web_notes_set_instrument(wn_web_notes *notes, int choice)
{
    wn_synth_set_instrument(wn_instrument_get_synth(notes->instrument), choice);
}

void wn_web_notes_set_tuning(wn_web_notes *notes, double semitones)
{
    wn_synth_set_tuning(wn_instrument_get_synth(notes->instrument), semitones);
}

void wn_web_notes_send(wn_web_notes *notes, int n, int status, int first, int second)
{
    uint8_t bytes[] = {(uint8_t)status, (uint8_t)first, (uint8_t)second};
    wn_midi_event event;
    if (n < 1 || n > 3 || wn_midi_message_read(&event, bytes, (size_t)n) != WN_MIDI_ACCEPTED) return;
    wn_synth_event(wn_instrument_get_synth(notes->instrument), &event);
}

const float *wn_web_notes_run(wn_web_notes *notes, int frames)
{
    if (frames > 0 && frames <= WN_WEB_BLOCK) wn_instrument_run(notes->instrument, frames, notes->out);
    return notes->out;
}
