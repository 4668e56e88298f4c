/* SPDX-License-Identifier: MIT
 * song.c - a MIDI file, played to a synth sample by sample.
 * Copyright (c) 2026 the wavenet authors */
#include "audio/song.h"

#include <math.h>
#include <stdlib.h>

#include "model/model.h"

struct wn_song {
    wn_midi_file *file;
    double rate;   /* Hz */
    int64_t frame; /* the next one */
    size_t next;   /* event; n_events: the end of the file, beyond: nothing more */
};

wn_status wn_song_new(wn_song **out, wn_midi_file *file, double rate, wn_error *error)
{
    wn_song *s = *out = calloc(1, sizeof *s);
    if (s) {
        s->file = file;
        s->rate = rate;
        return WN_OK;
    }
    wn_midi_file_free(file);
    return wn_fail(error, WN_ERROR_MEMORY, "song", "out of memory");
}

wn_status wn_song_load(wn_song **out, const char *path, double rate, wn_error *error)
{
    wn_midi_file *file;
    *out = NULL;
    wn_status status = wn_midi_file_load(&file, path, error);
    return status ? status : wn_song_new(out, file, rate, error);
}

void wn_song_free(wn_song *song)
{
    if (!song) return;
    wn_midi_file_free(song->file);
    free(song);
}

void wn_song_rehearse(const wn_song *song, wn_voices *voices)
{
    wn_voice_change changes[WN_VOICES_CHANGES];
    for (size_t i = 0; i < song->file->n_events; i++) wn_voices_event(voices, &song->file->events[i], changes);
}

void wn_song_start(wn_song *song)
{
    song->frame = 0;
    song->next = 0;
}

int64_t wn_song_frames(const wn_song *song) { return llround(song->file->seconds * song->rate); }

static int64_t next_frame(const wn_song *s)
{
    if (s->next > s->file->n_events) return INT64_MAX;
    return s->next < s->file->n_events ? llround(s->file->events[s->next].time * s->rate) : wn_song_frames(s);
}

/* What is due at the next frame. */
static void play_due(wn_song *s, wn_synth *synth)
{
    for (; next_frame(s) <= s->frame; s->next++) {
        if (s->next < s->file->n_events)
            wn_synth_event(synth, &s->file->events[s->next]);
        else
            wn_synth_release(synth);
    }
}

void wn_song_run(wn_song *s, wn_synth *synth, float *pcm, int64_t frames)
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
