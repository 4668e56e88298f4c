/* SPDX-License-Identifier: MIT
 * phone_text.c - sentences as lines of phones: name, duration in ms and, where it is given, pitch in Hz.
 * Copyright (c) 2026 the wavenet authors */
#include "cli/phone_text.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"

enum { MAX_LINE = 256, MIN_HZ = 40, MAX_HZ = 600 };

bool wn_sentence_add(wn_sentence *sentence, int phone, double ms, double pitch)
{
    if (sentence->n == WN_SENTENCE_MAX_PHONES) return false;
    sentence->phones[sentence->n++] = (wn_phone){phone, ms, pitch};
    return true;
}

/* "before word after", of the line in hand. */
static wn_status fail_line(const wn_phone_reader *r, wn_error *error, const char *before, const char *word,
                           const char *after)
{
    char where[160];
    snprintf(where, sizeof where, "%.120s, line %ld", r->path, r->line);
    return wn_fail(error, WN_ERROR_FORMAT, where, "%s%.32s%s", before, word, after);
}

/* One line without its end and its comment; *over at the end of the file. */
static wn_status read_line(wn_phone_reader *r, char line[MAX_LINE], bool *over, wn_error *error)
{
    size_t n = 0;
    int c;
    r->line++;
    while ((c = getc(r->file)) != EOF && c != '\n') {
        if (c == 0) return fail_line(r, error, "holds a zero byte; text was expected", "", "");
        if (n == MAX_LINE - 1) return fail_line(r, error, "is too long for a phone", "", "");
        line[n++] = (char)c;
    }
    line[n] = 0;
    line[strcspn(line, "#\r")] = 0;
    *over = c == EOF && n == 0;
    if (ferror(r->file)) return wn_fail(error, WN_ERROR_FILE, r->path, "%s", strerror(errno));
    return WN_OK;
}

/* The next word of a line, ended by a zero; NULL: none. */
static char *next_word(char **at)
{
    char *word = *at + strspn(*at, " \t");
    if (!*word) return NULL;
    *at = word + strcspn(word, " \t");
    if (**at) *(*at)++ = 0;
    return word;
}

/* Whether `word` is a plain number within the limits. */
static bool parse_number(const char *word, double min, double max, double *out)
{
    char *end;
    if (!word || !isdigit((unsigned char)*word) || strpbrk(word, "xXpP")) return false;
    *out = strtod(word, &end);
    return *end == 0 && *out >= min && *out <= max;
}

static wn_status parse_phone(const wn_phone_reader *r, char *line, wn_sentence *sentence, wn_error *error)
{
    char *at = line, *name = next_word(&at), *ms = next_word(&at), *pitch = next_word(&at);
    double duration, hz = 0;
    int phone = wn_voice_find_phone(r->voice, name);
    if (phone < 0) return fail_line(r, error, "the voice has no phone \"", name, "\"");
    if (!parse_number(ms, WN_PHONE_MIN_MS, WN_PHONE_MAX_MS, &duration))
        return fail_line(r, error, "a duration of 5 to 10000 ms was expected after \"", name, "\"");
    if (pitch && !parse_number(pitch, MIN_HZ, MAX_HZ, &hz))
        return fail_line(r, error, "\"", pitch, "\" is no pitch of 40 to 600 Hz");
    if (pitch && next_word(&at)) return fail_line(r, error, "nothing was expected after the pitch \"", pitch, "\"");
    if (!wn_sentence_add(sentence, phone, duration, hz))
        return fail_line(r, error, "more than 4096 phones without an empty line, which ends a sentence", "", "");
    return WN_OK;
}

wn_status wn_phone_reader_next(wn_phone_reader *reader, wn_sentence *sentence, wn_error *error)
{
    char line[MAX_LINE];
    wn_status status = WN_OK;
    bool over = false, ended = false;
    sentence->n = 0;
    while (!status && !over && !ended) {
        status = read_line(reader, line, &over, error);
        if (status || over) continue;
        bool blank = !line[strspn(line, " \t")];
        if (!blank) status = parse_phone(reader, line, sentence, error);
        ended = blank && sentence->n > 0;
    }
    return status;
}

void wn_sentence_print(const wn_sentence *sentence, const wn_voice *voice, FILE *out)
{
    for (int i = 0; i < sentence->n; i++) {
        const wn_phone *p = &sentence->phones[i];
        fprintf(out, "%s %.15g", voice->phones[p->phone].name, p->ms);
        if (p->pitch > 0) fprintf(out, " %.15g", p->pitch);
        fputc('\n', out);
    }
    fputc('\n', out);
}
