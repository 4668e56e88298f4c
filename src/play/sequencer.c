/* SPDX-License-Identifier: MIT
 * sequencer.c - MIDI sequencer: plays a MIDI file on a synth, sample-accurately.
 * Copyright (c) 2026 the wavenet authors */
#include "play/sequencer.h"

#include <math.h>
#include <stdlib.h>

#include "model/model.h"

struct wn_sequencer {
    wn_midi_file *file;
    double rate;   /* Hz */
    int64_t frame; /* next frame to play */
    size_t next;   /* next event; n_events: the end of the file; n_events + 1: the end has been played */
};

wn_status wn_sequencer_new(wn_sequencer **out, wn_midi_file *file, double rate, wn_error *error)
{
    wn_sequencer *s = *out = calloc(1, sizeof *s);
    if (s) {
        s->file = file;
        s->rate = rate;
        return WN_OK;
    }
    wn_midi_file_free(file);
    return wn_fail_memory(error, "sequencer");
}

wn_status wn_sequencer_load(wn_sequencer **out, const char *path, double rate, wn_error *error)
{
    wn_midi_file *file;
    *out = NULL;
    wn_status status = wn_midi_file_load(&file, path, error);
    return status ? status : wn_sequencer_new(out, file, rate, error);
}

const char *wn_sequencer_note(const wn_sequencer *sequencer) { return sequencer->file->note; }

void wn_sequencer_free(wn_sequencer *sequencer)
{
    if (!sequencer) return;
    wn_midi_file_free(sequencer->file);
    free(sequencer);
}

void wn_sequencer_dry_run(const wn_sequencer *sequencer, wn_voices *voices)
{
    wn_voice_change changes[WN_MAX_VOICE_CHANGES];
    for (size_t i = 0; i < sequencer->file->n_events; i++)
        wn_voices_event(voices, &sequencer->file->events[i], changes);
}

void wn_sequencer_start(wn_sequencer *sequencer)
{
    sequencer->frame = 0;
    sequencer->next = 0;
}

int64_t wn_sequencer_frames(const wn_sequencer *sequencer)
{
    return llround(sequencer->file->seconds * sequencer->rate);
}

/* Frame of the next event. */
static int64_t next_event_frame(const wn_sequencer *s)
{
    if (s->next > s->file->n_events) return INT64_MAX;
    return s->next < s->file->n_events ? llround(s->file->events[s->next].time * s->rate) : wn_sequencer_frames(s);
}

/* Send the synth the events of the next frame; the end of the file releases all notes. */
static void send_due_events(wn_sequencer *s, wn_synth *synth)
{
    for (; next_event_frame(s) <= s->frame; s->next++) {
        if (s->next < s->file->n_events)
            wn_synth_event(synth, &s->file->events[s->next]);
        else
            wn_synth_release(synth);
    }
}

void wn_sequencer_run(wn_sequencer *s, wn_synth *synth, float *pcm, int64_t frames)
{
    while (frames > 0) {
        send_due_events(s, synth);
        int64_t left = next_event_frame(s) - s->frame, n = left < frames ? left : frames;
        wn_synth_run(synth, pcm, n);
        s->frame += n;
        pcm += n;
        frames -= n;
    }
}
