/* SPDX-License-Identifier: MIT
 * sequencer.c - a MIDI file, played to a synth sample by sample.
 * Copyright (c) 2026 the wavenet authors */
#include "play/sequencer.h"

#include <math.h>
#include <stdlib.h>

#include "model/model.h"

struct wn_sequencer {
    wn_midi_file *file;
    double rate;   /* Hz */
    int64_t frame; /* the next one */
    size_t next;   /* event; n_events: the end of the file, beyond: nothing more */
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
    return wn_fail_memory(error, "song");
}

wn_status wn_sequencer_load(wn_sequencer **out, const char *path, double rate, wn_error *error)
{
    wn_midi_file *file;
    *out = NULL;
    wn_status status = wn_midi_file_load(&file, path, error);
    return status ? status : wn_sequencer_new(out, file, rate, error);
}

void wn_sequencer_free(wn_sequencer *song)
{
    if (!song) return;
    wn_midi_file_free(song->file);
    free(song);
}

void wn_sequencer_dry_run(const wn_sequencer *song, wn_voices *voices)
{
    wn_voice_change changes[WN_MAX_VOICE_CHANGES];
    for (size_t i = 0; i < song->file->n_events; i++) wn_voices_event(voices, &song->file->events[i], changes);
}

void wn_sequencer_start(wn_sequencer *song)
{
    song->frame = 0;
    song->next = 0;
}

int64_t wn_sequencer_frames(const wn_sequencer *song) { return llround(song->file->seconds * song->rate); }

static int64_t next_frame(const wn_sequencer *s)
{
    if (s->next > s->file->n_events) return INT64_MAX;
    return s->next < s->file->n_events ? llround(s->file->events[s->next].time * s->rate) : wn_sequencer_frames(s);
}

/* What is due at the next frame. */
static void play_due(wn_sequencer *s, wn_synth *synth)
{
    for (; next_frame(s) <= s->frame; s->next++) {
        if (s->next < s->file->n_events)
            wn_synth_event(synth, &s->file->events[s->next]);
        else
            wn_synth_release(synth);
    }
}

void wn_sequencer_run(wn_sequencer *s, wn_synth *synth, float *pcm, int64_t frames)
{
    while (frames > 0) {
        play_due(s, synth);
        int64_t left = next_frame(s) - s->frame, n = left < frames ? left : frames;
        wn_synth_run(synth, pcm, n);
        s->frame += n;
        pcm += n;
        frames -= n;
    }
}
