/* SPDX-License-Identifier: MIT
 * phone_text.h - sentences as lines of phones: name, duration in ms and, where it is given, pitch in Hz.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_CLI_PHONE_TEXT_H
#define WN_CLI_PHONE_TEXT_H

#include <stdio.h>

#include "cli/voice_data.h"

enum { WN_SENTENCE_MAX_PHONES = 4096, WN_PHONE_MIN_MS = 5, WN_PHONE_MAX_MS = 10000 };

typedef struct wn_phone {
    int phone;    /* number in the voice */
    double ms;    /* duration */
    double pitch; /* Hz; 0: the network's */
} wn_phone;

typedef struct wn_sentence {
    int n;
    wn_phone phones[WN_SENTENCE_MAX_PHONES];
} wn_sentence;

/* Append a phone; false if the sentence is full. */
bool wn_sentence_add(wn_sentence *sentence, int phone, double ms, double pitch);

typedef struct wn_phone_reader {
    const char *path; /* in messages */
    FILE *file;       /* borrowed */
    const wn_voice *voice;
    long line;
} wn_phone_reader;

/* The next sentence; 0 phones at the end of the file. A sentence ends with an empty line; # starts a comment. */
wn_status wn_phone_reader_next(wn_phone_reader *reader, wn_sentence *sentence, wn_error *error);

/* Print a sentence as that reader takes it, with an empty line after it. Errors stay with the stream. */
void wn_sentence_print(const wn_sentence *sentence, const wn_voice *voice, FILE *out);

#endif
