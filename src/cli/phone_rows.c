/* SPDX-License-Identifier: MIT
 * phone_rows.c - the rows of a sentence that the acoustic network of a voice takes.
 * Copyright (c) 2026 the wavenet authors */
#include "cli/phone_rows.h"

#include <math.h>
#include <string.h>

enum { PLACES = 8 };
#define PHONE_SECONDS 0.1
#define MAX_PHONE 3.0
#define PHRASE_SECONDS 2.0

int wn_phone_rows_get_channels(const wn_voice *voice) { return 3 * voice->n_phones + PLACES; }

static bool is_pause(const wn_phone_rows *r, int i) { return r->sentence->phones[i].phone == WN_VOICE_PAUSE; }

/* The phrase that begins with phone `first`: returns the phone after it. */
static int mark_phrase(wn_phone_rows *r, int first, bool is_first)
{
    int end = first;
    while (end < r->sentence->n && !is_pause(r, end)) end++;
    bool is_last = true;
    for (int i = end; i < r->sentence->n; i++) is_last = is_last && is_pause(r, i);
    for (int i = first; i < end; i++) {
        wn_phone_span *s = &r->spans[i];
        s->phrase_start = r->spans[first].start;
        s->phrase_end = r->spans[end - 1].end;
        s->first_phrase = is_first;
        s->last_phrase = is_last;
    }
    return end;
}

void wn_phone_rows_start(wn_phone_rows *rows, const wn_voice *voice, const wn_sentence *sentence, double seconds)
{
    double ms = 0;
    bool is_first = true;
    *rows = (wn_phone_rows){.voice = voice, .sentence = sentence, .seconds = seconds};
    for (int i = 0; i < sentence->n; i++) {
        rows->spans[i].start = ms / 1000;
        ms += sentence->phones[i].ms;
        rows->spans[i].end = ms / 1000;
    }
    for (int i = 0; i < sentence->n;) {
        if (is_pause(rows, i)) {
            i++;
            continue;
        }
        i = mark_phrase(rows, i, is_first);
        is_first = false;
    }
    rows->n = llround(ms / 1000 / seconds);
    if (rows->n < 1) rows->n = 1;
}

static int phone_at(const wn_phone_rows *r, int i)
{
    return i >= 0 && i < r->sentence->n ? r->sentence->phones[i].phone : WN_VOICE_PAUSE;
}

const wn_phone *wn_phone_rows_make(wn_phone_rows *rows, int64_t t, float *row)
{
    wn_phone_rows *r = rows;
    int n = r->voice->n_phones;
    double now = ((double)t + 0.5) * r->seconds;
    while (r->at + 1 < r->sentence->n && r->spans[r->at].end <= now) r->at++;
    const wn_phone_span *s = &r->spans[r->at];
    bool in_phrase = !is_pause(r, r->at);
    now = fmin(now, s->end);
    memset(row, 0, (size_t)wn_phone_rows_get_channels(r->voice) * sizeof *row);
    row[phone_at(r, r->at - 1)] = 1;
    row[n + phone_at(r, r->at)] = 1;
    row[2 * n + phone_at(r, r->at + 1)] = 1;
    float *place = row + 3 * n;
    place[0] = (float)((now - s->start) / (s->end - s->start));
    place[1] = (float)fmin((now - s->start) / PHONE_SECONDS, MAX_PHONE);
    place[2] = (float)fmin((s->end - now) / PHONE_SECONDS, MAX_PHONE);
    place[3] = (float)fmin((s->end - s->start) / PHONE_SECONDS, MAX_PHONE);
    place[4] = in_phrase ? (float)fmin((now - s->phrase_start) / PHRASE_SECONDS, 1) : 0;
    place[5] = in_phrase ? (float)fmin((s->phrase_end - now) / PHRASE_SECONDS, 1) : 0;
    place[6] = s->first_phrase ? 1 : 0;
    place[7] = s->last_phrase ? 1 : 0;
    return &r->sentence->phones[r->at];
}
