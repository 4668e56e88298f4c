/* SPDX-License-Identifier: MIT
 * suggestion.h - the known word that is nearest to one that is not known.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_CLI_SUGGESTION_H
#define WN_CLI_SUGGESTION_H

#include <stddef.h>

typedef struct wn_suggestion {
    const char *word; /* not known */
    int distance;     /* of `best`, in edits */
    char best[64];    /* "": nothing near so far */
} wn_suggestion;

/* Begin to look for words near `word`, which must outlive the suggestion. */
void wn_suggestion_start(wn_suggestion *suggestion, const char *word);

/* Keep `known` if it is nearer than those before. Near is one edit (insert, delete, replace, swap neighbours) per three
 * characters, or a beginning of two or more characters. Case counts for nothing. */
void wn_suggestion_consider(wn_suggestion *suggestion, const char *known);

/* "; did you mean BEFOREword?" into `text`, or "" if nothing was near. Returns `text`. */
const char *wn_suggestion_text(const wn_suggestion *suggestion, const char *before, char *text, size_t size);

#endif
