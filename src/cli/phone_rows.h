/* SPDX-License-Identifier: MIT
 * phone_rows.h - the rows of a sentence that the acoustic network of a voice takes.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_CLI_PHONE_ROWS_H
#define WN_CLI_PHONE_ROWS_H

#include "cli/phone_text.h"

/* Where a phone stands, in seconds from the start of the sentence. A phrase is what stands between pauses. */
typedef struct wn_phone_span {
    double start, end;
    double phrase_start, phrase_end;
    bool first_phrase, last_phrase; /* of the sentence; both false in a pause */
} wn_phone_span;

typedef struct wn_phone_rows {
    const wn_voice *voice;
    const wn_sentence *sentence;
    double seconds; /* from row to row */
    int64_t n;      /* rows of the sentence */
    int at;         /* phone of the row made last */
    wn_phone_span spans[WN_SENTENCE_MAX_PHONES];
} wn_phone_rows;

/* Columns of a row: the phone before, at and after it, one of n_phones each; share of the phone that is over; time since its
 * start, until its end, and its length, in tenths of a second up to 3; time since the start and until the end of the phrase, in
 * 2 s up to 1; 1 in the first, in the last phrase. */
int wn_phone_rows_get_channels(const wn_voice *voice);

/* Start with a sentence of at least one phone, which must stay as it is. */
void wn_phone_rows_start(wn_phone_rows *rows, const wn_voice *voice, const wn_sentence *sentence, double seconds);

/* Row t, one after another from 0, into row [channels]. Returns the phone that it is of. */
const wn_phone *wn_phone_rows_make(wn_phone_rows *rows, int64_t t, float *row);

#endif
