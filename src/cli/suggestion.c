/* SPDX-License-Identifier: MIT
 * suggestion.c - the known word that is nearest to one that is not known.
 * Copyright (c) 2026 the wavenet authors */
#include "cli/suggestion.h"

#include <ctype.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { MAX_WORD = 63, MIN_BEGINNING = 2 };

static int min_of(int a, int b) { return a < b ? a : b; }

static bool is_same(char a, char b) { return tolower((unsigned char)a) == tolower((unsigned char)b); }

/* Edits from a to b where a swap of two neighbours is one edit (optimal string alignment). */
static int edit_distance(const char *a, const char *b)
{
    int rows[3][MAX_WORD + 2], n = (int)strlen(b);
    for (int j = 0; j <= n; j++) rows[0][j] = j;
    int i = 1;
    for (; a[i - 1]; i++) {
        int *now = rows[i % 3], *last = rows[(i + 2) % 3], *before = rows[(i + 1) % 3];
        now[0] = i;
        for (int j = 1; j <= n; j++) {
            now[j] = min_of(min_of(now[j - 1], last[j]) + 1, last[j - 1] + !is_same(a[i - 1], b[j - 1]));
            if (i > 1 && j > 1 && is_same(a[i - 1], b[j - 2]) && is_same(a[i - 2], b[j - 1]))
                now[j] = min_of(now[j], before[j - 2] + 1);
        }
    }
    return rows[(i - 1) % 3][n];
}

void wn_suggestion_start(wn_suggestion *suggestion, const char *word)
{
    *suggestion = (wn_suggestion){.word = word, .distance = INT_MAX};
}

void wn_suggestion_consider(wn_suggestion *s, const char *known)
{
    size_t n = strlen(s->word), length = strlen(known);
    if (!n || n > MAX_WORD || !length || length > MAX_WORD) return;
    bool begins = n >= MIN_BEGINNING && strncasecmp(known, s->word, n) == 0;
    int distance = begins ? 1 : edit_distance(s->word, known);
    int near = (int)(n > 3 ? n / 3 : 1);
    if (distance > near || distance >= s->distance) return;
    s->distance = distance;
    snprintf(s->best, sizeof s->best, "%s", known);
}

const char *wn_suggestion_text(const wn_suggestion *s, const char *before, char *text, size_t size)
{
    text[0] = 0;
    if (*s->best) snprintf(text, size, "; did you mean %s%s?", before, s->best);
    return text;
}
