/* SPDX-License-Identifier: MIT
 * score.c - a whole MIDI file as control changes of voices, by the allocator that plays live.
 * Copyright (c) 2026 the wavenet authors */
#include "audio/score.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "model/model.h"

static wn_status append(wn_score *s, size_t *room, int64_t frame, const wn_voice_change *changes, int n, wn_error *error)
{
    if (s->n_events + (size_t)n > *room) {
        size_t wanted = 2 * *room + WN_VOICES_CHANGES;
        wn_score_event *grown = realloc(s->events, wanted * sizeof *grown);
        if (!grown) return wn_fail(error, WN_ERROR_MEMORY, "score", "out of memory");
        s->events = grown;
        *room = wanted;
    }
    for (int i = 0; i < n; i++)
        s->events[s->n_events++] = (wn_score_event){.frame = frame, .change = changes[i]};
    return WN_OK;
}

static void note_first(wn_score *s, const wn_voices *voices)
{
    for (size_t i = 0; i < s->n_events; i++) {
        const wn_score_event *e = &s->events[i];
        int64_t *first = &s->first[e->change.voice];
        if (e->change.control == voices->gate && e->change.value > 0 && e->frame < *first) *first = e->frame;
    }
}

static wn_status fill(wn_score *s, const wn_midi_file *file, wn_voices *voices, double rate, wn_error *error)
{
    wn_voice_change changes[WN_VOICES_CHANGES];
    size_t room = 0;
    wn_status status = append(s, &room, 0, changes, wn_voices_start(voices, changes), error);
    for (size_t i = 0; i < file->n_events && !status; i++) {
        int n = wn_voices_event(voices, &file->events[i], changes);
        status = append(s, &room, llround(file->events[i].time * rate), changes, n, error);
    }
    s->frames = llround(file->seconds * rate);
    if (!status) status = append(s, &room, s->frames, changes, wn_voices_release(voices, changes), error);
    for (int v = 0; v < WN_VOICES_MOST; v++) s->first[v] = INT64_MAX;
    note_first(s, voices);
    return status;
}

wn_status wn_score_new(wn_score **out, const wn_midi_file *file, wn_voices *voices, double rate, wn_error *error)
{
    *out = NULL;
    wn_score *s = calloc(1, sizeof *s);
    if (!s) return wn_fail(error, WN_ERROR_MEMORY, "score", "out of memory");
    wn_status status = fill(s, file, voices, rate, error);
    if (status)
        wn_score_free(s);
    else
        *out = s;
    return status;
}

void wn_score_free(wn_score *score)
{
    if (!score) return;
    free(score->events);
    free(score);
}
