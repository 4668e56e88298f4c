/* SPDX-License-Identifier: MIT
 * russian_text.h - Russian text in UTF-8, checked, sentence by sentence.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_CLI_RUSSIAN_TEXT_H
#define WN_CLI_RUSSIAN_TEXT_H

#include <stdbool.h>
#include <stdio.h>

#include "wavenet/wavenet.h"

enum {
    WN_RUSSIAN_MAX_SENTENCE = 1024
}; /* bytes; longer ones are cut, at a blank if there is one after the first 600 */

typedef struct wn_russian_reader {
    const char *where; /* in messages */
    const char *text;  /* ended by a zero, or NULL */
    FILE *file;        /* borrowed, if there is no text */
    long long letters; /* and digits read so far */
    bool over;
} wn_russian_reader;

/* The next sentence that holds a letter or digit; "" at the end of the text. A sentence ends after one of . ! ? and an ellipsis
 * before a blank, at an empty line, and at the end. Errors: not UTF-8, a zero byte, a letter that is not Russian, and a text
 * without letters and digits. */
wn_status wn_russian_reader_next(wn_russian_reader *reader, char sentence[WN_RUSSIAN_MAX_SENTENCE], wn_error *error);

#endif
